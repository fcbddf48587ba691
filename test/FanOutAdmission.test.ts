/**
 * What a group must be before it is accepted: whatever is wrong is said at once, and nothing is kept.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Result } from "effect"
import type { Failure } from "../src/domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../src/domain/FanOut.ts"
import { canonicalJson, itemContent } from "../src/domain/ItemContent.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { itemsOf, runGroup, startGroup, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"

/** What is said of it; nothing may have been kept. */
const refused = Effect.fnUntraced(function*(items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) {
  const { reason }: Failure = yield* Effect.flip(startGroup(items, options))
  const store = yield* Store
  assert.strictEqual((yield* store.list({ limit: 1 })).total, 0)
  assert.deepStrictEqual((yield* store.groups.list({ limit: 1 })).groups, [])
  return reason._tag === "InvalidRequest" ? reason.issues : [reason._tag]
})

const accepting = withPool(groupScript(), { dispatch: false, queueLimit: 10, cap: fromUsd(5) })

describe("a group", () => {
  it.effect("is refused with all that is wrong in its items, by their places", () =>
    Effect.gen(function*() {
      const issues = yield* refused([
        { prompt: "a" },
        { prompt: "b", cwd: "/no/where" },
        { prompt: " ", maxTurns: 0 }
      ])
      assert.strictEqual(issues[0], "items[1].cwd: /no/where is not a directory")
      assert.match(issues[1] ?? "", /^items\[2\]\.prompt: /)
      assert.match(issues[2] ?? "", /^items\[2\]\.maxTurns: /)
      assert.strictEqual(issues.length, 3)
      assert.strictEqual((yield* refused(Array.makeBy(100, () => ({ prompt: "" })))).length, 20)
    }).pipe(accepting))

  it.effect("is refused where its rules cannot hold", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused([]), ["items: there are none"])
      assert.deepStrictEqual(yield* refused(itemsOf("a"), { onFailure: { quorum: 2 } }), [
        "onFailure.quorum: 2 is more than the 1 items"
      ])
      assert.match((yield* refused(itemsOf("a"), { concurrency: 0 })).join(), /^concurrency: /)
      assert.match((yield* refused(itemsOf("a"), { reduce: { prompt: "{item}" } })).join(), /^reduce\.prompt: \{item\}/)
      assert.match((yield* refused(itemsOf("a"), { reduce: { prompt: "{nothing}" } })).join(), /^reduce\.prompt: /)
      assert.match((yield* refused(itemsOf("a"), { reduce: { prompt: "x", cwd: "/no/x" } })).join(), /^reduce\.cwd: /)
      const large = Array.makeBy(100_001, () => ({ prompt: "a" }))
      assert.match((yield* refused(large)).join(), /^items: there are 100001/)
    }).pipe(accepting))

  it.effect("is refused whole where the queue, the money or the rights do not suffice for all of it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused(Array.makeBy(11, () => ({ prompt: "a" }))), ["QueueFull"])
      assert.deepStrictEqual(yield* refused([{ prompt: "a" }, { prompt: "b", budget: fromUsd(6) }]), ["BudgetRefused"])
      yield* (yield* Tasks).stop
      assert.deepStrictEqual(yield* refused(itemsOf("a")), ["ShuttingDown"])
    }).pipe(accepting))

  it.effect("is refused where one item asks for more than the pool allows", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused([{ prompt: "a" }, { prompt: "b", permissions: "full" }]), [
        "PermissionRefused"
      ])
    }).pipe(withPool(groupScript(), { dispatch: false, maxPermissions: "edit" })))

  it.effect("is the same one for the same key, and goes on where its pool has left it", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const first = yield* runGroup(itemsOf("a", "b"), { key: "k" })
      assert.deepStrictEqual(yield* fanOut.start(itemsOf("a", "b"), { key: "k" }), first)
      assert.strictEqual(script.prompts.length, 2)
      const { reason } = yield* Effect.flip(fanOut.start(itemsOf("a", "c"), { key: "k" }))
      assert.deepInclude(reason, { _tag: "KeyConflict", id: first.id })
    }).pipe(withPool(script))
  })
})

describe("the content of an item", () => {
  it("is all that decides its answer, in whatever order it is written", () => {
    const item: FanOutItem = { prompt: "a", input: { x: [1, { b: 1, a: "é" }], y: null }, model: "m", cwd: "/" }
    const same: FanOutItem = { cwd: "/", model: "m", input: { y: null, x: [1, { a: "é", b: 1 }] }, prompt: "a" }
    assert.strictEqual(itemContent(item), itemContent(same))
    assert.strictEqual(itemContent({ ...item, name: "n", tags: ["t"], budget: fromUsd(1) }), itemContent(item))
    const others: ReadonlyArray<FanOutItem> = [
      { ...item, prompt: "b" },
      { ...item, input: { x: [{ a: "é", b: 1 }, 1], y: null } },
      { ...item, model: "n" },
      { ...item, effort: "low" }
    ]
    assert.strictEqual(new Set([item, ...others].map(itemContent)).size, 5)
  })

  it("is JSON that anybody can read back", () => {
    const value = { b: [1, "\ud800", { __proto__: null, z: 1, "10": 2 }], a: true }
    assert.deepStrictEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)))
    assert.isTrue(Result.isSuccess(Result.try(() => JSON.parse(canonicalJson("x")))))
  })
})
