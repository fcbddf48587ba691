/**
 * What happens in the pool, as it happens. All but `Progressed` are also kept in the store, with a sequence number.
 */
import { Schema } from "effect"
import { Progress } from "./Progress.ts"
import { SlotId } from "./SlotId.ts"
import { TaskId } from "./TaskId.ts"

export const PoolEvent = Schema.TaggedUnion({
  Submitted: { id: TaskId },
  Started: { id: TaskId, attempt: Schema.Int, slot: SlotId },
  Progressed: { id: TaskId, progress: Progress },
  /** Waits again: after a failed attempt, or after the pool was ended. */
  Requeued: { id: TaskId, cause: Schema.String },
  Finished: { id: TaskId, state: Schema.Literals(["Done", "Failed", "Cancelled"]) }
})
export type PoolEvent = typeof PoolEvent.Type

/** An event of the store's log: the numbers rise and never come back. */
export const LoggedEvent = Schema.Struct({
  seq: Schema.Int,
  at: Schema.DateTimeUtcFromMillis,
  event: PoolEvent
})
export type LoggedEvent = typeof LoggedEvent.Type
