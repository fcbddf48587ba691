import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Option, Ref, Result, Scope } from "effect"
import { NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { toUsd } from "../src/domain/MicroUsd.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { ProviderFailed, RequestRejected } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { answer, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const fail = (reason: Reason) => Effect.fail(new Failure({ reason }))
const overloaded = fail(new ProviderFailed({ status: 529, detail: "overloaded" }))
const asId = (view: TaskView) => TaskId.make(view.id)

describe("a task", () => {
  it.effect("runs, is recorded, and says what it cost", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const done = yield* pool.run({ prompt: "a", name: "first", tags: ["x"] })
      assert.strictEqual(done.state, "done")
      assert.strictEqual(done.summary, "did a")
      assert.strictEqual(done.cost_usd, 0.01)
      assert.deepStrictEqual([done.name, done.tags, done.attempts], ["first", ["x"], 1])
      const page = yield* pool.output(asId(done), { offset: 0, limit: 3 })
      assert.deepStrictEqual([page.text, page.next_offset, page.total], ["did", 3, 5])
      assert.strictEqual(toUsd((yield* (yield* Store).spent).cost), 0.01)
    }).pipe(Effect.provide(testPool())))

  it.effect("is the same task for the same key, and not for another request", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = yield* pool.run({ prompt: "a", key: "k" })
      const second = yield* pool.run({ prompt: "a", key: "k" })
      assert.strictEqual(second.id, first.id)
      assert.strictEqual((yield* (yield* StartedWorkers).started).length, 1)
      const conflict = yield* Effect.flip(pool.submit({ prompt: "b", key: "k" }))
      assert.strictEqual(conflict.reason._tag, "KeyConflict")
    }).pipe(Effect.provide(testPool())))

  it.effect("is tried again on another process when the provider fails, with a pause, and every try is paid for", () => {
    const tries = Ref.makeUnsafe(0)
    const run = () =>
      Effect.flatMap(
        Ref.updateAndGet(tries, (n) => n + 1),
        (n) => n < 3 ? overloaded : Effect.succeed(answer("at last"))
      )
    return Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a" }))
      yield* pass("500 millis")
      assert.strictEqual(yield* Ref.get(tries), 1)
      const [waiting] = (yield* pool.list({ limit: 1 })).tasks
      assert.deepStrictEqual([waiting?.state, waiting?.waits_for, waiting?.error?.code], [
        "queued",
        "retry",
        "ProviderFailed"
      ])
      yield* pass("1 minute")
      const done = yield* Fiber.join(running)
      assert.deepStrictEqual([done.state, done.attempts, done.cost_usd], ["done", 3, 0.03])
    }).pipe(Effect.provide(testPool({ script: { run } })))
  })

  it.effect("gives up after its attempts, with the last reason", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a" }))
      yield* pass("10 minutes")
      const failed = yield* Fiber.join(running)
      assert.deepStrictEqual([failed.state, failed.attempts, failed.error?.code], ["failed", 3, "ProviderFailed"])
      assert.isTrue(failed.error?.retryable)
    }).pipe(Effect.provide(testPool({ script: { run: () => overloaded }, whenHeld: "fail" }))))

  it.effect("fails at once with what cannot pass", () =>
    Effect.gen(function*() {
      const failed = yield* (yield* Pool).run({ prompt: "a" })
      assert.deepStrictEqual([failed.state, failed.attempts, failed.error?.code], ["failed", 1, "NotLoggedIn"])
    }).pipe(
      Effect.provide(
        testPool({ script: { run: () => fail(new NotLoggedIn({ status: 401, detail: "no" })) }, whenHeld: "fail" })
      )
    ))

  it.effect("is tried as often as it says itself, also over a restart of the pool", () => {
    const run = () => Effect.never
    return Effect.gen(function*() {
      const memory = Context.get(yield* Layer.build(StoreDirectory.layerMemory), Store)
      const store = Layer.succeed(Store, memory)
      const id = yield* Effect.gen(function*() {
        const submitted = yield* (yield* Pool).submit({
          prompt: "a",
          timeout: Duration.minutes(1),
          retry: { other: 2 }
        })
        yield* pass("90 seconds")
        return asId(submitted)
      }).pipe(Effect.provide(testPool({ store, script: { run } })))
      yield* Effect.gen(function*() {
        yield* pass("10 minutes")
        const failed = yield* (yield* Pool).result(id)
        assert.deepInclude(failed, { state: "failed", attempts: 4 })
        assert.strictEqual(failed.error?.code, "TimedOut")
      }).pipe(Effect.provide(testPool({ store, script: { run } })))
      const outcomes = (yield* memory.attempts(id)).map(({ outcome }) => outcome._tag)
      assert.deepStrictEqual(outcomes, ["Failed", "Interrupted", "Failed", "Failed"])
    }).pipe(Effect.scoped)
  })

  it.effect("is stopped when its time is up, and its process is gone", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a", timeout: Duration.minutes(2) }))
      yield* pass("119 seconds")
      assert.strictEqual((yield* (yield* StartedWorkers).live).length, 1)
      yield* pass("2 seconds")
      const failed = yield* Fiber.join(running)
      assert.deepStrictEqual([failed.state, failed.error?.code, failed.cost_usd], ["failed", "TimedOut", 0.01])
      assert.deepStrictEqual(yield* (yield* StartedWorkers).live, [])
    }).pipe(Effect.provide(testPool({ script: { run: () => Effect.never } }))))

  it.effect("is cancelled while it runs: its process is gone when the call returns, and it stays cancelled", () => {
    const begun = Deferred.makeUnsafe<void>()
    const run = () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    return Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.submit({ prompt: "a" }))
      yield* Deferred.await(begun)
      const waiting = yield* Effect.forkChild(pool.wait({ ids: [id], mode: "all", timeout: Duration.hours(1) }))
      yield* settle
      assert.deepStrictEqual(yield* pool.cancel([id], "enough"), { cancelled: [id], already_finished: [] })
      assert.deepStrictEqual((yield* Fiber.join(waiting)).done.map(({ state }) => state), ["cancelled"])
      assert.deepStrictEqual(yield* (yield* StartedWorkers).live, [])
      const cancelled = yield* pool.result(id)
      assert.deepStrictEqual([cancelled.state, cancelled.cost_usd], ["cancelled", 0.01])
      assert.deepStrictEqual(yield* pool.cancel([id], "again"), { cancelled: [], already_finished: [id] })
      const [attempt] = yield* (yield* Store).attempts(id)
      assert.strictEqual(attempt?.outcome._tag, "Interrupted")
    }).pipe(Effect.provide(testPool({ script: { run } })))
  })

  it.effect("is cancelled while it waits, and is never started", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = asId(yield* pool.submit({ prompt: "long" }))
      const second = asId(yield* pool.submit({ prompt: "waits" }))
      yield* settle
      assert.strictEqual((yield* pool.result(second)).waits_for, "slot")
      yield* pool.cancel([second], "")
      yield* pool.cancel([first], "")
      assert.strictEqual((yield* pool.result(second)).attempts, 0)
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run: () => Effect.never } }))))

  it.effect("is cancelled when whoever runs it goes away", () => {
    const begun = Deferred.makeUnsafe<void>()
    const run = () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    return Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a" }))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(running)
      const [task] = (yield* pool.list({ limit: 1 })).tasks
      assert.strictEqual(task?.state, "cancelled")
      assert.deepStrictEqual(yield* (yield* StartedWorkers).live, [])
    }).pipe(Effect.provide(testPool({ script: { run } })))
  })

  it.effect("fails with a defect of the program as with any other reason, and the pool goes on", () => {
    const run = ({ prompt }: { readonly prompt: string }) =>
      prompt === "bad" ? Effect.die(new Error("a bug")) : Effect.succeed(answer("fine"))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const failed = yield* pool.run({ prompt: "bad" })
      assert.deepStrictEqual([failed.state, failed.error?.code], ["failed", "PoolDefect"])
      assert.strictEqual((yield* pool.run({ prompt: "good" })).state, "done")
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run } })))
  })
})

