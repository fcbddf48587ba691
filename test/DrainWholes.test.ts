/**
 * Chains and groups while the pool is drained: they go no further, and go on after it from where they were.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Ref } from "effect"
import { Pool } from "../src/services/Pool.ts"
import { gated } from "./support/GatedWorkers.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const promptsStarted = Effect.flatMap(
  StartedWorkers,
  ({ started }) => Effect.map(started, (all) => all.length)
)

const grace = (seconds: number) => ({ grace: Duration.seconds(seconds) })

describe("a chain, while the pool is drained,", () => {
  it.effect("goes no further, and goes on after it", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const chain = yield* pool.submitChain({
        definition: { steps: [{ name: "a", prompt: "a" }, { name: "b", prompt: "b" }] }
      })
      yield* settle
      const draining = yield* Effect.forkChild(pool.drain(), { startImmediately: true })
      yield* workers.finish("a")
      yield* settle
      assert.strictEqual((yield* Fiber.join(draining)).finished.length, 1)
      yield* pass("1 hour")
      assert.strictEqual(yield* promptsStarted, 1)
      assert.deepStrictEqual((yield* pool.chains({ limit: 1 })).chains.map(({ state }) => state), ["running"])
      yield* pool.resume
      yield* workers.finish("b")
      yield* settle
      assert.deepStrictEqual((yield* pool.chains({ limit: 1 })).chains.map(({ id, state }) => [id, state]), [
        [chain.id, "done"]
      ])
    }).pipe(Effect.provide(testPool({ script: { run: workers.run } })))
  })

  it.effect("has its check cut off, and begun anew after it", () => {
    const begun = Ref.makeUnsafe(0)
    const passes = Deferred.makeUnsafe<void>()
    const check = () =>
      Effect.andThen(
        Ref.update(begun, (n) => n + 1),
        Effect.as(Deferred.await(passes), { exitCode: 0, output: "", chars: 0 })
      )
    return Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.submitChain({ definition: { steps: [{ name: "a", check: "true" }] } })
      yield* settle
      const draining = yield* Effect.forkChild(pool.drain(grace(10)), { startImmediately: true })
      yield* pass("9 seconds", 9)
      assert.isUndefined(draining.pollUnsafe(), "a check has the grace too")
      yield* pass("1 second")
      assert.deepInclude(yield* Fiber.join(draining), { finished: [], cut: [], queued: 0 })
      yield* pass("1 hour")
      assert.strictEqual(yield* Ref.get(begun), 1)
      yield* pool.resume
      yield* settle
      assert.strictEqual(yield* Ref.get(begun), 2)
      yield* Deferred.succeed(passes, undefined)
      yield* settle
      assert.deepStrictEqual((yield* pool.chains({ limit: 1 })).chains.map(({ state }) => state), ["done"])
    }).pipe(Effect.provide(testPool({ check })))
  })
})

describe("a group, while the pool is drained,", () => {
  it.effect("waits with its reducer, and with the retry of its items", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const group = yield* pool.fanOut([{ prompt: "a" }], { reduce: { prompt: "reduce {outcomes}" } })
      yield* settle
      const draining = yield* Effect.forkChild(pool.drain(), { startImmediately: true })
      yield* workers.finish("a")
      yield* settle
      yield* Fiber.join(draining)
      yield* pass("1 hour")
      assert.strictEqual(yield* promptsStarted, 1)
      assert.deepStrictEqual((yield* pool.groups({ limit: 1 })).groups.map(({ id, state }) => [id, state]), [
        [group.id, "reducing"]
      ])
      yield* pool.resume
      yield* settle
      assert.strictEqual(yield* promptsStarted, 2)
    }).pipe(Effect.provide(testPool({ script: { run: workers.run } })))
  })
})
