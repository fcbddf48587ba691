/**
 * Holds work back while the store takes no writes: what cannot be put on record is not begun.
 */
import { Effect, Layer, Stream } from "effect"
import { Holds } from "../Holds.ts"
import { Store } from "../Store.ts"

export const layer: Layer.Layer<never, never, Holds | Store> = Layer.effectDiscard(Effect.gen(function*() {
  const holds = yield* Holds
  const { health } = yield* Store
  yield* health.changes.pipe(
    Stream.runForEach((trouble) =>
      trouble === null
        ? holds.lift("store")
        : holds.place({ cause: "store", detail: trouble.message, hint: trouble.hint, probeAfter: null })
    ),
    Effect.forkScoped({ startImmediately: true })
  )
}))
