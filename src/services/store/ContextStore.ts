/**
 * The shared context of the store.
 */
import type { Effect, Option } from "effect"
import type { ContextEntry, ContextScope } from "../../domain/ContextEntry.ts"
import type { Failure } from "../../domain/Failure.ts"

export interface ContextStore {
  /** Keeps an entry, durably, in the place of an older one of its key. */
  readonly set: (entry: ContextEntry) => Effect.Effect<void, Failure>
  readonly get: (scope: ContextScope, key: string) => Effect.Effect<Option.Option<ContextEntry>, Failure>
  /** False where there was none. */
  readonly delete: (scope: ContextScope, key: string) => Effect.Effect<boolean, Failure>
  /** Those that have an entry. */
  readonly scopes: Effect.Effect<ReadonlyArray<ContextScope>, Failure>
  /** In the order of their keys. */
  readonly list: (scope: ContextScope) => Effect.Effect<ReadonlyArray<ContextEntry>, Failure>
}
