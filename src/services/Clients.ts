/**
 * The other processes that are connected to the pool of this one, and whether more of them find it.
 */
import { Context, type Effect, type SubscriptionRef } from "effect"

export class Clients extends Context.Service<Clients, {
  /** How many there are now. */
  readonly count: SubscriptionRef.SubscriptionRef<number>
  /** From now on nobody else finds the pool; who is connected stays so. */
  readonly withdraw: Effect.Effect<void>
  /** It is found again. */
  readonly announce: Effect.Effect<void>
}>()("claude-pool/services/Clients") {}
