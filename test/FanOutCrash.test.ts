/**
 * Groups whose pool is killed: the next one takes them up where the store has them, and nothing is run twice that was
 * done.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Schema } from "effect"
import { nextStep } from "../src/domain/Group.ts"
import type { GroupId } from "../src/domain/GroupId.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { itemsOf, membersOf, startGroup, statesOf } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"
import { killablePools } from "./support/KillablePools.ts"
import { settle } from "./support/Time.ts"

const ended = (id: GroupId) => Effect.flatMap(FanOut, (fanOut) => fanOut.ended(id))
const found = (id: GroupId) => Effect.flatMap(FanOut, (fanOut) => fanOut.find(id))

describe("a group whose pool is killed", () => {
  it.effect("before any of its tasks has begun is run by the next one", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run }, dispatch: false })
      const { id } = yield* pools.use(startGroup(itemsOf("hold a", "hold b"), { concurrency: 1 }))
      yield* pools.kill({ dispatch: true })
      yield* settle
      assert.deepStrictEqual(script.prompts, ["hold a"])
      yield* script.letGo("hold a")
      yield* script.letGo("hold b")
      assert.strictEqual((yield* pools.use(found(id))).state._tag, "Done")
      assert.deepStrictEqual(script.prompts, ["hold a", "hold b"])
    }).pipe(Effect.scoped))

  it.effect("while its items run has those run again that were not done, and no others", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run } })
      const { id } = yield* pools.use(startGroup(itemsOf("a", "hold b", "bad c", "d"), { concurrency: 2 }))
      yield* settle
      assert.deepStrictEqual(yield* pools.use(statesOf(id)), ["Done", "Running", "Failed", "Done"])
      yield* pools.kill()
      yield* settle
      yield* script.letGo("hold b")
      assert.strictEqual((yield* pools.use(ended(id))).state._tag, "Failed")
      assert.deepStrictEqual(yield* pools.use(statesOf(id)), ["Done", "Done", "Failed", "Done"])
      assert.deepStrictEqual(script.prompts.toSorted(), ["a", "bad c", "d", "hold b", "hold b"])
    }).pipe(Effect.scoped))

  it.effect("before its end was on record ends with the next one", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run } })
      const { id } = yield* pools.use(startGroup(itemsOf("hold a")))
      yield* settle
      yield* pools.deafenGroups
      yield* script.letGo("hold a")
      assert.strictEqual((yield* pools.use(found(id))).state._tag, "Running")
      assert.deepStrictEqual(yield* pools.use(statesOf(id)), ["Done"])
      yield* pools.kill()
      yield* settle
      assert.strictEqual((yield* pools.use(found(id))).state._tag, "Done")
      assert.strictEqual(script.prompts.length, 1)
    }).pipe(Effect.scoped))

  it.effect("after its reducer was kept and before that was on record has no second one made", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run } })
      const { id } = yield* pools.use(startGroup(itemsOf("hold a"), { reduce: { prompt: "Sum up." } }))
      yield* settle
      yield* pools.deafenGroups
      yield* script.letGo("hold a")
      assert.strictEqual((yield* pools.use(found(id))).state._tag, "Running")
      yield* pools.kill()
      const group = yield* pools.use(ended(id))
      assert.strictEqual(group.state._tag, "Done")
      const store = yield* pools.use(Store)
      assert.strictEqual((yield* store.list({ tag: id, limit: 10 })).total, 2)
    }).pipe(Effect.scoped))

  it.effect("while an answer is made of it ends with that answer", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run } })
      const { id } = yield* pools.use(startGroup(itemsOf("a"), { reduce: { prompt: "hold {outcomes}" } }))
      yield* settle
      const before = yield* pools.use(found(id))
      assert.strictEqual(before.state._tag, "Reducing")
      yield* pools.kill()
      yield* settle
      yield* script.letGo(script.prompts.at(-1) ?? "")
      const after = yield* pools.use(ended(id))
      assert.strictEqual(after.state._tag, "Done")
      assert.strictEqual(after.reducer, before.reducer)
      const reducer = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.find(after.reducer!)))
      assert.strictEqual(reducer.attempts, 2)
    }).pipe(Effect.scoped))

  it.effect("while the rest of it is stopped has the rest stopped", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run }, dispatch: false })
      const { id } = yield* pools.use(startGroup(itemsOf("a", "b", "c", "d"), { onFailure: { quorum: 4 } }))
      const [first] = yield* pools.use(membersOf(id))
      yield* pools.deafenLists
      yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.cancel(first!.task.id, "not needed")))
      yield* settle
      assert.deepStrictEqual(yield* pools.use(statesOf(id)), ["Cancelled", "Queued", "Queued", "Queued"])
      yield* pools.kill({ dispatch: false })
      const group = yield* pools.use(ended(id))
      assert.strictEqual(group.state._tag, "Failed")
      assert.deepStrictEqual(new Set(yield* pools.use(statesOf(id))), new Set(["Cancelled"]))
    }).pipe(Effect.scoped))

  it.effect("is left alone by a pool that only takes up what it is asked for, until it is asked", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run }, dispatch: false })
      const items = itemsOf("a", "b")
      const { id } = yield* pools.use(startGroup(items, { key: "k" }))
      yield* pools.kill({ dispatch: true, resume: false })
      yield* settle
      assert.deepStrictEqual(script.prompts, [])
      assert.strictEqual((yield* pools.use(startGroup(items, { key: "k" }))).id, id)
      assert.strictEqual((yield* pools.use(ended(id))).state._tag, "Done")
    }).pipe(Effect.scoped))

  it.effect("while an answer is made of it gets its answer from a pool that is asked for it", () =>
    Effect.gen(function*() {
      const script = groupScript()
      const pools = yield* killablePools({ script: { run: script.run } })
      const options = { key: "k", reduce: { prompt: "hold" } }
      const { id } = yield* pools.use(startGroup(itemsOf("a"), options))
      yield* settle
      yield* pools.kill({ resume: false })
      yield* pools.use(startGroup(itemsOf("a"), options))
      yield* settle
      assert.strictEqual(script.prompts.length, 3)
      yield* script.letGo(script.prompts.at(-1) ?? "")
      assert.strictEqual((yield* pools.use(ended(id))).state._tag, "Done")
    }).pipe(Effect.scoped))
})

const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 }))

const Item = Schema.Literals(["ok", "bad", "hold"])
const Rule = Schema.Union([
  Schema.Literals(["continue", "fail-fast"]),
  Schema.TaggedStruct("Quorum", { share: Schema.Literals([0.3, 0.6, 1]) })
])
const Step = Schema.Union([
  Schema.TaggedStruct("LetGo", { which }),
  Schema.TaggedStruct("CancelItem", { which }),
  Schema.TaggedStruct("CancelGroup", {}),
  Schema.TaggedStruct("Kill", {}),
  Schema.TaggedStruct("Restart", {}),
  Schema.TaggedStruct("Retry", {})
])

interface History {
  readonly items: ReadonlyArray<typeof Item.Type>
  readonly rule: typeof Rule.Type
  readonly reduces: boolean
  readonly concurrency: number | null
  readonly steps: ReadonlyArray<typeof Step.Type>
}

const history = Effect.fnUntraced(function*({ concurrency, items, reduces, rule, steps }: History) {
  const script = groupScript()
  const pools = yield* killablePools({ script: { run: script.run }, slots: 3 })
  const prompts = items.map((kind, index) => `${kind} ${index}`)
  const onFailure = typeof rule === "string" ? rule : { quorum: Math.ceil(items.length * rule.share) }
  const reduce = reduces ? { reduce: { prompt: "Sum up." } } : {}
  const atOnce = concurrency === null ? {} : { concurrency }
  const { id } = yield* pools.use(startGroup(itemsOf(...prompts), { onFailure, ...reduce, ...atOnce }))

  const play = (step: typeof Step.Type): Effect.Effect<unknown, unknown> => {
    switch (step._tag) {
      case "LetGo":
        return script.letGo(prompts[step.which % prompts.length] ?? "")
      case "CancelItem":
        return pools.use(Effect.gen(function*() {
          const members = yield* membersOf(id)
          const member = members[step.which % members.length]
          if (member !== undefined) yield* (yield* Tasks).cancel(member.task.id, "random")
        }))
      case "CancelGroup":
        return pools.use(Effect.flatMap(FanOut, (fanOut) => fanOut.cancel(id, "random")))
      case "Kill":
        return pools.kill()
      case "Restart":
        return pools.restart
      case "Retry":
        return pools.use(Effect.flatMap(FanOut, (fanOut) => Effect.ignore(fanOut.retry(id))))
    }
  }
  for (const step of steps) {
    yield* play(step)
    yield* settle
    const running = (yield* pools.use(statesOf(id))).filter((state) => state === "Running").length
    assert.isAtMost(running, concurrency ?? 3, "more run at once than may")
  }
  for (const prompt of prompts) yield* script.letGo(prompt)
  yield* settle

  const group = yield* pools.use(ended(id))
  const members = yield* pools.use(membersOf(id))
  assert.deepStrictEqual(members.map(({ index }) => index), Array.range(0, items.length - 1))
  assert.deepStrictEqual(members.map(({ task }) => task.prompt), prompts)
  assert.isTrue(members.every(({ task }) => task.isFinished))

  const count = (tag: string) => members.filter(({ task }) => task.state._tag === tag).length
  const counts = { done: count("Done"), failed: count("Failed"), cancelled: count("Cancelled"), open: 0 }
  if (group.state._tag !== "Cancelled") {
    const expected = nextStep(onFailure, counts) === "end as done" ? "Done" : "Failed"
    assert.strictEqual(group.state._tag, expected)
    const mayReduce = reduces && (expected === "Done" || (rule === "continue" && counts.done > 0))
    assert.strictEqual(group.reducer !== null, mayReduce)
  }
  // What is done was run to its end once: only what was cut off or is no item's task any more was run again.
  const store = yield* pools.use(Store)
  const { tasks } = yield* store.list({ tag: id, limit: 1000 })
  for (const task of tasks) {
    const attempts = yield* store.attempts(task.id)
    assert.isAtMost(attempts.filter(({ outcome }) => outcome._tag === "Completed").length, 1)
    assert.isTrue(task.isFinished)
  }
  const ends = (yield* store.events(0, 10_000)).filter(({ event }) => event._tag === "GroupFinished")
  assert.strictEqual(ends.length, group.retries + 1)
}, Effect.scoped)

describe("a group, whatever happens to it,", () => {
  it.effect.prop(
    "has one outcome for each item, and ends as its rules say",
    [Schema.Struct({
      items: Schema.Array(Item).check(Schema.isMinLength(1), Schema.isMaxLength(8)),
      rule: Rule,
      reduces: Schema.Boolean,
      concurrency: Schema.NullOr(Schema.Literals([1, 2])),
      steps: Schema.Array(Step).check(Schema.isMaxLength(12))
    })],
    ([it]) => history(it),
    { arbitrary: { runs: 150, size: 12 } }
  )
})
