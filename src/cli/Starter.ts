/**
 * Whoever has started this process and waits to be told that it is ready, or why it is not.
 */
import { Context, Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"

export const Starter = Context.Reference<{
  readonly ready: Effect.Effect<void>
  readonly failed: (failure: Failure) => Effect.Effect<void>
}>("claude-pool/cli/Starter", { defaultValue: () => ({ ready: Effect.void, failed: () => Effect.void }) })
