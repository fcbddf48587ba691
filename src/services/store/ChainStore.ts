/**
 * The chains of the store, each with its journal: what has been done once is found there, and not done again.
 */
import type { Effect, Option } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Spend } from "../../domain/Spend.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"

export interface ChainStore {
  /** Keeps a new chain, durably. If its key is known already, nothing is kept and the chain that has the key is returned. */
  readonly accept: (chain: Chain) => Effect.Effect<Chain, Failure>
  /** Applies one step, durably. Fails with `IllegalTransition` if the store does not hold the version before. */
  readonly commit: (
    change: { readonly chain: Chain; readonly event: PoolEvent }
  ) => Effect.Effect<void, Failure | IllegalTransition>
  readonly find: (id: ChainId) => Effect.Effect<Option.Option<Chain>, Failure>
  /** Every chain that has not ended, oldest first. */
  readonly open: Effect.Effect<ReadonlyArray<Chain>, Failure>
  /** Newest first; before a cursor, as the last page gave it. */
  readonly list: (page: { readonly cursor?: string; readonly limit: number }) => Effect.Effect<
    { readonly chains: ReadonlyArray<Chain>; readonly nextCursor: string | null },
    Failure
  >
  /** Puts what a step came to on record, durably, in the place of an older record of the same key. */
  readonly record: (
    id: ChainId,
    record: StepRecord,
    event: PoolEvent
  ) => Effect.Effect<void, Failure>
  /** What is on record, in the order in which it was recorded. */
  readonly journal: (id: ChainId) => Effect.Effect<ReadonlyArray<StepRecord>, Failure>
  /** Takes records back, so that their steps are run again. */
  readonly forget: (id: ChainId, keys: ReadonlyArray<string>) => Effect.Effect<void, Failure>
  /** The tasks of its steps, oldest first; not those of groups within it. */
  readonly tasks: (id: ChainId) => Effect.Effect<ReadonlyArray<Task>, Failure>
  /** What all of its tasks have cost, those of groups within it too. */
  readonly spent: (id: ChainId) => Effect.Effect<Spend, Failure>
}
