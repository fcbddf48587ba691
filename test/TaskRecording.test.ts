/**
 * A result that the store does not take: kept and tried again while that may pass, and told to whoever waits if not.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Ref } from "effect"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const unusable = (problem: StoreUnusable["problem"]) =>
  new Failure({ reason: new StoreUnusable({ directory: "/w", problem, detail: "scripted" }) })

/** A store in memory that refuses the ends of tasks, as often as it is told to. */
const refusing = (problem: StoreUnusable["problem"], times: Ref.Ref<number>) =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) =>
      Store.of({
        ...store,
        commit: (change) =>
          change.task.isFinished
            ? Effect.flatMap(
              Ref.getAndUpdate(times, (left) => Math.max(0, left - 1)),
              (left) => left > 0 ? Effect.fail(unusable(problem)) : store.commit(change)
            )
            : store.commit(change)
      }))
  ).pipe(Layer.provide(StoreDirectory.layerMemory))

describe("a result that the store does not take", () => {
  it.effect("is kept while the disk is full, and is there once it is not", () => {
    const times = Ref.makeUnsafe(5)
    return Effect.gen(function*() {
      const running = yield* Effect.forkChild((yield* Pool).run({ prompt: "a" }))
      yield* pass("10 seconds")
      const done = yield* Fiber.join(running)
      assert.deepStrictEqual([done.state, done.attempts, done.cost_usd], ["done", 1, 0.01])
      assert.strictEqual(yield* Ref.get(times), 0)
    }).pipe(Effect.provide(testPool({ store: refusing("full", times) })))
  })

  it.effect("is told as a failure of the store where waiting does not help", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip((yield* Pool).run({ prompt: "a" }))
      assert.deepInclude(failure.reason, { _tag: "StoreUnusable", problem: "corrupt" })
    }).pipe(Effect.provide(testPool({ store: refusing("corrupt", Ref.makeUnsafe(1)) }))))
})

describe("a task that is being started", () => {
  it.effect("waits for its slot, as long as that is not on record, and not for a pool", () => {
    const asked = Deferred.makeUnsafe<void>()
    const gate = Deferred.makeUnsafe<void>()
    const store = Layer.effect(
      Store,
      Effect.map(Store, (store) =>
        Store.of({
          ...store,
          commit: (change) =>
            change.event._tag === "Started"
              ? Deferred.succeed(asked, undefined).pipe(
                Effect.andThen(Deferred.await(gate)),
                Effect.andThen(store.commit(change))
              )
              : store.commit(change)
        }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a" }))
      yield* Deferred.await(asked)
      yield* settle
      const [task] = (yield* pool.list({ limit: 1 })).tasks
      yield* Deferred.succeed(gate, undefined)
      assert.deepInclude(task, { state: "queued", waits_for: "slot" })
      assert.strictEqual((yield* Fiber.join(running)).state, "done")
    }).pipe(Effect.provide(testPool({ store })))
  })
})

describe("a store where no directory can be", () => {
  it.live("is refused at once", () =>
    Effect.gen(function*() {
      const store = StoreDirectory.layer({ directory: "/proc/claude-pool/store", owner: "test" })
      const failure = yield* Effect.flip(Effect.provide(Effect.asVoid(Store), store))
      assert.strictEqual(failure.reason._tag, "StoreUnusable")
      assert.strictEqual(failure.exitCode, 6)
    }).pipe(Effect.provide(NodeServices.layer)))
})
