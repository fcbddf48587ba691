/**
 * One run of a task on one slot, kept as long as its task: what happened, and what it cost.
 */
import { type DateTime, Schema } from "effect"
import { Reason } from "./Failure.ts"
import { ModelCost } from "./ModelUsage.ts"
import { SessionId } from "./SessionId.ts"
import { SlotId } from "./SlotId.ts"
import { Spend } from "./Spend.ts"
import { TaskId } from "./TaskId.ts"

/** How it stands, or how it ended. */
export const AttemptOutcome = Schema.TaggedUnion({
  Running: {},
  Completed: {},
  /** `postponed`: by what all share, and not the task's doing either. */
  Failed: { reason: Reason, postponed: Schema.optionalKey(Schema.Literal(true)) },
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
  spend: Spend,
  /** The session that it goes on from: its own begins with a copy of that one. */
  resumes: Schema.optionalKey(SessionId),
  /** Its answer was found in its session after the pool had been killed. */
  recovered: Schema.optionalKey(Schema.Literal(true)),
  /** What its models have cost, where the CLI has said so: the prices of what was never said are found out from it. */
  costs: Schema.optionalKey(Schema.Array(ModelCost))
}) {
  /** From when on its session is its own; undefined: from the beginning. */
  get ownFrom(): DateTime.Utc | undefined {
    return this.resumes === undefined ? undefined : this.startedAt
  }

  /** Whether the attempt counts against the task's tries: an interrupted or postponed one does not. */
  get isTry(): boolean {
    return this.outcome._tag !== "Interrupted" && !(this.outcome._tag === "Failed" && this.outcome.postponed === true)
  }
}
