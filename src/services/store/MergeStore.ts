/**
 * The landings of the store.
 */
import type { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Merge, MergeId } from "../../domain/Merge.ts"

export interface MergeStore {
  /** Keeps a landing, durably, in the place of what was known of it. */
  readonly keep: (merge: Merge) => Effect.Effect<void, Failure>
  readonly find: (id: MergeId) => Effect.Effect<Option.Option<Merge>, Failure>
  /** All of them, the oldest first. */
  readonly all: Effect.Effect<ReadonlyArray<Merge>, Failure>
}
