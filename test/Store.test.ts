import { assert, it } from "@effect/vitest"
import { Array, Effect, Equal, Exit, Fiber, Option, Schema } from "effect"
import { Spend } from "../src/domain/Spend.ts"
import { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { cancelled, completed, cost, retried, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const together = { concurrency: "unbounded" } as const

/** Whether it has no half characters: those do not survive being written as bytes. */
const isWhole = (text: string) => new TextDecoder().decode(new TextEncoder().encode(text)) === text

onEachStore("Store", (test, layer) => {
  test(
    "finds what was accepted, and nothing else",
    Effect.gen(function*() {
      const store = yield* Store
      assert.deepStrictEqual(yield* store.accept(sampleTask(1)), sampleTask(1))
      assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(sampleTask(1)))
      assert.deepStrictEqual(yield* store.find(sampleId(2)), Option.none())
      assert.deepStrictEqual(yield* store.attempts(sampleId(2)), [])
      assert.deepStrictEqual(yield* store.output(sampleId(2), { offset: 0, limit: 1 }), Option.none())
    })
  )

  it.effect.prop("gives back every task as it was", [Schema.Array(Task)], ([tasks]) =>
    Effect.gen(function*() {
      const store = yield* Store
      const kept = tasks.map((task, number) =>
        new Task({ ...task, id: sampleId(number), key: task.key === null ? null : `${number} ${task.key}` })
      )
      yield* Effect.forEach(kept, (task) => store.accept(task), together)
      for (const task of kept) {
        assert.isTrue(Equal.equals(yield* store.find(task.id), Option.some(task)))
        if (task.key !== null) assert.isTrue(Equal.equals(yield* store.accept(task), task))
        for (const tag of task.options.tags ?? []) {
          const { tasks } = yield* store.list({ tag, limit: kept.length })
          assert.include(tasks.map((task) => task.id), task.id)
        }
      }
    }).pipe(Effect.provide(layer)), { arbitrary: { maxDiscards: 50_000 } })

  test(
    "knows a request again by its key, whatever has become of its task",
    Effect.gen(function*() {
      const store = yield* Store
      const first = yield* store.accept(sampleTask(1, { key: "k", prompt: "p" }))
      assert.deepStrictEqual(yield* store.accept(sampleTask(2, { key: "k", prompt: "p" })), first)

      const start = started(first)
      yield* store.commit(start)
      assert.deepStrictEqual(yield* store.accept(sampleTask(3, { key: "k", prompt: "p" })), start.task)
      assert.strictEqual((yield* store.list({ limit: 10 })).total, 1)
    })
  )

  test(
    "keeps half a character, and an end in the middle",
    Effect.gen(function*() {
      const store = yield* Store
      const options = { name: "\ud800", tags: ["\ud800", "\udc00", "\ufffd"] }
      const task = yield* store.accept(sampleTask(1, { options, prompt: "\u0000\ud800" }))
      assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(task))
      assert.strictEqual((yield* store.list({ limit: 1, tag: "\udc00", name: "\ud800" })).total, 1)

      const start = started(task)
      const output = "\u0000 and \ud800"
      yield* Effect.forEach([start, completed(start.task, { output, spend: Spend.zero })], (step) => store.commit(step))
      const page = yield* store.output(sampleId(1), { offset: 0, limit: 100 })
      assert.deepStrictEqual(page, Option.some({ text: output, offset: 0, total: output.length }))
    })
  )

  test(
    "refuses a known key with another request",
    Effect.gen(function*() {
      const store = yield* Store
      yield* store.accept(sampleTask(1, { key: "k", prompt: "p" }))
      const others = [
        sampleTask(2, { key: "k", prompt: "q" }),
        sampleTask(2, { key: "k", prompt: "p", options: { model: "opus" } })
      ]
      for (const other of others) {
        const { reason } = yield* Effect.flip(store.accept(other))
        assert.strictEqual(reason._tag, "KeyConflict")
        assert.include(reason.message, sampleId(1))
      }
      assert.deepStrictEqual(yield* store.find(sampleId(2)), Option.none())
    })
  )

  test(
    "makes one task of many deliveries at once of the same request",
    Effect.gen(function*() {
      const store = yield* Store
      const deliveries = Array.makeBy(50, (number) => sampleTask(number, { key: "k", prompt: "p" }))
      const accepted = yield* Effect.forEach(deliveries, (task) => store.accept(task), together)
      assert.strictEqual(new Set(accepted.map((task) => task.id)).size, 1)
      assert.strictEqual((yield* store.list({ limit: 10 })).total, 1)
    })
  )

  test(
    "keeps the whole life of a task",
    Effect.gen(function*() {
      const store = yield* Store
      const first = started(yield* store.accept(sampleTask(1)))
      const retry = retried(first.task, cost(30))
      const second = started(retry.task)
      const end = completed(second.task, { output: "the answer", spend: cost(12), session: "s" })
      yield* Effect.forEach([first, retry, second, end], (change) => store.commit(change))

      assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(end.task))
      assert.deepStrictEqual(yield* store.attempts(sampleId(1)), [retry.attempt, end.attempt])
      assert.deepStrictEqual(yield* store.spent, cost(30).plus(cost(12)))
      assert.deepStrictEqual(
        yield* store.output(sampleId(1), { offset: 4, limit: 3 }),
        Option.some({ text: "ans", offset: 4, total: 10 })
      )
      const log = yield* store.events(0, 100)
      assert.deepStrictEqual(
        log.map(({ event }) => event._tag),
        ["Submitted", "Started", "Requeued", "Started", "Finished"]
      )
      const [, , third] = log
      assert.deepStrictEqual(yield* store.events(third?.seq ?? 0, 1), log.slice(3, 4))
    })
  )

  test(
    "refuses a step from a version that is not the last",
    Effect.gen(function*() {
      const store = yield* Store
      const task = yield* store.accept(sampleTask(1))
      yield* store.commit(cancelled(task))

      const late = yield* Effect.flip(store.commit(started(task)))
      assert.strictEqual(late._tag, "IllegalTransition")
      const unknown = yield* Effect.flip(store.commit(started(sampleTask(2))))
      assert.strictEqual(unknown._tag, "IllegalTransition")

      assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(cancelled(task).task))
      assert.deepStrictEqual(yield* store.attempts(sampleId(1)), [])
      assert.strictEqual((yield* store.events(0, 100)).length, 2)
    })
  )

  test(
    "lets one of many writers win, and does not let the losers spoil it for others",
    Effect.gen(function*() {
      const store = yield* Store
      const task = yield* store.accept(sampleTask(0))
      const rivals = Array.makeBy(20, () => Effect.asVoid(store.commit(cancelled(task))))
      const others = Array.makeBy(20, (number) => Effect.asVoid(store.accept(sampleTask(number + 1))))
      const exits = yield* Effect.forEach(Array.flatten(Array.zip(rivals, others)), Effect.exit, together)

      assert.strictEqual(exits.filter(Exit.isSuccess).length, 21)
      assert.deepStrictEqual(yield* store.counts, {
        Queued: 20,
        Running: 0,
        InReview: 0,
        Done: 0,
        Failed: 0,
        Cancelled: 1
      })
    })
  )

  test(
    "writes all of a change or nothing, also for a caller who goes away",
    Effect.gen(function*() {
      const store = yield* Store
      const callers = yield* Effect.forEach(Array.range(1, 60), (number) => {
        const task = sampleTask(number, { options: { tags: ["t"] } })
        return Effect.forkChild(store.accept(task), { startImmediately: number % 3 !== 0 })
      })
      yield* Fiber.interruptAll(callers)

      const kept = yield* store.list({ limit: 100, tag: "t" })
      assert.strictEqual(kept.total, 40)
      assert.strictEqual(kept.tasks.length, 40)
      assert.strictEqual((yield* store.counts).Queued, 40)
      assert.strictEqual((yield* store.queued).length, 40)
      assert.strictEqual((yield* store.events(0, 100)).length, 40)
    })
  )

  test(
    "counts every attempt's money once, to the last micro-dollar",
    Effect.gen(function*() {
      const store = yield* Store
      assert.deepStrictEqual(yield* store.spent, Spend.zero)
      yield* Effect.forEach(Array.range(1, 100), (number) =>
        Effect.gen(function*() {
          const first = started(yield* store.accept(sampleTask(number)))
          const retry = retried(first.task, cost(number))
          const second = started(retry.task)
          const end = completed(second.task, { output: "", spend: new Spend({ ...cost(1), exact: number !== 7 }) })
          yield* Effect.forEach([first, retry, second, end], (change) => store.commit(change))
        }), together)
      assert.deepStrictEqual(yield* store.spent, new Spend({ ...cost(5050 + 100), turns: 200, exact: false }))
    })
  )

  test(
    "knows a task's last session, and what it has cost over all tasks",
    Effect.gen(function*() {
      const store = yield* Store
      const run = Effect.fnUntraced(function*(number: number, session?: string) {
        const start = started(yield* store.accept(sampleTask(number)))
        yield* store.commit(start)
        const end = { output: "", spend: cost(number), ...(session === undefined ? {} : { session }) }
        yield* store.commit(completed(start.task, end))
      })
      yield* run(1, "s")
      yield* run(2, "s")
      yield* run(3, "other")
      yield* run(4)

      const found = yield* store.sessionOf(sampleId(1))
      assert.deepStrictEqual(
        Option.map(found, ({ session, spend }) => [session, spend.cost, spend.turns]),
        Option.some(["s", 3, 2])
      )
      assert.deepStrictEqual(yield* store.sessionOf(sampleId(4)), Option.none())
      assert.deepStrictEqual(yield* store.sessionOf(sampleId(5)), Option.none())
    })
  )

  test(
    "gives a long answer in pages that no character is lost between",
    Effect.gen(function*() {
      const store = yield* Store
      const output = `a😀b\u0000c\r\né😀😀${"x".repeat(100_000)}`
      const start = started(yield* store.accept(sampleTask(1)))
      yield* store.commit(start)
      yield* store.commit(completed(start.task, { output, spend: Spend.zero }))

      for (const limit of [1, 2, 3, 50_000]) {
        let text = ""
        while (text.length < Math.min(output.length, limit * 20)) {
          const page = Option.getOrThrow(yield* store.output(sampleId(1), { offset: text.length, limit }))
          assert.isTrue(page.text.length > 0 && isWhole(page.text))
          assert.strictEqual(page.total, output.length)
          text += page.text
        }
        assert.isTrue(output.startsWith(text))
      }
      assert.deepStrictEqual(
        yield* store.output(sampleId(1), { offset: output.length, limit: 5 }),
        Option.some({ text: "", offset: output.length, total: output.length })
      )
    })
  )
})
