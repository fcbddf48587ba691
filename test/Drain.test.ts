/**
 * Draining a pool: what stops at once, what may finish, what is cut off, and that it always ends.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Ref, Scope } from "effect"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { type Answer } from "../src/services/ClaudeCli.ts"
import { Holds } from "../src/services/Holds.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { gated } from "./support/GatedWorkers.ts"
import { answer, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const asId = (view: TaskView) => TaskId.make(view.id)

const promptsStarted = Effect.flatMap(
  StartedWorkers,
  ({ started }) => Effect.map(started, (all) => all.length)
)

const submit = (prompt: string, more: object = {}) =>
  Effect.flatMap(Pool, (pool) => pool.submit({ prompt, ...more })).pipe(Effect.tap(() => settle))

const grace = (seconds: number) => ({ grace: Duration.seconds(seconds) })

describe("a drain", () => {
  it.effect("starts nothing more and takes nothing in, and a resume goes on where it was", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const [a, b, c] = [yield* submit("a"), yield* submit("b"), yield* submit("c")]
      const draining = yield* Effect.forkChild(pool.drain(), { startImmediately: true })
      yield* workers.finish("a")
      yield* settle
      assert.strictEqual(yield* promptsStarted, 2)
      const refused = yield* Effect.flip(pool.submit({ prompt: "d" }))
      assert.deepInclude(refused.reason, { _tag: "ShuttingDown", drained: true })
      assert.include(refused.hint, "claude-pool resume")
      const others: ReadonlyArray<Effect.Effect<unknown, Failure>> = [
        pool.fanOut([{ prompt: "e" }]),
        pool.submitChain({ definition: { steps: [{ name: "f", prompt: "f" }] } })
      ]
      for (const other of others) assert.strictEqual((yield* Effect.flip(other)).reason._tag, "ShuttingDown")
      yield* workers.finish("b")
      const report = yield* Fiber.join(draining)
      assert.deepStrictEqual(report, { finished: [a.id, b.id], cut: [], queued: 1, s: 0 })
      assert.deepInclude(yield* pool.result(asId(c)), { state: "queued", waits_for: "drain" })

      yield* pool.resume
      yield* workers.finish("c")
      yield* settle
      assert.strictEqual((yield* pool.result(asId(c))).state, "done")
      assert.strictEqual((yield* submit("d")).state, "queued")
      yield* workers.finish("d")
    }).pipe(Effect.provide(testPool({ script: { run: workers.run } })))
  })

  it.effect("cuts off what has not finished in time: it waits again, uncharged", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const store = yield* Store
      const slow = yield* submit("slow")
      const draining = yield* Effect.forkChild(pool.drain(grace(20)), { startImmediately: true })
      yield* pass("19 seconds", 19)
      assert.strictEqual((yield* pool.result(asId(slow))).state, "running")
      yield* pass("2 seconds", 2)
      assert.deepInclude(yield* Fiber.join(draining), { finished: [], cut: [slow.id], queued: 1, s: 20 })
      const [attempt] = yield* store.attempts(asId(slow))
      assert.deepInclude(attempt?.outcome, { _tag: "Interrupted", by: "shutdown" })
      yield* pool.resume
      yield* workers.finish("slow")
      yield* settle
      // It may be tried once only: had the cut been charged, it would have failed.
      assert.deepInclude(yield* pool.result(asId(slow)), { state: "done", attempts: 2 })
    }).pipe(Effect.provide(testPool({ script: { run: workers.run }, maxAttempts: 1 })))
  })

  it.effect("is not outrun by a task that is being taken up in that moment: it waits again, with its money", () => {
    const looked = Deferred.makeUnsafe<void>()
    const goOn = Deferred.makeUnsafe<void>()
    const slow = Ref.makeUnsafe(false)
    const store = Layer.effect(
      Store,
      Effect.map(Store, (memory) =>
        Store.of({
          ...memory,
          find: (id) =>
            Effect.flatMap(Ref.get(slow), (isSlow) =>
              isSlow
                ? Deferred.succeed(looked, undefined).pipe(
                  Effect.andThen(Deferred.await(goOn)),
                  Effect.andThen(memory.find(id))
                )
                : memory.find(id))
        }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      const pool = yield* Pool
      yield* Ref.set(slow, true)
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* Deferred.await(looked)
      yield* Ref.set(slow, false)
      assert.deepInclude(yield* pool.drain(), { finished: [], cut: [], queued: 1 })
      yield* Deferred.succeed(goOn, undefined)
      yield* settle
      assert.deepInclude(yield* pool.result(TaskId.make(id)), { state: "queued", attempts: 0 })
      assert.strictEqual((yield* pool.status).budget.reserved_usd, 0)
      yield* pool.resume
      yield* settle
      assert.strictEqual((yield* pool.result(TaskId.make(id))).state, "done")
    }).pipe(Effect.provide(testPool({ store })))
  })

  it.effect("is one with the drain before it, with the shorter grace of the two", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* submit("slow")
      const began = yield* Clock.currentTimeMillis
      const first = yield* Effect.forkChild(pool.drain(grace(600)), { startImmediately: true })
      const longer = yield* Effect.forkChild(pool.drain(grace(900)), { startImmediately: true })
      yield* pass("10 seconds", 10)
      const shorter = yield* Effect.forkChild(pool.drain(grace(5)), { startImmediately: true })
      yield* pass("5 seconds", 5)
      const reports = yield* Effect.forEach([first, longer, shorter], Fiber.join)
      assert.deepStrictEqual(reports, [reports[0], reports[0], reports[0]])
      assert.deepStrictEqual(reports[0]?.cut, [id])
      assert.strictEqual((yield* Clock.currentTimeMillis) - began, 15_000)
      // Nothing runs any more: a drain of what is drained has nothing to tell.
      assert.deepStrictEqual(yield* pool.drain(), { finished: [], cut: [], queued: 1, s: 0 })
    }).pipe(Effect.provide(testPool({ script: { run: () => Effect.never } }))))

  it.effect("goes on when whoever asked for it has gone, and is taken back by a resume", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* submit("slow")
      const asking = yield* Effect.forkChild(pool.drain(grace(60)), { startImmediately: true })
      yield* Fiber.interrupt(asking)
      assert.strictEqual((yield* Effect.flip(pool.submit({ prompt: "b" }))).reason._tag, "ShuttingDown")
      const joined = yield* Effect.forkChild(pool.drain(), { startImmediately: true })
      yield* settle
      yield* pool.resume
      assert.deepInclude(yield* Fiber.join(joined), { finished: [], cut: [], taken_back: true })
      yield* pass("2 minutes")
      assert.strictEqual((yield* pool.result(TaskId.make(id))).state, "running")
      yield* workers.finish("slow")
    }).pipe(Effect.provide(testPool({ script: { run: workers.run } })))
  })

  it.effect("leaves a task that failed in its grace to be tried again after it, and starts no retry", () => {
    const workers = gated()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* submit("a")
      const draining = yield* Effect.forkChild(pool.drain(grace(600)), { startImmediately: true })
      yield* workers.fail("a")
      yield* settle
      assert.deepInclude(yield* Fiber.join(draining), { finished: [], cut: [], queued: 1 })
      yield* pass("30 minutes")
      assert.deepInclude(yield* pool.result(TaskId.make(id)), { state: "queued", attempts: 1, waits_for: "drain" })
      assert.strictEqual((yield* Effect.flip(pool.retry(TaskId.make(id)))).exitCode > 0, true)
    }).pipe(Effect.provide(testPool({ script: { run: workers.run } })))
  })

  it.effect("ends in time though a worker cannot be stopped", () => {
    const release = Deferred.makeUnsafe<Answer>()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* submit("deaf")
      const draining = yield* Effect.forkChild(pool.drain(grace(10)), { startImmediately: true })
      yield* pass("11 seconds", 11)
      assert.deepStrictEqual(yield* Fiber.join(draining), { finished: [], cut: [id], queued: 1, s: 11 })
      yield* Deferred.succeed(release, answer("late"))
      yield* settle
    }).pipe(
      Effect.provide(testPool({ script: { run: () => Effect.uninterruptible(Deferred.await(release)) } }))
    )
  })

  it.effect("ends in time though the store takes nothing, and loses nothing by it", () => {
    const full = Ref.makeUnsafe(false)
    const refusal = new Failure({ reason: new StoreUnusable({ directory: "/", problem: "full", detail: "scripted" }) })
    const store = Layer.effect(
      Store,
      Effect.map(Store, (memory) =>
        Store.of({
          ...memory,
          commit: (change) =>
            Effect.flatMap(Ref.get(full), (isFull) => isFull ? Effect.fail(refusal) : memory.commit(change))
        }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* submit("a")
      yield* Ref.set(full, true)
      const draining = yield* Effect.forkChild(pool.drain(grace(10)), { startImmediately: true })
      yield* pass("11 seconds", 11)
      assert.deepStrictEqual(yield* Fiber.join(draining), { finished: [], cut: [id], queued: 1, s: 11 })
      yield* Ref.set(full, false)
      yield* pass("5 seconds")
      assert.deepInclude(yield* pool.result(TaskId.make(id)), { state: "queued", waits_for: "drain" })
    }).pipe(Effect.provide(testPool({ store, script: { run: () => Effect.never } })))
  })

  it.effect("has an end for whoever waits for it also where the pool ends first", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const pool = Context.get(
        yield* Layer.buildWithScope(testPool({ script: { run: () => Effect.never } }), scope),
        Pool
      )
      yield* pool.submit({ prompt: "a" })
      yield* settle
      const draining = yield* Effect.forkChild(pool.drain(grace(600)), { startImmediately: true })
      yield* Effect.forkChild(Scope.close(scope, Exit.void), { startImmediately: true })
      yield* pass("2 seconds")
      assert.strictEqual((yield* Fiber.join(draining)).cut.length, 1)
    }))

  it.effect("says why nothing is started, until it is taken back", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { current } = yield* Holds
      yield* pool.drain()
      const [hold] = yield* current
      assert.deepInclude(hold, { cause: "drain", until: null })
      assert.match(hold?.hint ?? "", /^`claude-pool resume`/)
      yield* pool.resume
      assert.deepStrictEqual(yield* current, [])
    }).pipe(Effect.provide(testPool())))
})
