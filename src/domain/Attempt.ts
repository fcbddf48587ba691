/**
 * One run of a task on one slot, kept for ever: what happened, and what it cost.
 */
import { Schema } from "effect"
import { Reason } from "./Failure.ts"
import { SessionId } from "./SessionId.ts"
import { SlotId } from "./SlotId.ts"
import { Spend } from "./Spend.ts"
import { TaskId } from "./TaskId.ts"

export const AttemptOutcome = Schema.TaggedUnion({
  Running: {},
  Completed: {},
  Failed: { reason: Reason },
  /** Not the task's doing: it is not counted as a try. */
  Interrupted: { by: Schema.Literals(["cancel", "shutdown", "crash"]) }
})
export type AttemptOutcome = typeof AttemptOutcome.Type

export class Attempt extends Schema.Class<Attempt>("claude-pool/Attempt")({
  task: TaskId,
  /** From 1, rising by one: also the fencing token of everything that the attempt reports. */
  number: Schema.Int,
  slot: SlotId,
  startedAt: Schema.DateTimeUtcFromMillis,
  finishedAt: Schema.NullOr(Schema.DateTimeUtcFromMillis),
  outcome: AttemptOutcome,
  session: Schema.NullOr(SessionId),
  model: Schema.NullOr(Schema.String),
  spend: Spend
}) {
  /** Whether the attempt counts against the task's tries: an interrupted one does not. */
  get isTry(): boolean {
    return this.outcome._tag !== "Interrupted"
  }
}
