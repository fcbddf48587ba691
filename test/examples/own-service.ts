/**
 * A service of one's own that has work done by a pool. It knows the contract only: which pool it is, a layer says.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { type Failure, LocalPool, Pool } from "claude-pool"
import { Console, Context, Duration, Effect, Layer } from "effect"

class Summaries extends Context.Service<Summaries, {
  readonly of: (text: string) => Effect.Effect<string, Failure>
}>()("example/Summaries") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const pool = yield* Pool
      const of = Effect.fn("Summaries.of")(function*(text: string) {
        const task = yield* pool.run({
          prompt: `Summarise in one line:\n\n${text}`,
          model: "haiku",
          timeout: Duration.minutes(2)
        })
        return task.summary ?? `no summary: ${task.error?.message}`
      })
      return { of }
    })
  )
}

const program = Effect.gen(function*() {
  const summaries = yield* Summaries
  yield* Console.log(yield* summaries.of("Ownership moves, and borrows end."))
})

const live = Summaries.layer.pipe(Layer.provide(LocalPool.layer({ simulate: true })))

program.pipe(Effect.provide(live), NodeRuntime.runMain)
