import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Ref, Result } from "effect"
import { TestClock } from "effect/testing"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import { Parent } from "../src/domain/Parent.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { Task } from "../src/domain/Task.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { mostKeys, SharedContext } from "../src/services/SharedContext.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChain, sampleChainId, sampleGroup, sampleGroupId, sampleMember } from "./support/SampleGroup.ts"
import { cancelled, sampleId, sampleTask } from "./support/SampleTask.ts"

const testContext = (store: Layer.Layer<Store, Failure> = StoreDirectory.layerMemory) =>
  SharedContext.layer.pipe(Layer.provideMerge(store))

/** A task that is a step of a chain. */
const stepOf = (number: number, chain: number): Task =>
  new Task({
    ...sampleTask(number),
    parent: Parent.cases.Step.make({ id: sampleChainId(chain), step: "one", round: 1 })
  })

const itemOf = (number: number, group: number): Task => sampleMember(sampleGroup(group, 1), 0, number).task

/** The values of a briefing, by their keys. */
const told = Effect.fnUntraced(function*(task: Task) {
  const text = (yield* (yield* SharedContext).briefing(task)) ?? ""
  return Object.fromEntries(
    Array.from(text.matchAll(/^<shared-fact key=(\S+) nonce=\S+>\n(.*)\n/gm), ([, key, value]) => [key, value])
  )
})

const refused = <A, R>(call: Effect.Effect<A, Failure, R>) =>
  Effect.map(Effect.flip(call), ({ message, reason }) => [reason._tag, message])

describe("shared context", () => {
  it.effect("is set, found, listed by key, replaced and deleted", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      yield* TestClock.setTime(1000)
      const style = { scope: "pool", key: "style", value: "tabs", set_at: "1970-01-01T00:00:01.000Z" }
      assert.deepStrictEqual(yield* context.set("pool", "style", "spaces"), { ...style, value: "spaces" })
      assert.deepStrictEqual(yield* context.set("pool", "style", "tabs"), style)
      yield* context.set("pool", "branch", "main")
      assert.deepStrictEqual(yield* context.get("pool", "style"), style)
      assert.deepStrictEqual((yield* context.list("pool")).map(({ key }) => key), ["branch", "style"])
      assert.deepStrictEqual(yield* context.snapshot, { branch: "main", style: "tabs" })
      assert.isTrue(yield* context.delete("pool", "style"))
      assert.isFalse(yield* context.delete("pool", "style"))
      assert.isNull(yield* context.get("pool", "style"))
      assert.deepStrictEqual(yield* context.snapshot, { branch: "main" })
    }).pipe(Effect.provide(testContext())))

  it.effect("belongs to the pool or to work that there is and that has not finished", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      const store = yield* Store
      for (const scope of [sampleId(1), sampleGroupId(1), sampleChainId(1)]) {
        assert.strictEqual((yield* refused(context.set(scope, "a", "b")))[0], "NotFound")
        assert.strictEqual((yield* refused(context.get(scope, "a")))[0], "NotFound")
        assert.strictEqual((yield* refused(context.delete(scope, "a")))[0], "NotFound")
        assert.strictEqual((yield* refused(context.list(scope)))[0], "NotFound")
      }
      const task = yield* store.accept(sampleTask(1))
      const group = yield* store.groups.accept(sampleGroup(1, 0), [])
      const chain = yield* store.chains.accept(sampleChain(1))
      for (const scope of [task.id, group.id, chain.id]) yield* context.set(scope, "a", "b")

      const now = yield* DateTime.now
      yield* store.commit(cancelled(task))
      yield* store.groups.commit({
        group: Result.getOrThrow(group.complete(now)),
        event: PoolEvent.cases.GroupFinished.make({ id: group.id, state: "Done" })
      })
      yield* store.chains.commit({
        chain: Result.getOrThrow(chain.complete(now)),
        event: PoolEvent.cases.ChainFinished.make({ id: chain.id, state: "Done" })
      })
      for (const scope of [task.id, group.id, chain.id]) {
        assert.deepStrictEqual(yield* refused(context.set(scope, "a", "c")), [
          "InvalidRequest",
          `${scope} has finished`
        ])
        assert.strictEqual((yield* context.get(scope, "a"))?.value, "b")
        assert.isTrue(yield* context.delete(scope, "a"))
      }
    }).pipe(Effect.provide(testContext())))

  it.effect("has keys and values that fit, and says what is wrong with others", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      assert.strictEqual((yield* refused(context.set("pool", "1 a", "")))[0], "InvalidRequest")
      const { reason } = yield* Effect.flip(context.set("pool", "__proto__", "x".repeat(8001)))
      assert.deepStrictEqual(
        reason._tag === "InvalidRequest" ? reason.issues.map((issue) => issue.split(":")[0]) : reason._tag,
        ["key", "value"]
      )
      yield* context.set("pool", "constructor", "x".repeat(8000))
      assert.deepStrictEqual(Object.keys(yield* context.snapshot), ["constructor"])
    }).pipe(Effect.provide(testContext())))

  it.effect("has at most two hundred keys in a scope, also when they are set at once", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      const all = yield* Effect.forEach(
        Array.from({ length: mostKeys + 5 }, (_, number) => `k${number}`),
        (key) => Effect.result(context.set("pool", key, "v")),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(all.filter(({ _tag }) => _tag === "Failure").length, 5)
      assert.deepStrictEqual(yield* refused(context.set("pool", "more", "v")), [
        "InvalidRequest",
        "pool has 200 keys already"
      ])
      yield* context.set("pool", "k0", "another value")
      yield* context.delete("pool", "k1")
      yield* context.set("pool", "more", "v")
    }).pipe(Effect.provide(testContext())))
})

