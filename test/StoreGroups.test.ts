import { assert } from "@effect/vitest"
import { it } from "@effect/vitest"
import { Array, Effect, Equal, Option, Result, Schema } from "effect"
import { Group } from "../src/domain/Group.ts"
import { MicroUsd } from "../src/domain/MicroUsd.ts"
import { Parent } from "../src/domain/Parent.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { Spend } from "../src/domain/Spend.ts"
import { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChainId, sampleGroup, sampleGroupId, sampleMember, sampleMembers } from "./support/SampleGroup.ts"
import { at, cancelled, completed, cost, retried, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const together = { concurrency: "unbounded" } as const
const all = { from: 0, limit: 1000 }

const finished = (group: Group) => PoolEvent.cases.GroupFinished.make({ id: group.id, state: "Done" })
const completedGroup = (group: Group) => Result.getOrThrow(group.complete(at(9)))

/** Runs a queued task to its end, at a cost. */
const run = Effect.fnUntraced(function*(task: Task, spend: Spend) {
  const store = yield* Store
  const start = started(task)
  yield* store.commit(start)
  const end = completed(start.task, { output: "", spend })
  yield* store.commit(end)
  return end.task
})

onEachStore("Store, its groups", (test, layer) => {
  test(
    "keeps a group with all of its tasks, in the order of its items",
    Effect.gen(function*() {
      const store = yield* Store
      const group = sampleGroup(1, 450, { name: "many", within: sampleChainId(1) })
      const members = sampleMembers(group, 1)
      assert.deepStrictEqual(yield* store.groups.accept(group, members), group)

      assert.deepStrictEqual(yield* store.groups.find(group.id), Option.some(group))
      assert.deepStrictEqual(yield* store.groups.find(sampleGroupId(2)), Option.none())
      assert.deepStrictEqual(yield* store.groups.members(group.id, all), members)
      assert.deepStrictEqual(yield* store.groups.members(group.id, { from: 448, limit: 1 }), members.slice(448, 449))
      assert.deepStrictEqual(yield* store.groups.members(sampleGroupId(2), all), [])
      assert.deepStrictEqual(yield* store.find(sampleId(450)), Option.some(members[449]!.task))
      assert.deepStrictEqual((yield* store.queued).map(({ id }) => id), members.map(({ task }) => task.id))
      assert.deepStrictEqual((yield* store.events(0, 10)).map(({ event }) => event), [
        PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: 450 })
      ])
    })
  )

  it.effect.prop("gives back every group as it was", [Schema.Array(Group)], ([groups]) =>
    Effect.gen(function*() {
      const store = yield* Store
      const kept = groups.map((group, number) =>
        new Group({ ...group, id: sampleGroupId(number), key: group.key === null ? null : `${number} ${group.key}` })
      )
      yield* Effect.forEach(kept, (group) => store.groups.accept(group, []), together)
      for (const group of kept) {
        assert.isTrue(Equal.equals(yield* store.groups.find(group.id), Option.some(group)))
        if (group.key !== null) assert.isTrue(Equal.equals(yield* store.groups.accept(group, []), group))
      }
    }).pipe(Effect.provide(layer)), { arbitrary: { maxDiscards: 50_000 } })

  test(
    "lists and counts a group's tasks as if it were a tag of theirs",
    Effect.gen(function*() {
      const store = yield* Store
      const [group, other] = [sampleGroup(1, 3), sampleGroup(2, 1)]
      const named = sampleMember(group, 0, 1, { options: { name: "n", tags: ["t", group.id] } })
      yield* store.groups.accept(group, [named, sampleMember(group, 1, 2), sampleMember(group, 2, 3)])
      yield* store.groups.accept(other, [sampleMember(other, 0, 4)])
      yield* store.accept(sampleTask(5))
      yield* store.commit(cancelled(sampleMember(group, 1, 2).task))

      const page = yield* store.list({ tag: group.id, limit: 10 })
      assert.deepStrictEqual(page.tasks.map(({ id }) => id), [3, 2, 1].map(sampleId))
      assert.strictEqual(page.total, 3)
      assert.strictEqual((yield* store.list({ tag: group.id, name: "n", limit: 10 })).total, 1)
      assert.strictEqual((yield* store.list({ tag: group.id, states: ["Cancelled"], limit: 10 })).total, 1)
      assert.deepStrictEqual(
        yield* store.groups.counts(group.id),
        { Queued: 2, Running: 0, InReview: 0, Done: 0, Failed: 0, Cancelled: 1 }
      )
    })
  )

  test(
    "keeps nothing of a group that cannot be kept whole",
    Effect.gen(function*() {
      const store = yield* Store
      const taken = yield* store.accept(sampleTask(300))
      const group = sampleGroup(1, 300)
      const exit = yield* Effect.exit(store.groups.accept(group, sampleMembers(group, 1)))
      assert.strictEqual(exit._tag, "Failure")

      assert.deepStrictEqual(yield* store.groups.find(group.id), Option.none())
      assert.deepStrictEqual((yield* store.list({ limit: 10 })).tasks, [taken])
      assert.strictEqual((yield* store.list({ tag: group.id, limit: 10 })).total, 0)
      assert.strictEqual((yield* store.events(0, 10)).length, 1)
    })
  )

  test(
    "knows a group again by its key, and refuses the key with other items or rules",
    Effect.gen(function*() {
      const store = yield* Store
      const group = sampleGroup(1, 2, { key: "k" })
      const first = yield* store.groups.accept(group, sampleMembers(group, 1))
      const again = sampleGroup(2, 2, { key: "k" })
      assert.deepStrictEqual(yield* store.groups.accept(again, sampleMembers(again, 3)), first)
      assert.strictEqual((yield* store.list({ limit: 10 })).total, 2)

      const refusals = [
        [again, [sampleMember(again, 0, 3), sampleMember(again, 1, 4, { content: "else" })]],
        [sampleGroup(2, 3, { key: "k" }), sampleMembers(sampleGroup(2, 3), 3)],
        [sampleGroup(2, 2, { key: "k", onFailure: "fail-fast" }), sampleMembers(again, 3)]
      ] as const
      for (const [group, members] of refusals) {
        const { reason } = yield* Effect.flip(store.groups.accept(group, members))
        assert.deepInclude(reason, { _tag: "KeyConflict", id: first.id })
      }

      const end = completedGroup(first)
      yield* store.groups.commit({ group: end, event: finished(end) })
      assert.deepStrictEqual(yield* store.groups.accept(again, sampleMembers(again, 3)), end)
      assert.strictEqual((yield* store.list({ limit: 10 })).total, 2)
    })
  )

  test(
    "makes one group of many deliveries at once of the same request",
    Effect.gen(function*() {
      const store = yield* Store
      const deliveries = Array.range(1, 20).map((number) => sampleGroup(number, 5, { key: "k" }))
      const accepted = yield* Effect.forEach(
        deliveries,
        (group, index) => store.groups.accept(group, sampleMembers(group, index * 5)),
        together
      )
      assert.strictEqual(new Set(accepted.map((group) => group.id)).size, 1)
      assert.strictEqual((yield* store.list({ limit: 10 })).total, 5)
    })
  )

  test(
    "refuses a step from a version that is not the last",
    Effect.gen(function*() {
      const store = yield* Store
      const group = yield* store.groups.accept(sampleGroup(1, 1), sampleMembers(sampleGroup(1, 1), 1))
      const end = completedGroup(group)
      yield* store.groups.commit({ group: end, event: finished(end) })

      const late = { group: completedGroup(group), event: finished(group), tasks: [sampleMember(group, 0, 9)] }
      const refusals = [yield* Effect.flip(store.groups.commit(late))]
      const unknown = completedGroup(sampleGroup(2, 1))
      refusals.push(yield* Effect.flip(store.groups.commit({ group: unknown, event: finished(unknown) })))
      assert.deepStrictEqual(refusals.map(({ _tag }) => _tag), ["IllegalTransition", "IllegalTransition"])
      assert.deepStrictEqual(yield* store.find(sampleId(9)), Option.none())
      assert.deepStrictEqual(yield* store.groups.find(group.id), Option.some(end))
      assert.strictEqual((yield* store.events(0, 10)).length, 2)
    })
  )

  test(
    "puts other tasks in the places of items, and forgets none that stood there before",
    Effect.gen(function*() {
      const store = yield* Store
      const group = sampleGroup(1, 4)
      const members = sampleMembers(group, 1)
      yield* store.groups.accept(group, members)
      const done = yield* run(members[3]!.task, cost(7))
      const end = completedGroup(group)
      yield* store.groups.commit({ group: end, event: finished(end) })

      const reopened = Result.getOrThrow(end.reopen({ size: 3, budget: MicroUsd.make(5) }))
      const fresh = sampleMember(group, 0, 11, { content: "content 0" })
      yield* store.groups.commit({
        group: reopened,
        tasks: [fresh],
        kept: [{ index: 2, task: done }],
        event: PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: 1 })
      })
      const now = yield* store.groups.members(group.id, all)
      assert.deepStrictEqual(now.map(({ task }) => task.id), [11, 2, 4].map(sampleId))
      assert.deepStrictEqual(yield* store.groups.byContent(group.id, "content 0"), [fresh.task, members[0]!.task])
      assert.deepStrictEqual(yield* store.groups.byContent(group.id, "content 9"), [])
      assert.strictEqual((yield* store.list({ tag: group.id, limit: 10 })).total, 5)
      assert.deepStrictEqual(
        yield* store.groups.counts(group.id),
        { Queued: 2, Running: 0, InReview: 0, Done: 1, Failed: 0, Cancelled: 0 }
      )
      assert.deepStrictEqual(yield* store.groups.find(group.id), Option.some(reopened))
    })
  )

  test(
    "counts the money of all tasks that were ever a group's, the reducer's and failed attempts' too",
    Effect.gen(function*() {
      const store = yield* Store
      const group = sampleGroup(1, 2)
      const [first, second] = sampleMembers(group, 1)
      yield* store.groups.accept(group, [first!, second!])
      yield* run(first!.task, cost(1))
      const start = started(second!.task)
      yield* store.commit(start)
      yield* store.commit(retried(start.task, cost(20)))
      const reducer = new Task({ ...sampleTask(3), parent: Parent.cases.Reducer.make({ id: group.id }) })
      yield* run(yield* store.accept(reducer), cost(300))
      yield* run(yield* store.accept(sampleTask(4)), cost(4000))

      assert.deepStrictEqual(yield* store.groups.spent(group.id), cost(1).plus(cost(20)).plus(cost(300)))
      assert.deepStrictEqual(yield* store.groups.spent(sampleGroupId(2)), Spend.zero)
    })
  )

  test(
    "lists groups newest first, page by page, and those that are open oldest first",
    Effect.gen(function*() {
      const store = yield* Store
      const groups = [1, 2, 3].map((number) => sampleGroup(number, 0))
      yield* Effect.forEach(groups, (group) => store.groups.accept(group, []))
      const end = completedGroup(groups[1]!)
      yield* store.groups.commit({ group: end, event: finished(end) })

      const first = yield* store.groups.list({ limit: 2 })
      const second = yield* store.groups.list({ limit: 2, cursor: first.nextCursor ?? "" })
      assert.deepStrictEqual([first, second].map((page) => page.groups), [[groups[2]!, end], [groups[0]!]])
      assert.strictEqual(second.nextCursor, null)
      assert.deepStrictEqual(yield* store.groups.open, [groups[0]!, groups[2]!])
      assert.strictEqual(
        (yield* Effect.flip(store.groups.list({ limit: 2, cursor: "x" }))).reason._tag,
        "InvalidRequest"
      )

      const reducing = Result.getOrThrow(groups[0]!.startReducing(sampleId(1)))
      yield* store.groups.commit({ group: reducing, event: PoolEvent.cases.Submitted.make({ id: sampleId(1) }) })
      assert.deepStrictEqual(yield* store.groups.open, [reducing, groups[2]!])
    })
  )

  test(
    "accepts ten thousand tasks at once, beside single ones",
    Effect.gen(function*() {
      const store = yield* Store
      const group = sampleGroup(1, 10_000)
      yield* Effect.all([
        store.groups.accept(group, sampleMembers(group, 1)),
        ...Array.range(20_001, 20_010).map((number) => store.accept(sampleTask(number)))
      ], together)
      assert.strictEqual((yield* store.groups.counts(group.id)).Queued, 10_000)
      assert.strictEqual((yield* store.counts).Queued, 10_010)
      const [last] = yield* store.groups.members(group.id, { from: 9_999, limit: 10 })
      assert.strictEqual(last?.task.id, sampleId(10_000))
    })
  )
})
