/**
 * Groups that are taken up again: what is done is not paid for twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { itemsOf, membersOf, runGroup, startGroup, statesOf, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"
import { settle } from "./support/Time.ts"

describe("a retry", () => {
  it.effect("runs what failed and what was cancelled, and nothing else", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* runGroup(itemsOf("a", "bad b", "c", "hold d", "e"), {
        onFailure: "fail-fast",
        concurrency: 2
      })
      const before = yield* membersOf(id)
      const undone = before.filter(({ task }) => task.state._tag !== "Done").map(({ index }) => index)
      assert.isAbove(undone.length, 1)

      script.mend("bad b")
      yield* script.letGo("hold d")
      script.prompts.length = 0
      assert.deepStrictEqual(yield* fanOut.retry(id), { id, rerun: undone.length, kept: 5 - undone.length })
      const ended = yield* fanOut.ended(id)
      assert.deepInclude(ended, { retries: 1, size: 5 })
      assert.strictEqual(ended.state._tag, "Done")

      const after = yield* membersOf(id)
      const isNew = (index: number) => after[index]!.task.id !== before[index]!.task.id
      assert.deepStrictEqual(Array.range(0, 4).filter(isNew), undone)
      assert.deepStrictEqual(new Set(script.prompts), new Set(undone.map((index) => before[index]!.task.prompt)))
      assert.strictEqual(script.prompts.length, undone.length)
      assert.deepStrictEqual(after.map(({ task }) => task.prompt), before.map(({ task }) => task.prompt))
    }).pipe(withPool(script))
  })

  it.effect("of a group that goes on is refused, and so is one of two at once", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup(itemsOf("hold a"))
      yield* settle
      assert.strictEqual((yield* Effect.flip(fanOut.retry(id))).reason._tag, "InvalidRequest")
      yield* fanOut.cancel(id, "enough")

      const both = yield* Effect.forEach([1, 2], () => Effect.exit(fanOut.retry(id)), { concurrency: 2 })
      assert.deepStrictEqual(both.map(({ _tag }) => _tag).toSorted(), ["Failure", "Success"])
      yield* settle
      assert.deepStrictEqual(script.prompts, ["hold a", "hold a"])
      yield* script.letGo("hold a")
      assert.strictEqual((yield* fanOut.ended(id)).state._tag, "Done")
    }).pipe(withPool(script))
  })

  it.effect("of a group that is done has nothing to do", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* runGroup(itemsOf("a", "b"))
      assert.deepStrictEqual(yield* fanOut.retry(id), { id, rerun: 0, kept: 2 })
      assert.deepInclude(yield* fanOut.find(id), { retries: 0 })
    }).pipe(withPool(script))
  })
})

describe("a group that is given other items", () => {
  it.effect("keeps what it has done by its content, whatever its place and its name", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const defaults = { model: "haiku" }
      const { id } = yield* runGroup([{ prompt: "a", input: { x: 1, y: 2 } }, ...itemsOf("bad b", "c")], { defaults })
      const before = yield* membersOf(id)

      script.mend("bad b")
      script.prompts.length = 0
      const items = [
        { prompt: "c", name: "the third" },
        { prompt: "new" },
        { prompt: "a", input: { y: 2, x: 1 }, model: "haiku" },
        { prompt: "a", input: { y: 3, x: 1 } },
        { prompt: "bad b" }
      ]
      assert.deepStrictEqual(yield* fanOut.refan(id, items), { id, rerun: 3, kept: 2 })
      const ended = yield* fanOut.ended(id)
      assert.strictEqual(ended.state._tag, "Done")
      assert.strictEqual(ended.size, 5)
      assert.deepStrictEqual(script.prompts.toSorted(), ["a", "bad b", "new"])
      const after = yield* membersOf(id)
      assert.deepStrictEqual(after.map(({ task }) => task.prompt), items.map(({ prompt }) => prompt))
      assert.deepStrictEqual(
        [after[0], after[2]].map((member) => member?.task.id),
        [before[2], before[0]].map((member) => member?.task.id)
      )
      assert.isTrue(after.every(({ task }) => task.options.model === "haiku"))
    }).pipe(withPool(script))
  })

  it.effect("may have fewer, and makes a new answer of them", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const first = yield* runGroup(itemsOf("a", "b", "bad c"), { reduce: { prompt: "Sum up {outcomes}" } })
      assert.deepStrictEqual(yield* fanOut.refan(first.id, itemsOf("b")), { id: first.id, rerun: 0, kept: 1 })
      const second = yield* fanOut.ended(first.id)
      assert.strictEqual(second.state._tag, "Done")
      assert.notStrictEqual(second.reducer, first.reducer)
      assert.deepStrictEqual(yield* statesOf(first.id), ["Done"])
      assert.isFalse(script.prompts.at(-1)?.includes("item 1"))
      assert.strictEqual((yield* (yield* Store).list({ tag: first.id, limit: 10 })).total, 5)
    }).pipe(withPool(script))
  })

  it.effect("is left as it was where one of them is wrong", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const ended = yield* runGroup(itemsOf("a"))
      const refusals = [[], [{ prompt: "b", cwd: "/no/where" }]]
      for (const items of refusals) {
        assert.strictEqual((yield* Effect.flip(fanOut.refan(ended.id, items))).reason._tag, "InvalidRequest")
      }
      assert.deepStrictEqual(yield* fanOut.find(ended.id), ended)
    }).pipe(withPool(script))
  })
})
