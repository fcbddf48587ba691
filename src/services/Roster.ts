/**
 * Who the slots are meant to be: the seats of the pool, which change while it runs. `Slots` opens and closes slots after
 * them; who sends messages to slots, or asks for roles, reads them here.
 */
import { Context, Effect, Layer, type Stream, SubscriptionRef } from "effect"
import type { Seat } from "../domain/SlotProfile.ts"

export class Roster extends Context.Service<Roster, {
  /** In the order of their numbers. */
  readonly seats: Effect.Effect<ReadonlyArray<Seat>>
  /** The same, for whoever cannot wait. */
  readonly now: () => ReadonlyArray<Seat>
  readonly update: (change: (seats: ReadonlyArray<Seat>) => ReadonlyArray<Seat>) => Effect.Effect<void>
  /** The seats as they are, and whenever they change. */
  readonly changes: Stream.Stream<ReadonlyArray<Seat>>
}>()("claude-pool/services/Roster") {
  static readonly layer = (seats: ReadonlyArray<Seat>) =>
    Layer.effect(
      this,
      Effect.map(SubscriptionRef.make(seats), (ref) => ({
        seats: SubscriptionRef.get(ref),
        now: () => SubscriptionRef.getUnsafe(ref),
        update: (change) => SubscriptionRef.update(ref, change),
        changes: SubscriptionRef.changes(ref)
      }))
    )
}
