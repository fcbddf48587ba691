/**
 * What slots give to their tasks, and how many there are, asked of a whole pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import type { GroupId } from "../src/domain/GroupId.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed } from "../src/domain/WorkerFailure.ts"
import { Messages } from "../src/services/Messages.ts"
import { Pool } from "../src/services/Pool.ts"
import { Slots } from "../src/services/Slots.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { makeAutoscale } from "../src/services/tasks/Autoscale.ts"
import { answer, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const launches = Effect.gen(function*() {
  const started = yield* (yield* StartedWorkers).started
  return started.map(({ launch: { cwd, model, permissions } }) => [cwd, model, permissions])
})

const opus = { model: "opus", cwd: "/deep", permissions: "full" } as const

describe("a slot", () => {
  it.effect("gives its tasks what they do not say, and nothing else", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "a" })
      yield* pool.run({ prompt: "b", model: "haiku", cwd: "/own", permissions: "read-only" })
      assert.deepStrictEqual(yield* launches, [["/deep", "opus", "full"], ["/own", "haiku", "read-only"]])
    }).pipe(Effect.provide(testPool({ slots: 1, profiles: [opus] }))))

  it.effect("gives them from the next task on what it is told", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "a" })
      yield* settle
      const view = yield* pool.configureSlot(SlotId.make(1), { model: "haiku", cwd: null, name: "Ada" })
      assert.deepStrictEqual(view, {
        slot: "slot-1",
        model: "haiku",
        name: "Ada",
        permissions: "full",
        state: "idle",
        done: 1
      })
      yield* pool.run({ prompt: "b" })
      assert.deepStrictEqual(yield* launches, [["/deep", "opus", "full"], ["/", "haiku", "full"]])
    }).pipe(Effect.provide(testPool({ slots: 1, profiles: [opus] }))))

  it.effect("keeps a task as its first attempt had it, wherever it goes on", () => {
    let fails = 2
    const run = () =>
      fails-- > 0
        ? Effect.fail(new Failure({ reason: new ProviderFailed({ status: 529, detail: "" }) }))
        : Effect.succeed(answer("ok"))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.submit({ prompt: "a", key: "k" })
      yield* settle
      yield* pool.configureSlot(SlotId.make(1), { model: "haiku", cwd: "/elsewhere", permissions: "edit" })
      yield* pass("10 minutes")
      assert.strictEqual((yield* pool.result(TaskId.make(id))).state, "done")
      const seen = yield* launches
      assert.isAtLeast(seen.length, 2)
      for (const one of seen) assert.deepStrictEqual(one, ["/deep", "opus", "full"])
      // The same request is still the same task, and what goes on from it is where it was.
      assert.strictEqual((yield* pool.submit({ prompt: "a", key: "k" })).id, id)
      yield* pool.run({ prompt: "more", continueFrom: TaskId.make(id) })
      assert.deepStrictEqual((yield* launches).at(-1), ["/deep", "haiku", "edit"])
    }).pipe(Effect.provide(testPool({ slots: 1, profiles: [opus], script: { run } })))
  })

  it.effect("is asked again by what was never started in a group, as it was asked the first time", () => {
    const gate = Deferred.makeUnsafe<void>()
    const run = () => Effect.as(Deferred.await(gate), answer("ok"))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const group = yield* pool.fanOut([{ prompt: "a" }, { prompt: "b" }])
      yield* settle
      yield* pool.cancel([group.id as GroupId], "not now")
      yield* Deferred.succeed(gate, undefined)
      const again = yield* pool.retry(group.id as GroupId)
      assert.deepStrictEqual([again.rerun, again.kept], [2, 0])
      yield* settle
      assert.strictEqual((yield* pool.group(group.id as GroupId)).state, "done")
    }).pipe(Effect.provide(testPool({ slots: 1, profiles: [opus], script: { run } })))
  })

  it.effect("has tasks of its role wait for the role when it takes another one", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const gone = SlotId.make(1)
      const blocked = yield* pool.submit({ prompt: "a", role: "reviewer" })
      yield* settle
      const waiting = yield* pool.submit({ prompt: "b", role: "reviewer" })
      yield* pool.configureSlot(gone, { role: "tester" })
      yield* settle
      assert.strictEqual((yield* pool.result(TaskId.make(waiting.id))).waits_for, "role")
      assert.include((yield* Effect.flip(pool.submit({ prompt: "c", role: "reviewer" }))).message, "there are tester")
      yield* pool.cancel([TaskId.make(blocked.id)], "")
      yield* pool.configureSlot(SlotId.make(2), { role: "reviewer" })
      yield* settle
      assert.strictEqual((yield* pool.result(TaskId.make(waiting.id))).slot, "slot-2")
    }).pipe(
      Effect.provide(testPool({ slots: 2, profiles: [{ role: "reviewer" }], script: { run: () => Effect.never } }))
    ))
})

describe("the slots of a pool", () => {
  it.effect("are listed, filtered and counted, and scaled one change after the other", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* settle
      yield* Effect.all([pool.scaleUp(1), pool.scaleUp(1)], { concurrency: "unbounded" })
      yield* settle
      const { slots, target } = yield* pool.slots()
      assert.deepStrictEqual([slots.length, target], [4, 4])
      assert.deepStrictEqual((yield* pool.slots({ role: "a" })).slots.map(({ slot }) => slot), ["slot-1"])
      assert.deepStrictEqual((yield* pool.slots({ states: ["busy"] })).slots, [])
      assert.deepStrictEqual(yield* pool.scaleDown(3), { before: 4, target: 1, draining: [] })
      for (const wrong of [pool.scaleUp(0), pool.scaleDown(-1), pool.scaleUp(99), pool.setTargetSlots(0)]) {
        assert.strictEqual((yield* Effect.flip(wrong)).reason._tag, "InvalidRequest")
      }
    }).pipe(Effect.provide(testPool({ slots: 2, profiles: [{ role: "a" }] }))))

  it.effect("are those that messages can be sent to", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const messages = yield* Messages
      const to = (slot: number) => messages.send({ _tag: "Slot", slot: SlotId.make(slot) }, "hello")
      assert.include((yield* Effect.flip(to(3))).message, "there is no slot-3")
      yield* pool.scaleUp(1)
      yield* to(3)
      yield* pool.scaleDown(1)
      assert.include((yield* Effect.flip(to(3))).message, "there is no slot-3")
      assert.strictEqual((yield* messages.send({ _tag: "All" }, "hello")).length, 2)
      // What had come for it waits until it expires, or until there is a slot of that number again.
      const [first] = yield* messages.list({ since: 0, limit: 10 })
      assert.deepStrictEqual([first?.to, first?.state], ["slot-3", "waiting"])
    }).pipe(Effect.provide(testPool({ slots: 2 }))))

  it.effect("follow the load where that is wanted, and go back when it is over", () => {
    const gate = Deferred.makeUnsafe<void>()
    const run = () => Effect.as(Deferred.await(gate), answer("ok"))
    const facts = { isHeld: false, freeMemory: null, minFreeMemory: 0 }
    return Effect.gen(function*() {
      const pool = yield* Pool
      const step = yield* makeAutoscale(yield* Slots, yield* Tasks)
      yield* settle
      for (let n = 0; n < 5; n++) yield* pool.submit({ prompt: `task ${n}` })
      yield* settle
      assert.strictEqual(yield* step(facts), 1)
      yield* pass("3 seconds", 3)
      assert.strictEqual(yield* step({ ...facts, isHeld: true }), 1)
      assert.strictEqual(yield* step({ ...facts, freeMemory: 2 ** 20 }), 1)
      assert.strictEqual(yield* step(facts), 2)
      yield* settle
      assert.strictEqual(yield* step(facts), 4)
      yield* settle
      assert.strictEqual(yield* step(facts), 4 + 1)
      yield* settle
      assert.strictEqual((yield* pool.status).running.length, 5)
      yield* Deferred.succeed(gate, undefined)
      yield* settle
      assert.strictEqual(yield* step(facts), 5)
      yield* pass("1 minute", 3)
      const seen: Array<number> = []
      for (let n = 0; n < 6; n++) {
        seen.push(yield* step(facts))
        yield* pass("10 seconds", 2)
      }
      assert.deepStrictEqual(seen, [4, 3, 2, 1, 1, 1])
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run } })))
  })
})
