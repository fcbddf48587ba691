/**
 * Failures by which a task is a danger to the slots that run it. Exit code 1.
 */
import { Schema } from "effect"
import { Bytes, roughBytes } from "./ByteSize.ts"
import type { ReasonFacts } from "./RetryClass.ts"
import { SlotId } from "./SlotId.ts"

/** A crash of a worker, as evidence. */
export const CrashEvidence = Schema.Struct({
  attempt: Schema.Int,
  slot: SlotId,
  reason: Schema.String,
  detail: Schema.String
})

/** Workers of two different slots crashed on it: it is kept from the others until somebody has looked at it. */
export class Quarantined extends Schema.TaggedError<Quarantined>()("Quarantined", {
  crashes: Schema.Array(CrashEvidence)
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    const [last] = this.crashes.slice(-1)
    return `workers of ${new Set(this.crashes.map(({ slot }) => slot)).size} slots crashed on it${
      last === undefined ? "" : `, last with: ${last.detail}`
    }`
  }
  get hint(): string {
    return "look at what the attempts said; `claude-pool retry` releases it, and runs it again"
  }
}

/** Its processes used more memory together than a slot may. */
export class MemoryExceeded extends Schema.TaggedError<MemoryExceeded>()("MemoryExceeded", {
  limit: Bytes,
  used: Bytes
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `stopped for its memory: its processes used ${roughBytes(this.used)} together, and may use ${
      roughBytes(this.limit)
    }`
  }
  get hint(): string {
    return "make the task smaller, have it run less at once, or raise --slot-memory"
  }
}

export const SlotReason = Schema.Union([Quarantined, MemoryExceeded])
