/**
 * Why something did not work: the one error that crosses service boundaries.
 *
 * Its `reason` says which failure it was, out of one closed union that is the same in the store, in `--json`, in MCP
 * errors and in exit codes. Callers route on `reason._tag`, never on the text of `message`.
 */
import { type DateTime, Schema } from "effect"
import { EnvironmentReason } from "./EnvironmentFailure.ts"
import { LimitReason } from "./LimitFailure.ts"
import { RequestReason } from "./RequestFailure.ts"
import type { ReasonFacts } from "./RetryClass.ts"
import { SlotReason } from "./SlotFailure.ts"
import { WorkerReason } from "./WorkerFailure.ts"
import { WorkspaceReason } from "./WorkspaceFailure.ts"

/** Every way in which something does not work: one closed union, told apart by `_tag`. */
export const Reason = Schema.Union([
  ...EnvironmentReason.members,
  ...LimitReason.members,
  ...WorkerReason.members,
  ...SlotReason.members,
  ...WorkspaceReason.members,
  ...RequestReason.members
])
export type Reason = typeof Reason.Type

export class Failure extends Schema.TaggedError<Failure>()("Failure", {
  reason: Reason
}) implements ReasonFacts {
  override get message(): string {
    return this.reason.message
  }

  get hint(): string {
    return this.reason.hint
  }

  get retryClass() {
    return this.reason.retryClass
  }

  get exitCode() {
    return this.reason.exitCode
  }

  /** Whether the same request may well succeed if it is tried again. */
  get retryable(): boolean {
    return isRetryable(this.reason)
  }
}

/** Whether the same may work another time. */
export const isRetryable = (reason: Reason): boolean => reason.retryClass !== "never"

/** When trying again makes sense, where the provider has said so. */
export const resumeAt = (reason: Reason): DateTime.Utc | null => reason._tag === "UsageLimited" ? reason.resumeAt : null

/** `fail(new TimedOut({...}))`, as a failed effect: `return yield* fail(...)`. */
export const fail = (reason: Reason): Failure => new Failure({ reason })
