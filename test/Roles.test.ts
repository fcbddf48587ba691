/**
 * Who the slots are, and which tasks they take.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Layer } from "effect"
import type { TaskId } from "../src/domain/TaskId.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { settle } from "./support/Time.ts"

const profiles = [{ role: "reviewer", name: "Ada", description: "reads closely" }, { role: "tester", count: 2 }]

const submit = (prompt: string, role?: string) =>
  Effect.map(
    Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt, ...(role === undefined ? {} : { role }) })),
    ({ id }) => id
  )

/** Where each task stands: the slot that it runs on, what it waits for, or its state. */
const whereabouts = (ids: ReadonlyArray<TaskId>) =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const views = yield* Effect.forEach(ids, (id) => pool.result(id))
    return views.map(({ slot, state, waits_for }) => slot ?? waits_for ?? state)
  })

const busy = { run: () => Effect.never }

describe("roles", () => {
  it.effect("are shown of each slot, in the order of their numbers", () =>
    Effect.gen(function*() {
      yield* settle
      const { slots } = yield* (yield* Pool).status
      const idle = { state: "idle" } as const
      assert.deepStrictEqual(slots, [
        { slot: "slot-1", role: "reviewer", name: "Ada", description: "reads closely", ...idle },
        { slot: "slot-2", role: "tester", ...idle },
        { slot: "slot-3", role: "tester", ...idle },
        { slot: "slot-4", ...idle }
      ])
    }).pipe(Effect.provide(testPool({ slots: 4, profiles }))))

  it.effect("choose the slots of a task that names one; others run on any", () =>
    Effect.gen(function*() {
      const reviews = yield* Effect.forEach(["a", "b"], (prompt) => submit(prompt, "reviewer"))
      yield* settle
      assert.deepStrictEqual(yield* whereabouts(reviews), ["slot-1", "slot"])
      const any = yield* Effect.forEach(["c", "d", "e", "f"], (prompt) => submit(prompt))
      yield* settle
      const where = yield* whereabouts(any)
      assert.deepStrictEqual(where.toSorted(), ["slot", "slot-2", "slot-3", "slot-4"])
      assert.strictEqual(where[3], "slot")
    }).pipe(Effect.provide(testPool({ slots: 4, profiles, script: busy }))))

  it.effect("leave a task without one to a slot without one, where it is free", () =>
    Effect.gen(function*() {
      const id = yield* submit("a")
      yield* settle
      assert.deepStrictEqual(yield* whereabouts([id]), ["slot-4"])
    }).pipe(Effect.provide(testPool({ slots: 4, profiles, script: busy }))))

  it.effect("hold up nobody who may go elsewhere, and the oldest goes first", () => {
    const gates = new Map<string, Deferred.Deferred<void>>()
    const gateOf = (prompt: string) => {
      const gate = gates.get(prompt) ?? Deferred.makeUnsafe<void>()
      gates.set(prompt, gate)
      return gate
    }
    const run = ({ prompt }: { readonly prompt: string }) => Effect.as(Deferred.await(gateOf(prompt)), answer(prompt))
    return Effect.gen(function*() {
      const tests = yield* Effect.forEach(["t1", "t2", "t3"], (prompt) => submit(prompt, "tester"))
      const any = yield* submit("any")
      yield* settle
      assert.deepStrictEqual(yield* whereabouts([...tests, any]), ["slot-2", "slot", "slot", "slot-1"])
      const later = yield* submit("later")
      yield* Deferred.succeed(gateOf("t1"), undefined)
      yield* settle
      assert.deepStrictEqual(yield* whereabouts([...tests, later]), ["done", "slot-2", "slot", "slot"])
      yield* Deferred.succeed(gateOf("any"), undefined)
      yield* settle
      assert.deepStrictEqual(yield* whereabouts([tests[2]!, later]), ["slot", "slot-1"])
    }).pipe(Effect.provide(testPool({
      slots: 2,
      profiles: [{ role: "reviewer" }, { role: "tester" }],
      script: { run }
    })))
  })

  it.effect("that no slot has are refused, and those that there are are named", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(submit("a", "painter"))
      assert.strictEqual(failure.reason._tag, "InvalidRequest")
      assert.include(failure.message, "role: no slot has the role painter; there are reviewer, tester")
    }).pipe(Effect.provide(testPool({ slots: 4, profiles }))))

  it.effect("wait for a pool that has them, where the pool that accepts has no slots", () =>
    Effect.gen(function*() {
      const memory = Context.get(yield* Layer.build(StoreDirectory.layerMemory), Store)
      const store = Layer.succeed(Store, memory)
      const id = yield* Effect.gen(function*() {
        const id = yield* submit("a", "tester")
        assert.deepStrictEqual(yield* whereabouts([id]), ["role"])
        return id
      }).pipe(Effect.provide(testPool({ store, dispatch: false })))
      const inPool = (pool: ReturnType<typeof testPool>) =>
        Effect.andThen(settle, whereabouts([id])).pipe(Effect.provide(pool))
      assert.deepStrictEqual(yield* inPool(testPool({ store, slots: 1 })), ["role"])
      assert.deepStrictEqual(yield* inPool(testPool({ store, slots: 3, profiles })), ["done"])
    }).pipe(Effect.scoped))

  it.effect("share one queue: each task is started once, whoever asks for it first", () => {
    const started: Array<string> = []
    const run = ({ prompt }: { readonly prompt: string }) => {
      started.push(prompt)
      return Effect.as(Effect.yieldNow, answer(prompt))
    }
    // Other things happen while a task is looked up.
    const slow = Layer.effect(
      Store,
      Effect.map(Store, (store) => Store.of({ ...store, find: (id) => Effect.tap(store.find(id), () => settle) }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    const prompts = Array.from({ length: 60 }, (_, n) => String(n))
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const ids = yield* Effect.forEach(prompts, (prompt, n) => submit(prompt, n % 3 === 0 ? "tester" : undefined), {
        concurrency: "unbounded"
      })
      yield* Effect.forEach(ids, (id) => tasks.ended(id), { concurrency: "unbounded" })
      assert.deepStrictEqual(started.toSorted(), prompts.toSorted())
    }).pipe(Effect.provide(testPool({ store: slow, slots: 6, profiles, script: { run } })))
  })
})
