import { assert } from "@effect/vitest"
import { Array, Effect } from "effect"
import { Spend } from "../src/domain/Spend.ts"
import type { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { at, cancelled, retried, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const ids = (tasks: ReadonlyArray<Task>) => tasks.map((task) => task.id)

onEachStore("Store, its lists", (test) => {
  test(
    "lists the newest first, page by page",
    Effect.gen(function*() {
      const store = yield* Store
      yield* Effect.forEach(Array.range(1, 5), (number) => store.accept(sampleTask(number)))

      const first = yield* store.list({ limit: 2 })
      const second = yield* store.list({ limit: 2, cursor: first.nextCursor ?? "" })
      const third = yield* store.list({ limit: 2, cursor: second.nextCursor ?? "" })
      assert.deepStrictEqual(
        [first, second, third].map((page) => ids(page.tasks)),
        [[5, 4], [3, 2], [1]].map((page) => page.map(sampleId))
      )
      assert.deepStrictEqual([first.total, second.total, third.total], [5, 5, 5])
      assert.strictEqual(third.nextCursor, null)
    })
  )

  test(
    "lists the oldest first where that is asked for, page by page, over several states",
    Effect.gen(function*() {
      const store = yield* Store
      const tasks = yield* Effect.forEach(Array.range(1, 5), (number) => store.accept(sampleTask(number)))
      yield* Effect.forEach(tasks.slice(1, 2), (task) => store.commit(cancelled(task)))

      const asked = { limit: 2, order: "oldest", states: ["Queued", "Cancelled"] } as const
      const first = yield* store.list(asked)
      const second = yield* store.list({ ...asked, cursor: first.nextCursor ?? "" })
      const third = yield* store.list({ ...asked, cursor: second.nextCursor ?? "" })
      assert.deepStrictEqual(
        [first, second, third].map((page) => ids(page.tasks)),
        [[1, 2], [3, 4], [5]].map((page) => page.map(sampleId))
      )
      assert.strictEqual(third.nextCursor, null)
    })
  )

  test(
    "lists what has ended, the last one first, page by page, whenever it was handed in",
    Effect.gen(function*() {
      const store = yield* Store
      const options = [{ tags: ["a"] }, {}, { tags: ["a"] }, {}, {}]
      const tasks = yield* Effect.forEach(options, (options, number) => store.accept(sampleTask(number, { options })))
      // The fourth is still waiting; the third and the first end at the same time.
      for (const [number, millis] of [[4, 10], [2, 20], [0, 20], [1, 30]] as const) {
        yield* store.commit(cancelled(tasks[number]!, millis))
      }
      const pages = Effect.fnUntraced(function*(filter: Omit<Parameters<typeof store.list>[0], "limit">) {
        const found: Array<ReadonlyArray<number>> = []
        let cursor: string | undefined
        do {
          const page = yield* store.list({
            ...filter,
            order: "ended",
            limit: 2,
            ...(cursor === undefined ? {} : { cursor })
          })
          found.push(page.tasks.map((task) => ids(tasks).indexOf(task.id)))
          cursor = page.nextCursor ?? undefined
        } while (cursor !== undefined)
        return found
      })
      assert.deepStrictEqual(yield* pages({}), [[1, 2], [0, 4]])
      assert.deepStrictEqual(yield* pages({ tag: "a" }), [[2, 0]])
      assert.deepStrictEqual(yield* pages({ states: ["Done", "Queued"] }), [[]])
      assert.strictEqual((yield* store.list({ order: "ended", limit: 1 })).total, 4)
      const wrong = yield* Effect.flip(store.list({ order: "ended", limit: 1, cursor: "7" }))
      assert.strictEqual(wrong.reason._tag, "InvalidRequest")
    })
  )

  test(
    "lists by state, tag and name, alone and together",
    Effect.gen(function*() {
      const store = yield* Store
      const options = [
        { tags: ["a", "b", "a"], name: "x" },
        { tags: ["a"], name: "y" },
        { tags: ["b"], name: "x" },
        {}
      ]
      const tasks = yield* Effect.forEach(options, (options, number) => store.accept(sampleTask(number, { options })))
      yield* Effect.forEach(tasks.slice(0, 2), (task) => store.commit(cancelled(task)))

      const numbers = Effect.fnUntraced(function*(filter: Omit<Parameters<typeof store.list>[0], "limit">) {
        const page = yield* store.list({ ...filter, limit: 10 })
        assert.strictEqual(page.total, page.tasks.length)
        return page.tasks.map((task) => ids(tasks).indexOf(task.id))
      })
      assert.deepStrictEqual(yield* numbers({}), [3, 2, 1, 0])
      assert.deepStrictEqual(yield* numbers({ tag: "a" }), [1, 0])
      assert.deepStrictEqual(yield* numbers({ name: "x" }), [2, 0])
      assert.deepStrictEqual(yield* numbers({ tag: "b", name: "x" }), [2, 0])
      assert.deepStrictEqual(yield* numbers({ tag: "a", name: "none" }), [])
      assert.deepStrictEqual(yield* numbers({ states: ["Cancelled"] }), [1, 0])
      assert.deepStrictEqual(yield* numbers({ states: ["Queued", "Cancelled", "Queued"], tag: "b" }), [2, 0])
      assert.deepStrictEqual(yield* numbers({ states: ["Queued"], tag: "b", name: "x" }), [2])
    })
  )

  test(
    "refuses a cursor that it has not given",
    Effect.gen(function*() {
      const store = yield* Store
      for (const cursor of ["", "x", "1.5", "1; DROP TABLE tasks"]) {
        const { reason } = yield* Effect.flip(store.list({ limit: 1, cursor }))
        assert.strictEqual(reason._tag, "InvalidRequest")
      }
    })
  )

  test(
    "tells what waits, oldest first, and what runs",
    Effect.gen(function*() {
      const store = yield* Store
      const tasks = yield* Effect.forEach([1, 2, 3], (number) => store.accept(sampleTask(number)))
      const starts = Array.map(tasks, started)
      yield* Effect.forEach(starts, (start) => store.commit(start))
      assert.deepStrictEqual(yield* store.queued, [])
      assert.deepStrictEqual(yield* store.running, starts.map(({ attempt, task }) => [task, attempt] as const))

      yield* Effect.forEach(starts.slice(1), ({ task }) => store.commit(retried(task, Spend.zero)))
      assert.deepStrictEqual(yield* store.queued, [
        { id: sampleId(2), parent: null, role: null, notBefore: at(5000) },
        { id: sampleId(3), parent: null, role: null, notBefore: at(5000) }
      ])
      assert.strictEqual((yield* store.running).length, 1)
    })
  )
})
