/**
 * One look at one slot: at its worker, at a process that is not ready yet or does not leave, and at its memory.
 */
import { DateTime, Duration, Effect, Exit } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { HangMode, HealthRules, Suspicion, Usage } from "../../domain/Health.ts"
import { MemoryExceeded } from "../../domain/SlotFailure.ts"
import type { ClaudeCli } from "../ClaudeCli.ts"
import type { Processes } from "../Processes.ts"
import type { WatchedSlot } from "../Slots.ts"
import { makeWorkerHealth, type Patient } from "./WorkerHealth.ts"

export interface SlotWatchOptions {
  readonly rules: HealthRules
  /** What its processes may use together; null: as much as they like. */
  readonly memory: number | null
  readonly claude: ClaudeCli["Service"]
  readonly processes: Processes["Service"]
}

/** What is remembered of a slot from look to look. */
export interface SlotRecord {
  readonly patient: Patient | null
  /** A process without a worker: not one yet, or not any more; and since when it is seen so. */
  readonly without: { readonly mode: "no-start" | "lingering"; readonly since: number } | null
  /** Whether it has used too much memory when it was last looked at. */
  readonly isOver: boolean
  /** Whether there is more to see soon. */
  readonly isLively: boolean
  readonly usage: Usage | null
  readonly suspicion: Suspicion | null
}

export interface SlotLook {
  readonly slot: WatchedSlot
  /** Whether a process of it is being started. */
  readonly isStarting: boolean
  /** Null: it cannot be told here. */
  readonly usage: Usage | null
  readonly now: DateTime.Utc
  readonly before: SlotRecord | null
  /** How much of the time since the look before was lost to it, in milliseconds. */
  readonly heldUpMs: number
}

const seconds = (from: number, to: number): number => Math.round((to - from) / 1000)

/** A process of a slot that is in use, and no worker: it is not ready yet, or does not leave. */
const withoutOf = ({ before, heldUpMs, isStarting, now, slot, usage }: SlotLook): SlotRecord["without"] => {
  if (slot.worker !== null || usage === null || (!slot.isLent && !isStarting)) return null
  const mode = before?.patient != null && slot.isLent ? "lingering" : "no-start"
  const known = before?.without ?? null
  return known === null ? { mode, since: DateTime.toEpochMillis(now) } : { ...known, since: known.since + heldUpMs }
}

export const makeSlotWatch = ({ claude, memory, processes, rules }: SlotWatchOptions) => {
  const visit = makeWorkerHealth(claude, rules)
  const { finishing, starting } = rules.bounds

  const suspicionOf = (without: SlotRecord["without"], now: number): Suspicion | null => {
    if (without === null) return null
    const { mode, since } = without
    const after = mode === "lingering" ? finishing.suspicious : starting.suspicious
    if (now - since < Duration.toMillis(after)) return null
    const words: { readonly [K in typeof mode]: string } = {
      lingering: "it has ended its work, and does not leave",
      "no-start": "it is not ready"
    }
    return { mode: mode satisfies HangMode, since, detail: `${mode}: ${words[mode]} after ${seconds(since, now)}s` }
  }

  /** A start that fails so is told, and tried again, as every other. */
  const end = Effect.fnUntraced(function*({ home, id }: WatchedSlot, why: string) {
    yield* Effect.logWarning(`the processes of slot ${id} are ended: ${why}`)
    const all = yield* processes.marked(home.marker)
    yield* Effect.forEach(all, (one) => processes.signal(one, home.marker, "SIGKILL"), { discard: true })
  })

  const relieve = ({ isStarting, slot }: SlotLook, limit: number, used: number) => {
    const reason = new MemoryExceeded({ limit, used })
    if (slot.worker !== null) return slot.worker.conclude(Exit.fail(new Failure({ reason })))
    return slot.isLent || isStarting ? end(slot, reason.message) : slot.renew
  }

  return Effect.fnUntraced(function*(look: SlotLook): Effect.fn.Return<SlotRecord> {
    const { before, heldUpMs, slot, usage } = look
    const now = DateTime.toEpochMillis(look.now)
    const known = before?.patient ?? null
    const patient = slot.worker === null ? null : yield* visit({
      worker: slot.worker,
      now: look.now,
      usage,
      before: known?.worker === slot.worker ? known : null,
      heldUpMs
    })
    const without = withoutOf(look)
    const used = usage?.rssBytes ?? 0
    const isOver = memory !== null && used > memory
    if (isOver && before?.isOver === true && without?.mode !== "lingering") yield* relieve(look, memory, used)
    if (without?.mode === "no-start" && used > starting.memory) {
      yield* end(slot, "they use too much memory for a start")
    }
    return {
      patient,
      without,
      isOver,
      isLively: isOver || slot.worker !== null || slot.isLent || look.isStarting,
      usage,
      suspicion: patient?.suspicion ?? suspicionOf(without, now)
    }
  })
}
