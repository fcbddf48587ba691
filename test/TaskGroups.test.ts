/**
 * Tasks that are part of something: who is told of their ends, how many of them run at once, and what they may cost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Context, Deferred, Effect, Fiber, Layer, Queue, Ref } from "effect"
import { ChainId } from "../src/domain/ChainId.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Parent } from "../src/domain/Parent.ts"
import type { Task } from "../src/domain/Task.ts"
import type { TaskId } from "../src/domain/TaskId.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Budget } from "../src/services/Budget.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answer, spendOf } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const group = GroupId.make("g_0000000000000000")
const other = GroupId.make("g_0000000000000001")
const itemOf = (id: GroupId, index = 0) => Parent.cases.Item.make({ id, index, content: "" })

/** Prepares tasks of a group and keeps them, as a fan-out does. */
const keep = Effect.fnUntraced(function*(id: GroupId, prompts: ReadonlyArray<string>) {
  const tasks = yield* Tasks
  const store = yield* Store
  const prepared = yield* Effect.forEach(prompts, (prompt, index) => tasks.prepare({ prompt }, itemOf(id, index)))
  return yield* Effect.forEach(prepared, (task) => store.accept(task))
})

const statesOf = (all: ReadonlyArray<{ readonly id: TaskId }>) =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const views = yield* Effect.forEach(all, ({ id }) => pool.result(id))
    return views.map(({ state, waits_for }) => waits_for ?? state)
  })

/** Workers that go on until they are let go, one after another. */
const held = () => {
  const order: Array<string> = []
  const gates = new Map<string, Deferred.Deferred<void>>()
  const gateOf = (prompt: string) => {
    const gate = gates.get(prompt) ?? Deferred.makeUnsafe<void>()
    gates.set(prompt, gate)
    return gate
  }
  return {
    order,
    run: ({ prompt }: { readonly prompt: string }) => {
      order.push(prompt)
      return Effect.as(Deferred.await(gateOf(prompt)), answer(prompt))
    },
    letGo: (prompt: string) => Effect.andThen(Deferred.succeed(gateOf(prompt), undefined), settle)
  }
}

describe("tasks of a group", () => {
  it.effect("are prepared without a trace, and looked at together", () => {
    const looks: Array<string> = []
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const made = yield* Effect.forEach(
        Array.range(1, 1000),
        (n) => tasks.prepare({ prompt: `${n}` }, itemOf(group, n))
      )
      assert.deepStrictEqual(looks, ["/"])
      assert.strictEqual(made[999]!.parent?._tag, "Item")
      assert.strictEqual((yield* (yield* Pool).list({ limit: 1 })).total, 0)
      yield* pass("1 second")
      yield* tasks.prepare({ prompt: "later" }, null)
      assert.deepStrictEqual(looks, ["/", "/"])
    }).pipe(Effect.provide(testPool({ look: (path) => looks.push(path) })))
  })

  it.effect("are refused each time for a directory that there is not", () => {
    const looks: Array<string> = []
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const refused = Effect.flip(tasks.prepare({ prompt: "a", cwd: "/no/such" }, null))
      yield* refused
      assert.strictEqual((yield* refused).reason._tag, "InvalidRequest")
      assert.strictEqual(looks.length, 2)
    }).pipe(Effect.provide(testPool({ look: (path) => looks.push(path) })))
  })

  it.effect("are run in their order once they are enqueued, and not before", () => {
    const { letGo, order, run } = held()
    return Effect.gen(function*() {
      const kept = yield* keep(group, ["a", "b", "c"])
      yield* settle
      assert.deepStrictEqual(yield* statesOf(kept), ["pool", "pool", "pool"])
      yield* (yield* Tasks).enqueue(kept)
      for (const prompt of ["a", "b", "c"]) yield* letGo(prompt)
      assert.deepStrictEqual(order, ["a", "b", "c"])
      assert.deepStrictEqual(yield* statesOf(kept), ["done", "done", "done"])
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run } })))
  })

  it.effect("need room in the queue, all of them", () =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      yield* tasks.submit({ prompt: "waits" })
      yield* tasks.room(2)
      assert.strictEqual((yield* Effect.flip(tasks.room(3))).reason._tag, "QueueFull")
      yield* tasks.stop
      assert.strictEqual((yield* Effect.flip(tasks.room(1))).reason._tag, "ShuttingDown")
    }).pipe(Effect.provide(testPool({ dispatch: false, queueLimit: 3 }))))

  it.effect("tell every end to whoever follows the group, and to nobody else", () =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      const endsOf = (queue: Queue.Dequeue<Task>) => Effect.map(Queue.clear(queue), Array.map(({ prompt }) => prompt))
      yield* Effect.scoped(Effect.gen(function*() {
        const ends = yield* tasks.follow(group)
        const [first, second] = [yield* tasks.follow(other), yield* tasks.follow(other)]
        yield* tasks.submit({ prompt: "lone" })
        yield* Effect.forEach(["a", "b"], (prompt) => tasks.submit({ prompt }, itemOf(group)))
        yield* tasks.submit({ prompt: "c" }, Parent.cases.Reducer.make({ id: other }))
        yield* pass("1 second")
        assert.deepStrictEqual((yield* endsOf(ends)).toSorted(), ["a", "b"])
        assert.deepStrictEqual([yield* endsOf(first), yield* endsOf(second)], [["c"], ["c"]])
        const cancelled = yield* tasks.submit({ prompt: "cancelled" }, itemOf(group))
        yield* tasks.cancel(cancelled.id, "")
        assert.deepStrictEqual(yield* endsOf(ends), ["cancelled"])
      }))
      yield* tasks.submit({ prompt: "unheard" }, itemOf(group))
      yield* pass("1 second")
    }).pipe(Effect.provide(testPool())))
})

