/**
 * Groups of which one more task makes an answer.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { itemsOf, membersOf, runGroup, startGroup, statesOf, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"
import { spendOf } from "./support/ScriptedClaude.ts"
import { settle } from "./support/Time.ts"

describe("a reducer", () => {
  it.effect("gets all outcomes in order, fenced, where its prompt asks for them", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup([
        { prompt: "hold a", name: "first" },
        { prompt: "b" },
        { prompt: `long ${"x".repeat(30_000)}` }
      ], { reduce: { prompt: "Sum up:\n{outcomes}\nThat was {{all}}.", name: "sum" } })
      yield* settle
      yield* script.letGo("hold a")
      const group = yield* fanOut.ended(id)
      assert.strictEqual(group.state._tag, "Done")

      const reducer = yield* (yield* Tasks).find(group.reducer!)
      assert.deepInclude(reducer, { parent: { _tag: "Reducer", id } })
      assert.strictEqual(reducer.options.name, "sum")
      const { prompt } = reducer
      assert.isTrue(prompt.startsWith("Sum up:\n") && prompt.endsWith("\nThat was {all}."))
      const [a, b] = yield* membersOf(id)
      const nonce = /nonce=(\w+)/.exec(prompt)?.[1] ?? ""
      assert.strictEqual(nonce.length, 16)
      assert.include(
        prompt,
        `item 0 (first): done\n<worker-output id=${a!.task.id} nonce=${nonce}>\ndid hold a\n</worker-output ${nonce}>`
      )
      assert.include(prompt, `item 1: done\n<worker-output id=${b!.task.id} nonce=${nonce}>\ndid b\n`)
      assert.include(prompt, "[the first 20000 of 30009 characters]")
      assert.isBelow(prompt.length, 21_000)
      assert.strictEqual((yield* (yield* Store).list({ tag: id, limit: 10 })).total, 4)
    }).pipe(withPool(script))
  })

  it.effect("that does not ask for the outcomes gets them at the end, failures too, and the group has failed", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("a", "bad b"), { reduce: { prompt: "Sum up." } })
      assert.deepInclude(group.state._tag === "Failed" ? group.state.reason : {}, {
        _tag: "ItemsFailed",
        failed: 1,
        of: 2
      })
      const { prompt, state } = yield* (yield* Tasks).find(group.reducer!)
      assert.strictEqual(state._tag, "Done")
      assert.isTrue(prompt.startsWith("Sum up.\n\n"))
      assert.include(prompt, "item 0: done\n")
      assert.include(prompt, "item 1: failed (RequestRejected): ")
    }).pipe(withPool(script))
  })

  it.effect("is not run where nothing is done, or where the rules have ended the group", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const reduce = { prompt: "Sum up." }
      const nothing = yield* runGroup(itemsOf("bad a"), { reduce })
      const ended = yield* runGroup(itemsOf("a", "bad b"), { reduce, onFailure: "fail-fast" })
      assert.deepStrictEqual([nothing, ended].map(({ reducer, state }) => [reducer, state._tag]), [
        [null, "Failed"],
        [null, "Failed"]
      ])
      const quorum = yield* runGroup(itemsOf("a", "bad b", "hold c"), { reduce, onFailure: { quorum: 1 } })
      assert.strictEqual(quorum.state._tag, "Done")
      assert.include((yield* (yield* Tasks).find(quorum.reducer!)).prompt, "item 2: cancelled: enough items")
    }).pipe(withPool(script))
  })

  it.effect("that fails is why the group has failed; another try runs it alone", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const group = yield* runGroup(itemsOf("a"), { reduce: { prompt: "bad" }, key: "k" })
      assert.strictEqual(group.state._tag === "Failed" ? group.state.reason._tag : "", "RequestRejected")

      const first = (yield* (yield* Tasks).find(group.reducer!)).prompt
      assert.deepStrictEqual(yield* fanOut.retry(group.id), { id: group.id, rerun: 0, kept: 1 })
      const again = yield* fanOut.ended(group.id)
      assert.notStrictEqual(again.reducer, group.reducer)
      assert.strictEqual(script.prompts.length, 3)
      assert.notStrictEqual((yield* (yield* Tasks).find(again.reducer!)).prompt, first)
    }).pipe(withPool(script))
  })

  it.effect("runs in a group whose limit has stopped the rest of its items", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("a", "hold b", "hold c"), {
        concurrency: 1,
        onFailure: { quorum: 1 },
        reduce: { prompt: "Sum up." }
      })
      assert.strictEqual(group.state._tag, "Done")
      assert.deepStrictEqual(yield* statesOf(group.id), ["Done", "Cancelled", "Cancelled"])
    }).pipe(withPool(script))
  })

  it.effect("may cost what the items have left of the group's money", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const reduce = { prompt: "Sum up." }
      const group = yield* runGroup(itemsOf("a"), { reduce, budget: fromUsd(0.8) })
      assert.strictEqual(group.state._tag, "Done")
      assert.strictEqual((yield* (yield* Tasks).find(group.reducer!)).options.budget, fromUsd(0.3))
      const spent = yield* runGroup(itemsOf("a"), { reduce, budget: fromUsd(0.5) })
      assert.strictEqual(spent.state._tag === "Failed" ? spent.state.reason._tag : "", "BudgetRefused")
      assert.strictEqual(spent.reducer, null)
    }).pipe(withPool(script, { script: { spend: spendOf(0.5) } }))
  })

  it.effect("takes over where its items work, and not what they are to answer", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const { reduce } = yield* startGroup(itemsOf("a"), {
        defaults: { cwd: "/w", model: "haiku", schema: { type: "object" }, name: "n" },
        reduce: { prompt: "Sum up.", model: "opus" }
      })
      assert.deepInclude(reduce, { prompt: "Sum up.", cwd: "/w", model: "opus" })
      assert.notProperty(reduce, "schema")
      assert.notProperty(reduce, "name")
    }).pipe(withPool(script, { dispatch: false }))
  })
})
