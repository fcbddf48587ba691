/**
 * A service of one's own that has work done by a pool. It knows the contract only: which pool it is, a layer says. What a
 * worker answers has a shape, and is decoded as everything that comes from outside.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { type Failure, LocalPool, Pool } from "claude-pool"
import { Console, Context, Duration, Effect, Layer, Schema } from "effect"

const Summary = Schema.Struct({ title: Schema.String, points: Schema.Array(Schema.String) })
const { schema } = Schema.toJsonSchemaDocument(Summary)

class NoSummary extends Schema.TaggedError<NoSummary>()("NoSummary", { why: Schema.String }) {}

class Summaries extends Context.Service<Summaries, {
  readonly of: (text: string) => Effect.Effect<typeof Summary.Type, NoSummary | Failure>
}>()("example/Summaries") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const pool = yield* Pool
      const of = Effect.fn("Summaries.of")(function*(text: string) {
        const { error, structured } = yield* pool.run({
          prompt: `Summarise:\n\n${text}`,
          schema,
          model: "haiku",
          timeout: Duration.minutes(2)
        })
        return yield* Schema.decodeUnknownEffect(Summary)(structured).pipe(
          Effect.mapError(({ message }) => new NoSummary({ why: error?.message ?? message }))
        )
      })
      return { of }
    })
  )
}

const program = Effect.gen(function*() {
  const summaries = yield* Summaries
  const { points, title } = yield* summaries.of("Ownership moves, and borrows end.")
  yield* Console.log(`${title}: ${points.length} points`)
})

const live = Summaries.layer.pipe(Layer.provide(LocalPool.layer({ simulate: true })))

program.pipe(Effect.provide(live), NodeRuntime.runMain)