describe("a group with a limit", () => {
  it.effect("runs no more at once, says what the others wait for, and does not hold up anybody else", () => {
    const { letGo, order, run } = held()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      yield* tasks.limit(group, 1)
      const kept = yield* keep(group, ["a", "b"])
      yield* tasks.enqueue(kept)
      const lone = yield* tasks.submit({ prompt: "lone" })
      yield* settle
      assert.deepStrictEqual(yield* statesOf([...kept, lone]), ["running", "group", "running"])
      yield* letGo("a")
      assert.deepStrictEqual(order, ["a", "lone", "b"])
      yield* letGo("b")
      yield* letGo("lone")
    }).pipe(Effect.provide(testPool({ slots: 3, script: { run } })))
  })

  it.effect("runs more when its limit is raised, and as many as there are slots when it is lifted", () => {
    const { run } = held()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      yield* tasks.limit(group, 1)
      const kept = yield* keep(group, ["a", "b", "c", "d"])
      yield* tasks.enqueue(kept)
      yield* settle
      yield* tasks.limit(group, 2)
      yield* settle
      assert.deepStrictEqual(yield* statesOf(kept), ["running", "running", "group", "group"])
      yield* tasks.limit(group, null)
      yield* settle
      assert.deepStrictEqual(yield* statesOf(kept), ["running", "running", "running", "slot"])
    }).pipe(Effect.provide(testPool({ slots: 3, script: { run } })))
  })

  it.effect("keeps it after a restart of the pool", () => {
    const { run } = held()
    return Effect.gen(function*() {
      const memory = Context.get(yield* Layer.build(StoreDirectory.layerMemory), Store)
      const store = Layer.succeed(Store, memory)
      const kept = yield* keep(group, ["a", "b"]).pipe(Effect.provide(testPool({ store, dispatch: false })))
      yield* Effect.gen(function*() {
        yield* (yield* Tasks).limit(group, 1)
        yield* settle
        assert.deepStrictEqual((yield* statesOf(kept)).toSorted(), ["group", "running"])
      }).pipe(Effect.provide(testPool({ store, slots: 2, script: { run } })))
    }).pipe(Effect.scoped)
  })
})