describe("the briefing of a worker", () => {
  it.effect("is nothing where nothing is shared", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* (yield* SharedContext).briefing(sampleTask(1)))
    }).pipe(Effect.provide(testContext())))

  it.effect("has what is set for the pool, for the chain and the group around its task, and for the task, the nearest last", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      const store = yield* Store
      const chain = yield* store.chains.accept(sampleChain(1))
      const group = yield* store.groups.accept(sampleGroup(2, 1, { within: chain.id }), [
        { index: 0, task: itemOf(1, 2) }
      ])
      const scopes = ["pool", chain.id, group.id, sampleId(1)] as const
      for (const [depth, scope] of scopes.entries()) {
        for (const key of ["a", "b", "c", "d"].slice(depth)) yield* context.set(scope, key, `of ${scope}`)
      }
      const expected = { a: "of pool", b: `of ${chain.id}`, c: `of ${group.id}`, d: `of ${sampleId(1)}` }
      assert.deepStrictEqual(yield* told(itemOf(1, 2)), expected)
      const reducer = new Task({ ...sampleTask(2), parent: Parent.cases.Reducer.make({ id: group.id }) })
      assert.deepStrictEqual(yield* told(reducer), { ...expected, d: `of ${group.id}` })
      assert.deepStrictEqual(yield* told(stepOf(3, 1)), { ...expected, c: `of ${chain.id}`, d: `of ${chain.id}` })
      const ofPool = "of pool"
      assert.deepStrictEqual(yield* told(sampleTask(4)), { a: ofPool, b: ofPool, c: ofPool, d: ofPool })
    }).pipe(Effect.provide(testContext())))

  it.effect("has the context that the task brings along in the place of the pool's", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      const store = yield* Store
      yield* store.chains.accept(sampleChain(1))
      yield* context.set("pool", "a", "then")
      const frozen = yield* context.snapshot
      yield* context.set("pool", "a", "now")
      yield* context.set("pool", "b", "now")
      yield* context.set(sampleChainId(1), "c", "of the chain")
      const step = stepOf(1, 1)
      const task = new Task({ ...step, options: { ...step.options, context: frozen } })
      assert.deepStrictEqual(yield* told(task), { a: "then", c: "of the chain" })
    }).pipe(Effect.provide(testContext())))

  it.effect("follows every change, and does not ask the store where there is none", () =>
    Effect.gen(function*() {
      const lists = yield* Ref.make(0)
      const counting = Layer.effect(
        Store,
        Effect.map(Store, (store) =>
          Store.of({
            ...store,
            context: {
              ...store.context,
              list: (scope) => Effect.andThen(Ref.update(lists, (n) => n + 1), store.context.list(scope))
            },
            groups: {
              ...store.groups,
              find: (id) => Effect.andThen(Ref.update(lists, (n) => n + 1), store.groups.find(id))
            }
          }))
      ).pipe(Layer.provide(StoreDirectory.layerMemory))

      yield* Effect.gen(function*() {
        const context = yield* SharedContext
        yield* (yield* Store).groups.accept(sampleGroup(1, 1), [{ index: 0, task: itemOf(1, 1) }])
        yield* context.set("pool", "a", "1")
        yield* Ref.set(lists, 0)
        const numbers = Array.from({ length: 10_000 }, (_, number) => number)
        yield* Effect.forEach(numbers, (number) => context.briefing(itemOf(number, 1)), {
          concurrency: 100,
          discard: true
        })
        assert.strictEqual(yield* Ref.get(lists), 2)

        yield* context.set(sampleGroupId(1), "b", "2")
        assert.deepStrictEqual(yield* told(itemOf(1, 1)), { a: "1", b: "2" })
        yield* context.set("pool", "a", "3")
        yield* context.delete(sampleGroupId(1), "b")
        assert.deepStrictEqual(yield* told(itemOf(1, 1)), { a: "3" })
      }).pipe(Effect.provide(testContext(counting)))
    }))

  it.effect("has what an earlier pool was told", () =>
    Effect.gen(function*() {
      const store = Layer.succeedContext(yield* Layer.build(StoreDirectory.layerMemory))
      yield* Effect.gen(function*() {
        yield* (yield* Store).accept(sampleTask(1))
        yield* (yield* SharedContext).set(sampleId(1), "a", "1")
      }).pipe(Effect.provide(testContext(store)))
      assert.deepStrictEqual(yield* Effect.provide(told(sampleTask(1)), testContext(store)), { a: "1" })
    }))

  it.effect("is asked for again, where the store could not be read", () =>
    Effect.gen(function*() {
      const isBroken = yield* Ref.make(false)
      const broken = new Failure({ reason: new StoreUnusable({ directory: "/s", problem: "io", detail: "" }) })
      const flaky = Layer.effect(
        Store,
        Effect.map(Store, (store) =>
          Store.of({
            ...store,
            context: {
              ...store.context,
              list: (scope) =>
                Effect.flatMap(Ref.get(isBroken), (is) => is ? Effect.fail(broken) : store.context.list(scope))
            }
          }))
      ).pipe(Layer.provide(StoreDirectory.layerMemory))
      yield* Effect.gen(function*() {
        const context = yield* SharedContext
        yield* context.set("pool", "a", "1")
        yield* Ref.set(isBroken, true)
        assert.strictEqual((yield* refused(context.briefing(sampleTask(1))))[0], "StoreUnusable")
        yield* Ref.set(isBroken, false)
        assert.deepStrictEqual(yield* told(sampleTask(1)), { a: "1" })
      }).pipe(Effect.provide(testContext(flaky)))
    }))
})
