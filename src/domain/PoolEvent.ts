/**
 * What happens in the pool, as it happens. Most of it is also kept in the store, with a sequence number.
 */
import { Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { GroupId } from "./GroupId.ts"
import { HoldCause } from "./Hold.ts"
import { MergeId } from "./Merge.ts"
import { LineRange } from "./Overlap.ts"
import { Progress } from "./Progress.ts"
import { SlotId } from "./SlotId.ts"
import { TaskId } from "./TaskId.ts"

const Ending = Schema.Literals(["Done", "Failed", "Cancelled"])

export const PoolEvent = Schema.TaggedUnion({
  Submitted: { id: TaskId },
  Started: { id: TaskId, attempt: Schema.Int, slot: SlotId },
  Progressed: { id: TaskId, progress: Progress },
  /** Another piece of its worker's turns is kept. */
  Turned: { id: TaskId, seq: Schema.Int },
  /** What the worker itself says of its progress. */
  Reported: { id: TaskId, text: Schema.String },
  /** Waits again: after a failed attempt, after a rejection, or after the pool was ended. */
  Requeued: { id: TaskId, cause: Schema.String },
  /** There is a result that waits to be accepted. */
  Presented: { id: TaskId },
  Finished: { id: TaskId, state: Ending },
  /** A finished one was approved once more, for a target that has moved. */
  Renewed: { id: TaskId },
  GroupSubmitted: { id: GroupId, tasks: Schema.Int },
  GroupFinished: { id: GroupId, state: Ending },
  ChainSubmitted: { id: ChainId },
  StepStarted: { id: ChainId, step: Schema.String },
  StepFinished: { id: ChainId, step: Schema.String, state: Schema.Literals(["Done", "Failed", "Skipped"]) },
  ChainFinished: { id: ChainId, state: Ending },
  /** Two tasks that are worked on at the same time change the same lines, each on its branch. */
  Overlapped: { first: TaskId, second: TaskId, path: Schema.String, lines: Schema.NullOr(LineRange) },
  /** Branches have landed. */
  Merged: { id: MergeId, landed: Schema.Array(Schema.String), left: Schema.Array(Schema.String) },
  /** No more tasks are started. */
  Held: { cause: HoldCause, detail: Schema.String },
  /** For this cause they are started again. */
  Lifted: { cause: HoldCause },
  /** What was old of what is finished has been thrown away. */
  Pruned: {},
  /** The process that has the pool has gone, as a client of it knows: nothing is told before there is one again. */
  Lost: {},
  /** It is told again what happens; what has happened since the loss was not. */
  Found: {}
})
export type PoolEvent = typeof PoolEvent.Type

const passing: ReadonlySet<PoolEvent["_tag"]> = new Set([
  "Progressed",
  "Turned",
  "Reported",
  "Held",
  "Lifted",
  "Pruned",
  "Lost",
  "Found"
])

/** Whether it is kept in the store's log: it is not, where it only matters as long as it lasts. */
export const isLogged = ({ _tag }: PoolEvent): boolean => !passing.has(_tag)

/** An event of the store's log: the numbers rise and never come back. */
export const LoggedEvent = Schema.Struct({
  seq: Schema.Int,
  at: Schema.DateTimeUtcFromMillis,
  event: PoolEvent
})
export type LoggedEvent = typeof LoggedEvent.Type