describe("a group with a purse", () => {
  it.effect("spends no more than it has, while others go on with the pool's money", () =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      const budget = yield* Budget
      yield* budget.open(group, { cap: fromUsd(1.5), settled: fromUsd(0), within: null })
      const kept = yield* keep(group, Array.range(1, 30).map(String))
      yield* tasks.enqueue(kept)
      const lone = yield* tasks.submit({ prompt: "lone" })
      yield* pass("1 second")
      const some = [kept[0]!, kept[1]!, kept[29]!, lone]
      assert.deepStrictEqual(yield* statesOf(some), ["running", "budget", "budget", "running"])
      yield* pass("1 minute")
      yield* pass("1 minute")
      const ended = yield* (yield* Pool).result(kept[29]!.id)
      assert.deepStrictEqual([ended.state, ended.error?.code], ["failed", "BudgetRefused"])
      assert.include(ended.error?.message, `the budget of ${group} has no room for $1.00: cap $1.50, spent $0.80`)
      assert.strictEqual((yield* budget.state).settled, fromUsd(1.2))
    }).pipe(Effect.provide(testPool({
      slots: 3,
      script: { run: () => Effect.as(Effect.sleep("1 minute"), answer("")), spend: spendOf(0.4) }
    }))))

  it.effect("is looked at once for all of its tasks, and keeps nobody waiting who has other money", () => {
    const finds = Ref.makeUnsafe(0)
    const counting = Layer.effect(
      Store,
      Effect.map(
        Store,
        (store) => Store.of({ ...store, find: (id) => Effect.andThen(Ref.update(finds, (n) => n + 1), store.find(id)) })
      )
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const budget = yield* Budget
      const chain = ChainId.make("c_0000000000000000")
      yield* budget.open(chain, { cap: fromUsd(1.5), settled: fromUsd(0), within: null })
      const groups = Array.makeBy(20, (n) => GroupId.make(`g_00000000000000${String(n).padStart(2, "0")}`))
      const kept = yield* Effect.forEach(groups, (id) =>
        Effect.andThen(
          budget.open(id, { cap: null, settled: fromUsd(0), within: chain }),
          keep(id, Array.range(1, 20).map(String))
        ))
      yield* tasks.enqueue(kept.flat())
      const lone = yield* tasks.submit({ prompt: "lone" })
      yield* settle
      assert.isBelow(yield* Ref.get(finds), 100)
      assert.deepStrictEqual(yield* statesOf([lone]), ["running"])
    }).pipe(Effect.provide(testPool({ store: counting, slots: 3, script: { run: () => Effect.never } })))
  })

  it.effect("refuses at the door what it can never pay", () =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      yield* (yield* Budget).open(group, { cap: fromUsd(1), settled: fromUsd(0.5), within: null })
      const refused = yield* Effect.flip(tasks.submit({ prompt: "a", budget: fromUsd(0.6) }, itemOf(group)))
      assert.deepInclude(refused.reason, { _tag: "BudgetRefused", of: group })
      yield* tasks.submit({ prompt: "b", budget: fromUsd(0.6) })
    }).pipe(Effect.provide(testPool({ dispatch: false }))))
})

describe("many tasks of a group behind its limit", () => {
  it.effect("all come to their turn", () => {
    const now = Ref.makeUnsafe(0)
    const most = Ref.makeUnsafe(0)
    const run = Effect.fnUntraced(function*() {
      const running = yield* Ref.updateAndGet(now, (n) => n + 1)
      yield* Ref.update(most, (before) => Math.max(before, running))
      yield* Effect.sleep("1 second")
      yield* Ref.update(now, (n) => n - 1)
      return answer("")
    })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      yield* tasks.limit(group, 3)
      const kept = yield* keep(group, Array.range(1, 60).map(String))
      const all = yield* Effect.forkChild(
        Effect.forEach(kept, ({ id }) => tasks.ended(id), { concurrency: "unbounded" })
      )
      yield* tasks.enqueue(kept)
      yield* pass("25 seconds", 50)
      yield* Fiber.join(all)
      assert.strictEqual(yield* Ref.get(most), 3)
    }).pipe(Effect.provide(testPool({ slots: 5, script: { run } })))
  })
})
