/**
 * Groups: what becomes of them as their items end, by their rules.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Fiber } from "effect"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Budget } from "../src/services/Budget.ts"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { itemsOf, membersOf, runGroup, startGroup, statesOf, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"
import { spendOf, StartedWorkers } from "./support/ScriptedClaude.ts"
import { settle } from "./support/Time.ts"

describe("a group", () => {
  it.effect("keeps the order of its items, whatever the order of their ends", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const group = yield* startGroup([
        { prompt: "hold a", name: "first" },
        { prompt: "b", input: { file: "x" } },
        { prompt: "c" }
      ])
      yield* settle
      assert.deepStrictEqual(yield* statesOf(group.id), ["Running", "Done", "Done"])
      yield* script.letGo("hold a")
      const ended = yield* fanOut.ended(group.id)
      assert.strictEqual(ended.state._tag, "Done")
      const members = yield* membersOf(group.id)
      assert.deepStrictEqual(members.map(({ index }) => index), [0, 1, 2])
      assert.deepStrictEqual(members.map(({ task }) => task.prompt), ["hold a", "b", "c"])
      assert.deepStrictEqual(members.map(({ task }) => task.options.name), ["first", "{\"file\":\"x\"}", undefined])
    }).pipe(withPool(script))
  })

  it.effect("loses nothing of the others when one of its items fails", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("a", "bad", "b"))
      assert.deepInclude(group.state, { _tag: "Failed" })
      assert.deepInclude(group.state._tag === "Failed" ? group.state.reason : {}, { failed: 1, cancelled: 0, of: 3 })
      assert.deepStrictEqual(yield* statesOf(group.id), ["Done", "Failed", "Done"])
      const log = (yield* (yield* Store).events(0, 100)).map(({ event }) => event)
      assert.deepStrictEqual(log.at(0), { _tag: "GroupSubmitted", id: group.id, tasks: 3 })
      assert.deepStrictEqual(log.at(-1), { _tag: "GroupFinished", id: group.id, state: "Failed" })
    }).pipe(withPool(script))
  })

  it.effect("that fails fast stops what runs and what waits, and keeps what is done", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("a", "hold b", "bad", "hold c", "hold d"), { onFailure: "fail-fast" })
      assert.strictEqual(group.state._tag, "Failed")
      const states = yield* statesOf(group.id)
      assert.deepStrictEqual(states.slice(0, 3), ["Done", "Cancelled", "Failed"])
      assert.deepStrictEqual(states.slice(3), ["Cancelled", "Cancelled"])
      assert.strictEqual(script.count.now, 0)
    }).pipe(withPool(script, { slots: 3 }))
  })

  it.effect("starts nothing more from the moment on at which its rest is stopped", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const items = itemsOf("bad", ...Array.makeBy(900, (index) => `ok ${index}`))
      const group = yield* runGroup(items, { onFailure: "fail-fast" })
      assert.strictEqual(group.state._tag, "Failed")
      assert.isAtMost(script.prompts.length, 8)
    }).pipe(withPool(script))
  })

  it.effect("with a quorum is done as soon as so many are, and stops the rest", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("hold a", "b", "bad", "c", "hold d"), { onFailure: { quorum: 2 } })
      assert.strictEqual(group.state._tag, "Done")
      assert.deepStrictEqual(yield* statesOf(group.id), ["Cancelled", "Done", "Failed", "Done", "Cancelled"])
    }).pipe(withPool(script, { slots: 5 }))
  })

  it.effect("with a quorum has failed as soon as so many cannot be reached", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const group = yield* runGroup(itemsOf("bad a", "hold b", "bad c", "hold d"), { onFailure: { quorum: 3 } })
      assert.strictEqual(group.state._tag, "Failed")
      assert.deepStrictEqual(yield* statesOf(group.id), ["Failed", "Cancelled", "Failed", "Cancelled"])
    }).pipe(withPool(script))
  })

  it.effect("runs no more of its items at once than it may, and leaves the other slots to others", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const prompts = Array.makeBy(6, (index) => `hold ${index}`)
      const group = yield* startGroup(itemsOf(...prompts), { concurrency: 2 })
      yield* settle
      assert.deepStrictEqual(script.prompts, ["hold 0", "hold 1"])
      const other = yield* tasks.submit({ prompt: "other" })
      assert.strictEqual((yield* tasks.ended(other.id)).state._tag, "Done")
      yield* Effect.forEach(prompts, script.letGo)
      assert.strictEqual((yield* (yield* FanOut).ended(group.id)).state._tag, "Done")
      assert.isAtMost(script.count.most, 3)
    }).pipe(withPool(script))
  })

  it.effect("is waited for by as many as like, also after its end", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup(itemsOf("hold a"))
      const waiters = yield* Effect.forEach([1, 2], () => Effect.forkChild(fanOut.ended(id)))
      yield* settle
      yield* Fiber.interrupt(waiters[0]!)
      yield* script.letGo("hold a")
      assert.strictEqual((yield* Fiber.join(waiters[1]!)).state._tag, "Done")
      assert.strictEqual((yield* fanOut.ended(id)).state._tag, "Done")
      assert.strictEqual((yield* fanOut.find(id)).state._tag, "Done")
    }).pipe(withPool(script))
  })

  it.effect("ends as its rules say where a person stops one of its items", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* startGroup(itemsOf("a", "hold b"))
      yield* settle
      yield* tasks.cancel((yield* membersOf(id))[1]!.task.id, "not needed")
      const { state } = yield* (yield* FanOut).ended(id)
      assert.deepInclude(state._tag === "Failed" ? state.reason : {}, { failed: 0, cancelled: 1, of: 2 })
    }).pipe(withPool(script))
  })
})

describe("a group that is cancelled", () => {
  it.effect("has no process left when that is told, and starts nothing more", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup(itemsOf("a", ...Array.makeBy(400, (index) => `hold ${index}`)))
      yield* settle
      const waiter = yield* Effect.forkChild(fanOut.ended(id))
      const both = yield* Effect.all([fanOut.cancel(id, "enough"), fanOut.cancel(id, "more")], { concurrency: 2 })
      assert.deepStrictEqual(both, [true, true])
      assert.strictEqual((yield* (yield* StartedWorkers).live).length, 0)
      assert.isBelow(script.prompts.length, 10)
      assert.deepInclude((yield* Fiber.join(waiter)).state, { _tag: "Cancelled", note: "enough" })
      const states = yield* statesOf(id)
      assert.deepStrictEqual([states[0], new Set(states.slice(1))], ["Done", new Set(["Cancelled"])])
      assert.isFalse(yield* fanOut.cancel(id, "again"))
    }).pipe(withPool(script))
  })

  it.effect("ends so although whoever asked for it has gone away", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup(itemsOf("hold a"))
      yield* settle
      const caller = yield* Effect.forkChild(fanOut.cancel(id, "enough"), { startImmediately: true })
      yield* Fiber.interrupt(caller)
      assert.strictEqual((yield* fanOut.ended(id)).state._tag, "Cancelled")
    }).pipe(withPool(script))
  })

  it.effect("while an answer is made of it stops that too", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* startGroup(itemsOf("a"), { reduce: { prompt: "hold" } })
      yield* settle
      const reducing = yield* fanOut.find(id)
      assert.strictEqual(reducing.state._tag, "Reducing")
      assert.isTrue(yield* fanOut.cancel(id, "enough"))
      assert.strictEqual((yield* (yield* Tasks).find(reducing.reducer!)).state._tag, "Cancelled")
      assert.strictEqual((yield* fanOut.find(id)).state._tag, "Cancelled")
    }).pipe(withPool(script))
  })
})

describe("a group's money", () => {
  const costly = { spend: spendOf(0.5) }

  it.effect("is the most that its items cost together, and more of it lets what was refused be run", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const fanOut = yield* FanOut
      const { id } = yield* runGroup(itemsOf("a", "b", "c"), { budget: fromUsd(1), concurrency: 1 })
      assert.deepStrictEqual(yield* statesOf(id), ["Done", "Done", "Failed"])
      const { state } = (yield* membersOf(id))[2]!.task
      assert.strictEqual(state._tag === "Failed" ? state.reason._tag : "", "BudgetRefused")

      const refused = yield* Effect.flip(fanOut.retry(id))
      assert.deepInclude(refused.reason, { _tag: "BudgetRefused", of: id })
      assert.deepStrictEqual(yield* fanOut.retry(id, { budget: fromUsd(2) }), { id, rerun: 1, kept: 2 })
      assert.strictEqual((yield* fanOut.ended(id)).state._tag, "Done")
      assert.deepStrictEqual(script.prompts, ["a", "b", "c"])
      assert.strictEqual((yield* (yield* Store).groups.spent(id)).cost, fromUsd(1.5))
    }).pipe(withPool(script, { script: costly }))
  })

  it.effect("is shared among the items that do not say what they may cost", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const items = [{ prompt: "a" }, { prompt: "b", budget: fromUsd(0.9) }, { prompt: "c" }, { prompt: "d" }]
      const { id } = yield* startGroup(items, { budget: fromUsd(1) })
      const budgets = (yield* membersOf(id)).map(({ task }) => task.options.budget)
      assert.deepStrictEqual(budgets, [0.25, 0.9, 0.25, 0.25].map(fromUsd))
      const refused = yield* Effect.flip(startGroup([{ prompt: "a", budget: fromUsd(2) }], { budget: fromUsd(1) }))
      assert.strictEqual(refused.reason._tag, "BudgetRefused")
    }).pipe(withPool(script, { dispatch: false }))
  })

  it.effect("is the pool's when the group has ended", () => {
    const script = groupScript()
    return Effect.gen(function*() {
      const budget = yield* Budget
      const { id } = yield* runGroup(itemsOf("a"), { budget: fromUsd(1) })
      assert.strictEqual(yield* budget.hopeless(fromUsd(5), id), null)
    }).pipe(withPool(script))
  })
})
