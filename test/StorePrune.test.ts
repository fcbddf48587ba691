/**
 * What is thrown away of a store, and what is not.
 */
import { assert, it } from "@effect/vitest"
import { Array, DateTime, Duration, Effect, Exit, Fiber, Option, Result, Schema } from "effect"
import { TestClock } from "effect/testing"
import { GroupState } from "../src/domain/Group.ts"
import { Parent } from "../src/domain/Parent.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChain, sampleGroup, sampleMembers } from "./support/SampleGroup.ts"
import { at, cancelled, completed, cost, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const hour = Duration.hours(1)
const options = { olderThan: hour, keepBytes: null, dryRun: false }

/** Long after all that the samples have done. */
const later = TestClock.setTime(Duration.toMillis("2 days"))

const finish = Effect.fnUntraced(function*(task: Task, micro = 1) {
  const store = yield* Store
  const start = started(task)
  yield* store.commit(start)
  const end = completed(start.task, { output: "the answer", spend: cost(micro), session: `session of ${task.id}` })
  yield* store.commit(end)
  return end.task
})

const finished = (number: number, request: Parameters<typeof sampleTask>[1] = {}, micro = 1) =>
  Effect.gen(function*() {
    const store = yield* Store
    return yield* finish(yield* store.accept(sampleTask(number, request)), micro)
  })

const isKept = (number: number) =>
  Effect.flatMap(Store, (store) => Effect.map(store.find(sampleId(number)), Option.isSome))

const group = Effect.fnUntraced(function*(number: number, first: number, more: Parameters<typeof sampleGroup>[2] = {}) {
  const store = yield* Store
  const open = sampleGroup(number, 3, more)
  const members = sampleMembers(open, first)
  yield* store.groups.accept(open, members)
  yield* Effect.forEach(members, ({ task }) => finish(task))
  return open
})

const endGroup = Effect.fnUntraced(function*(open: ReturnType<typeof sampleGroup>) {
  const store = yield* Store
  const done = Result.getOrThrow(open.complete(at(9)))
  yield* store.groups.commit({ group: done, event: PoolEvent.cases.GroupFinished.make({ id: open.id, state: "Done" }) })
})

onEachStore("Store.prune", (test, layer) => {
  test(
    "throws away finished tasks that are old, with all that is theirs, and frees their keys",
    Effect.gen(function*() {
      const store = yield* Store
      yield* finished(1, { key: "k", options: { tags: ["t"], name: "n" } })
      yield* store.accept(sampleTask(2, { options: { tags: ["t"] } }))
      yield* store.context.set({ scope: sampleId(1), key: "k", value: "v", setAt: at(1) })
      yield* later
      const report = yield* store.prune(options)

      assert.deepInclude(report, { tasks: 1, groups: 0, chains: 0, events: 4, messages: 0, files: 0, dry_run: false })
      assert.isFalse(yield* isKept(1))
      assert.deepStrictEqual(yield* store.attempts(sampleId(1)), [])
      assert.deepStrictEqual(yield* store.output(sampleId(1), { offset: 0, limit: 1 }), Option.none())
      assert.deepStrictEqual(yield* store.context.list(sampleId(1)), [])
      assert.strictEqual((yield* store.counts).Done, 0)
      assert.deepInclude(yield* store.list({ limit: 5, tag: "t" }), {
        total: 1,
        tasks: [sampleTask(2, { options: { tags: ["t"] } })]
      })
      assert.deepStrictEqual(yield* store.spent, cost(1))
      // Another request may have the key now.
      yield* store.accept(sampleTask(3, { key: "k", prompt: "another" }))
      assert.isTrue(yield* isKept(3))
    })
  )

  test(
    "keeps what is young, unfinished or in review, and what an unfinished task goes on from",
    Effect.gen(function*() {
      const store = yield* Store
      yield* finished(1)
      yield* store.accept(sampleTask(2, { options: { continueFrom: sampleId(1) } }))
      yield* finished(3)
      yield* finish(yield* store.accept(sampleTask(4, { options: { continueFrom: sampleId(3) } })))
      const running = started(yield* store.accept(sampleTask(5)))
      yield* store.commit(running)
      yield* TestClock.setTime(Duration.toMillis(hour))
      assert.strictEqual((yield* store.prune(options)).tasks, 0)
      yield* later
      assert.strictEqual((yield* store.prune(options)).tasks, 2)
      assert.deepStrictEqual(yield* Effect.forEach([1, 2, 3, 4, 5], isKept), [true, true, false, false, true])
      assert.isTrue(Option.isSome(yield* store.sessionOf(sampleId(1))))

      yield* store.commit(cancelled(sampleTask(2, { options: { continueFrom: sampleId(1) } })))
      assert.strictEqual((yield* store.prune(options)).tasks, 2)
      assert.isFalse(yield* isKept(1))
    })
  )

  test(
    "throws groups and chains away as wholes, and not while a part of them is open",
    Effect.gen(function*() {
      const store = yield* Store
      const alone = yield* group(1, 10)
      const chain = yield* store.chains.accept(sampleChain(1))
      const within = yield* group(2, 20, { within: chain.id })
      const step = new Task({
        ...sampleTask(30),
        parent: Parent.cases.Step.make({ id: chain.id, step: "one", round: 1 })
      })
      yield* finish(yield* store.accept(step))
      yield* endGroup(within)
      yield* later
      assert.deepInclude(yield* store.prune(options), { tasks: 0, groups: 0, chains: 0 })
      assert.strictEqual((yield* store.groups.spent(alone.id)).cost, 3)
      assert.strictEqual((yield* store.chains.spent(chain.id)).cost, 4)

      yield* endGroup(alone)
      const ended = Result.getOrThrow(chain.complete(at(9)))
      yield* store.chains.commit({
        chain: ended,
        event: PoolEvent.cases.ChainFinished.make({ id: chain.id, state: "Done" })
      })
      yield* store.accept(sampleTask(40, { options: { continueFrom: sampleId(21) } }))
      assert.deepInclude(yield* store.prune(options), { tasks: 0, groups: 1, chains: 0 })
      assert.deepStrictEqual(yield* store.groups.find(alone.id), Option.none())
      assert.deepStrictEqual(yield* Effect.forEach([10, 11, 12], isKept), [false, false, false])
      assert.deepStrictEqual(yield* Effect.forEach([20, 21, 22, 30], isKept), [true, true, true, true])

      yield* store.commit(cancelled(sampleTask(40, { options: { continueFrom: sampleId(21) } })))
      assert.deepInclude(yield* store.prune(options), { tasks: 1, groups: 0, chains: 1 })
      assert.deepStrictEqual(yield* store.chains.find(chain.id), Option.none())
      assert.deepStrictEqual(yield* store.groups.within(chain.id), [])
      assert.strictEqual((yield* store.list({ limit: 5 })).total, 0)
      assert.deepStrictEqual(yield* store.spent, Array.makeBy(7, () => cost(1)).reduce((all, one) => all.plus(one)))
    })
  )

  test(
    "does not throw away a group that was taken up again",
    Effect.gen(function*() {
      const store = yield* Store
      const open = yield* group(1, 10)
      const done = Result.getOrThrow(open.complete(at(9)))
      const event = PoolEvent.cases.GroupFinished.make({ id: open.id, state: "Done" })
      yield* store.groups.commit({ group: done, event })
      const again = Result.getOrThrow(done.reopen({ size: 3, budget: null }))
      yield* store.groups.commit({ group: again, event })
      assert.deepStrictEqual(again.state, GroupState.cases.Running.make({}))
      yield* later
      assert.strictEqual((yield* store.prune(options)).groups, 0)
      assert.strictEqual((yield* store.groups.members(open.id, { from: 0, limit: 5 })).length, 3)
    })
  )

  test(
    "throws away the oldest until the store is no larger than it may be",
    Effect.gen(function*() {
      const store = yield* Store
      const prompt = "word ".repeat(5000)
      yield* Effect.forEach(Array.range(1, 60), (number) => finished(number, { prompt }))
      const whole = yield* store.prune({ olderThan: null, keepBytes: null, dryRun: true })
      assert.strictEqual(whole.tasks, 0)
      const keepBytes = Math.round(whole.bytes_after / 2)
      const foreseen = yield* store.prune({ olderThan: null, keepBytes, dryRun: true })
      const report = yield* store.prune({ olderThan: null, keepBytes, dryRun: false })
      assert.isAtMost(report.bytes_after, keepBytes)
      assert.isAbove(report.bytes_after, keepBytes * 0.8)
      // What a row weighs is known to SQLite alone: beforehand, it is an estimate.
      assert.approximately(report.tasks, foreseen.tasks, 3)
      // The oldest have gone, and the younger ones are there.
      const kept = yield* Effect.forEach(Array.range(1, 60), isKept)
      assert.deepStrictEqual(kept, kept.toSorted())
    })
  )

  test(
    "says beforehand what it would do, and does nothing then",
    Effect.gen(function*() {
      const store = yield* Store
      yield* Effect.forEach(Array.range(1, 20), (number) => finished(number))
      yield* Effect.flatMap(group(1, 30), endGroup)
      const letter = {
        from: { _tag: "Coordinator" },
        text: "hello",
        sentAt: at(1),
        expiresAt: DateTime.makeUnsafe(1e12)
      } as const
      const to = { _tag: "Task", task: sampleId(1) } as const
      yield* store.messages.send([{ ...letter, to }, { ...letter, to: { _tag: "Coordinator" }, expiresAt: at(5) }])
      yield* later
      const { bytes_after: _, dry_run: __, ...foreseen } = yield* store.prune({ ...options, dryRun: true })
      assert.strictEqual((yield* store.list({ limit: 1 })).total, 23)
      const { bytes_after, dry_run, ...report } = yield* store.prune(options)
      assert.deepStrictEqual(foreseen, report)
      assert.deepInclude(report, { tasks: 20, groups: 1, messages: 2 })
      assert.isFalse(dry_run)
      assert.isAtMost(bytes_after, report.bytes_before)
    })
  )

  test(
    "lets others get in between, and may be interrupted",
    Effect.gen(function*() {
      const store = yield* Store
      yield* Effect.forEach(Array.range(1, 450), (number) => finished(number), { concurrency: "unbounded" })
      yield* later
      const run = yield* Effect.forkChild(store.prune(options), { startImmediately: true })
      yield* store.accept(sampleTask(1000))
      yield* Fiber.interrupt(run)
      assert.isTrue(Exit.isFailure(yield* Fiber.await(run)))
      assert.isTrue(yield* isKept(1000))
      const left = (yield* store.list({ limit: 1 })).total
      assert.isAbove(left, 1)
      assert.strictEqual((yield* store.prune(options)).tasks, left - 1)
    })
  )

  it.effect.prop(
    "leaves what was spent as it was, to the last micro-dollar",
    [Schema.Array(
      Schema.Struct({ micro: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1e9 })), ends: Schema.Boolean })
    )],
    ([tasks]) =>
      Effect.gen(function*() {
        const store = yield* Store
        yield* Effect.forEach(tasks, ({ ends, micro }, number) =>
          ends ? finished(number, {}, micro) : store.accept(sampleTask(number)))
        const before = yield* store.spent
        yield* later
        const { tasks: gone } = yield* store.prune(options)
        assert.strictEqual(
          gone,
          tasks.filter(({ ends }) =>
            ends
          ).length
        )
        assert.deepStrictEqual(yield* store.spent, before)
        assert.strictEqual(before.cost, tasks.reduce((sum, { ends, micro }) => sum + (ends ? micro : 0), 0))
        yield* finished(1000, {}, 5)
        assert.strictEqual((yield* store.spent).cost, before.cost + 5)
      }).pipe(Effect.provide(layer)),
    // On a disk a hundred stores take their time: on a busy machine more than a test usually has.
    { timeout: 300_000 }
  )
})
