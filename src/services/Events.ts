/**
 * What happens in the pool, told to whoever listens now. What must not be missed is in the store's log.
 */
import { Context, Effect, Layer, PubSub, Stream } from "effect"
import type { PoolEvent } from "../domain/PoolEvent.ts"

/** A listener that reads slower than the pool works loses the oldest events it has not read. */
const backlog = 4096

export class Events extends Context.Service<Events, {
  readonly publish: (event: PoolEvent) => Effect.Effect<void>
  readonly stream: Stream.Stream<PoolEvent>
}>()("claude-pool/services/Events") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const hub = yield* Effect.acquireRelease(PubSub.sliding<PoolEvent>(backlog), PubSub.shutdown)
      return {
        publish: (event) => Effect.asVoid(PubSub.publish(hub, event)),
        stream: Stream.fromPubSub(hub)
      }
    })
  )
}
