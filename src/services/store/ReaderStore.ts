/**
 * Readers of the store's log: how far each has come, and what there is for them.
 */
import type { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { LoggedEvent } from "../../domain/PoolEvent.ts"
import type { TaskStateTag } from "../../domain/Task.ts"
import type { WorkId } from "../../domain/WorkId.ts"

/** Ends and reviews of the log, oldest first. */
export interface LogEnds {
  readonly events: ReadonlyArray<LoggedEvent>
  /** Everything up to this number has been looked at. */
  readonly seq: number
  /** Whether the log goes on after it. */
  readonly more: boolean
}

/** What is known of work that is still kept. */
export interface Kept {
  readonly state: TaskStateTag | "Reducing"
  /** What it is a part of. */
  readonly parent: string | null
}

export interface ReaderStore {
  /** The newest number that the log has given out; 0: none. */
  readonly newest: Effect.Effect<number, Failure>
  /** Up to where a reader has been shown everything; none: nobody has read by this name. */
  readonly seqOf: (name: string) => Effect.Effect<Option.Option<number>, Failure>
  /** Never goes back, and never beyond what the log has. */
  readonly acknowledge: (name: string, seq: number) => Effect.Effect<void, Failure>
  /** What has ended or came to its review after a number: at most so many, of a bounded piece of the log. */
  readonly ends: (since: number, limit: number) => Effect.Effect<LogEnds, Failure>
  /** Of these, those that have not been pruned. */
  readonly kept: (ids: ReadonlyArray<WorkId>) => Effect.Effect<ReadonlyMap<string, Kept>, Failure>
}
