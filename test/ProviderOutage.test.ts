/**
 * A provider that is away: what that costs tasks, how often it is asked for, and when it is believed to be back.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { ProviderFailed } from "../src/domain/WorkerFailure.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { attemptsOf, counts, holdsNow, outage, seconds, submitAll } from "./support/Outage.ts"
import { testPool } from "./support/TestPool.ts"
import { settle } from "./support/Time.ts"

const fails = (reason: Reason) => () => Effect.fail(new Failure({ reason }))
const overloaded = new ProviderFailed({ status: 529, detail: "overloaded" })

describe("a provider that is away for ten minutes", () => {
  it.effect("costs a hundred tasks no record, no try and no failure, and is asked at most every five seconds", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(overloaded))
      const ids = yield* submitAll(100)
      yield* seconds(600)
      const during = world.at.filter((at) => at > 1)
      assert.isAtMost(world.at.length - during.length, 10)
      for (const [n, at] of during.entries()) {
        if (n > 0) assert.isAtLeast(at - during[n - 1]!, 5, `at ${during[n - 1]} and ${at}`)
      }
      assert.isAbove(during.length, 15)
      assert.deepInclude(yield* counts, { queued: 100, failed: 0, done: 0 })
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["provider"])
      const [view] = (yield* (yield* Pool).list({ limit: 1 })).tasks
      assert.strictEqual(view?.waits_for, "provider")

      yield* world.recover
      yield* seconds(60)
      assert.deepInclude(yield* counts, { done: 100, queued: 0, running: 0, failed: 0 })
      assert.deepStrictEqual(yield* holdsNow, [])
      assert.isAtMost(world.at.length, 100 + 10 + during.length)
      const store = yield* Store
      const tries = yield* Effect.forEach(
        ids,
        (id) => Effect.map(store.find(id), (task) => Option.getOrThrow(task).tries)
      )
      assert.isTrue(tries.every((times) => times <= 1))
      // Those that went to look were postponed, and are not counted.
      const attempts = (yield* Effect.forEach(ids, attemptsOf)).flat()
      assert.isAbove(attempts.filter(({ isTry, outcome }) => !isTry && outcome._tag === "Failed").length, 15)
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 8 })))
  })

  it.effect("is believed after three failures of different tasks, or two of one, with no answer in between", () => {
    const world = outage(0)
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) => prompt === "task 3" ? null : fails(overloaded)())
      yield* submitAll(5)
      yield* settle
      assert.strictEqual(world.at.length, 5)
      assert.deepStrictEqual(yield* holdsNow, [])
      yield* seconds(2)
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["provider"])
      assert.strictEqual(world.at.length, 6)
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 1 })))
  })

  it.effect("is believed after two failures of the only task", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(overloaded))
      yield* submitAll(1)
      yield* seconds(3)
      assert.deepStrictEqual([(yield* holdsNow).length, world.at.length], [1, 2])
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })

  it.effect("is not believed to be back because of an answer that was on its way before", () => {
    const world = outage("4 seconds")
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) => prompt === "task 1" ? null : fails(overloaded)())
      yield* submitAll(4)
      yield* seconds(4)
      assert.deepInclude(yield* counts, { done: 1, queued: 3 })
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["provider"])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })

  it.effect("is found to be back by the first answer in the middle of a long task", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* Effect.forEach(["a", "b", "c", "d"], (prompt) => pool.submit({ prompt }))
      yield* settle
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["provider"])
      yield* seconds(40)
      // The one that was let through works on, and so do the others.
      assert.deepStrictEqual(yield* holdsNow, [])
      assert.strictEqual((yield* counts).running, 4)
    }).pipe(Effect.provide(testPool({
      slots: 4,
      script: {
        run: (_, worker, answered) =>
          Effect.gen(function*() {
            if (worker.pid <= 4) return yield* fails(overloaded)()
            yield* answered
            return yield* Effect.never
          })
      }
    }))))

  it.effect("uses up the tries of a task that says itself how many it has", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(overloaded))
      const [id] = yield* submitAll(1, { retry: { overload: 4 } })
      yield* seconds(300)
      const view = yield* (yield* Pool).result(id!)
      assert.deepStrictEqual([view.state, view.attempts, view.error?.code], ["failed", 5, "ProviderFailed"])
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })
})