describe("the end of the pool", () => {
  it.effect("puts running tasks back into the queue, uncharged, and ends their processes", () => {
    const begun = Deferred.makeUnsafe<void>()
    const run = () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never)
    return Effect.gen(function*() {
      const storeScope = yield* Scope.make()
      const { layerMemory } = yield* Effect.promise(() => import("../src/layers/StoreDirectory.ts"))
      const context = yield* Layer.buildWithScope(layerMemory, storeScope)
      const store = Layer.succeedContext(context)
      const id = yield* Effect.gen(function*() {
        const submitted = yield* (yield* Pool).submit({ prompt: "a" })
        yield* Deferred.await(begun)
        return asId(submitted)
      }).pipe(Effect.provide(testPool({ store, script: { run } })))
      const task = yield* Effect.flatMap(Store, (kept) => kept.find(id)).pipe(Effect.provide(store))
      assert.deepStrictEqual(
        Option.map(
          task,
          ({ attempts, crashes, spend, state, tries }) => [state._tag, attempts, tries, crashes, toUsd(spend.cost)]
        ),
        Option.some(["Queued", 1, 0, 0, 0.01])
      )
      const done = yield* Effect.gen(function*() {
        return yield* (yield* Pool).wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
      }).pipe(Effect.provide(testPool({ store })))
      assert.deepStrictEqual(done.done.map(({ attempts, state }) => [state, attempts]), [["done", 2]])
    })
  })
})

describe("many tasks", () => {
  it.effect("run no more at once than there are slots, and each ends once", () => {
    const now = Ref.makeUnsafe(0)
    const most = Ref.makeUnsafe(0)
    const run = Effect.fnUntraced(function*({ prompt }: { readonly prompt: string }) {
      const running = yield* Ref.updateAndGet(now, (n) => n + 1)
      yield* Ref.update(most, (before) => Math.max(before, running))
      yield* Effect.sleep("1 second")
      yield* Ref.update(now, (n) => n - 1)
      return yield* Number(prompt) % 7 === 0
        ? fail(new RequestRejected({ status: 400, detail: "" }))
        : Effect.succeed(answer(prompt))
    })
    return Effect.gen(function*() {
      const pool = yield* Pool
      const all = yield* Effect.forkChild(Effect.forEach(
        Array.from({ length: 100 }, (_, n) => String(n)),
        (prompt) => Effect.result(pool.run({ prompt })),
        { concurrency: "unbounded" }
      ))
      yield* pass("20 seconds")
      const views = (yield* Fiber.join(all)).filter(Result.isSuccess).map(({ success }) => success)
      assert.strictEqual(yield* Ref.get(most), 5)
      assert.strictEqual(views.filter(({ state }) => state === "failed").length, 15)
      assert.strictEqual(views.filter(({ state }) => state === "done").length, 85)
    }).pipe(Effect.provide(testPool({ slots: 5, script: { run } })))
  })
})
