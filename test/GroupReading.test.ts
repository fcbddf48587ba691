/**
 * Groups as they are shown: told from the store alone.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { GroupView, ItemsReply } from "../src/domain/GroupView.ts"
import { GroupsReply } from "../src/domain/PoolView.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { makeGroupReading } from "../src/services/pool/GroupReading.ts"
import { itemsOf, membersOf, runGroup, startGroup, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"
import { sampleGroupId } from "./support/SampleGroup.ts"
import { settle } from "./support/Time.ts"

const isGroup = Schema.is(GroupView)
const isItems = Schema.is(ItemsReply)
const isGroups = Schema.is(GroupsReply)

const nothing = { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 }

describe("a group is shown", () => {
  it.effect("at work, with its items where they stand", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const reading = yield* makeGroupReading
      const { id } = yield* startGroup(itemsOf("a", "hold b", "hold c", "hold d"), { name: "n" })
      yield* settle
      const view = yield* reading.group(id)
      assert.isTrue(isGroup(view))
      assert.deepInclude(view, {
        id,
        state: "running",
        name: "n",
        items: 4,
        counts: { ...nothing, done: 1, running: 2, queued: 1 }
      })
      for (const absent of ["finished_at", "error", "reducer", "summary", "retries"]) assert.notProperty(view, absent)

      const first = yield* reading.items(id, { from: 0, limit: 3 })
      assert.isTrue(isItems(first))
      assert.deepStrictEqual(first.items.map(({ index, state }) => [index, state]), [
        [0, "done"],
        [1, "running"],
        [2, "running"]
      ])
      assert.deepInclude(first, { next_index: 3, total: 4 })
      const last = yield* reading.items(id, { from: 3, limit: 3 })
      assert.deepStrictEqual(last.items.map(({ part_of, state }) => [part_of, state]), [[id, "queued"]])
      assert.notProperty(last, "next_index")
      assert.deepStrictEqual(yield* reading.items(id, { from: 9, limit: 3 }), { items: [], total: 4 })
    }).pipe(withPool(script, { slots: 2 }))
  })

  it.effect("at its end, with its money, its answer, and why it failed", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const reading = yield* makeGroupReading
      const fanOut = yield* FanOut
      const { id, reducer } = yield* runGroup(itemsOf("a", "bad b"), { reduce: { prompt: "Sum up." } })
      const view = yield* reading.group(id)
      assert.isTrue(isGroup(view))
      assert.deepInclude(view, { state: "failed", cost_usd: 0.03, counts: { ...nothing, done: 1, failed: 1 } })
      assert.strictEqual(view.reducer, reducer)
      assert.match(view.summary ?? "", /^did Sum up\./)
      assert.strictEqual(view.error?.code, "ItemsFailed")
      assert.property(view, "finished_at")

      script.mend("bad b")
      yield* fanOut.refan(id, itemsOf("bad b", "a"))
      yield* fanOut.ended(id)
      assert.deepInclude(yield* reading.group(id), { state: "done", retries: 1 })
      const { items } = yield* reading.items(id, { from: 0, limit: 9 })
      assert.deepStrictEqual(items.map(({ index }) => index), [0, 1])
      assert.strictEqual((yield* membersOf(id))[1]?.task.id, items[1]?.id)
    }).pipe(withPool(script))
  })

  it.effect("among others, newest first; and one that there is not is not found", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const reading = yield* makeGroupReading
      const fanOut = yield* FanOut
      const first = yield* startGroup(itemsOf("hold a"))
      yield* fanOut.cancel(first.id, "enough")
      const second = yield* startGroup(itemsOf("a"))
      const page = yield* reading.groups({ limit: 1 })
      assert.isTrue(isGroups(page))
      assert.deepStrictEqual(page.groups.map(({ id }) => id), [second.id])
      const rest = yield* reading.groups({ limit: 1, cursor: page.next_cursor ?? "" })
      assert.deepStrictEqual(rest.groups.map(({ id, state, summary }) => [id, state, summary]), [
        [first.id, "cancelled", "enough"]
      ])
      assert.notProperty(rest, "next_cursor")
      const missing = [
        yield* Effect.flip(reading.group(sampleGroupId(1))),
        yield* Effect.flip(reading.items(sampleGroupId(1), { from: 0, limit: 1 }))
      ]
      assert.deepStrictEqual(missing.map(({ reason }) => reason._tag), ["NotFound", "NotFound"])
    }).pipe(withPool(script, { dispatch: false }))
  })
})
