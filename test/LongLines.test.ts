/**
 * A worker that says more in one line than is read of one: its attempt ends and says why, and all else goes on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { LineBound } from "../src/domain/LineBound.ts"
import { Pool } from "../src/services/Pool.ts"
import { wholeProgram } from "./support/WholeProgram.ts"

/** The whole program, with two slots and lines of so many bytes. */
const within = <A, E>(longest: number, use: (pool: Pool["Service"]) => Effect.Effect<A, E>) =>
  Effect.scoped(Effect.gen(function*() {
    const { layer } = yield* wholeProgram("long-lines-")
    // As long as the slowest machine needs: a worker that is stopped says only then what it has cost.
    const settings = { slots: 2, maxAttempts: 3, shutdownGrace: Duration.minutes(1) }
    const bounded = layer("host", settings).pipe(Layer.provide(Layer.succeed(LineBound, longest)))
    return yield* Effect.flatMap(Pool, (pool) => use(pool)).pipe(Effect.provide(bounded))
  }))

describe("a worker that says too much in one line", () => {
  it.live("is stopped, with its cost on record, while the others go on", () =>
    within(100_000, (pool) =>
      Effect.gen(function*() {
        const [long, other] = yield* Effect.all([
          pool.run({ prompt: "[[cost:0.02]] [[flood:5000000]] [[stall]]" }),
          pool.run({ prompt: "[[delay:300]] [[chatter:500]] [[flood:90000]] [[say:done]]" })
        ], { concurrency: 2 })
        assert.deepInclude(long, { state: "failed", attempts: 1 })
        assert.deepInclude(long.error, {
          code: "LineTooLong",
          message: "the worker wrote a line of more than 97.7 KiB; it was stopped",
          retryable: false
        })
        assert.strictEqual(long.cost_usd, 0.02)
        assert.strictEqual(other.state, "done")
        const after = yield* Effect.forEach([1, 2, 3], (n) => pool.run({ prompt: `[[say:${n}]]` }), { concurrency: 3 })
        assert.deepStrictEqual(after.map(({ state }) => state), ["done", "done", "done"])
      })))
})
