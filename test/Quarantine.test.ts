/**
 * Crashes: what they cost a slot, a task and the others; the circuit that opens when they are too many; and the task that
 * is kept from the slots because it crashes them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Duration, Effect, Option } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { WorkerLost } from "../src/domain/WorkerFailure.ts"
import { Holds } from "../src/services/Holds.ts"
import { Pool } from "../src/services/Pool.ts"
import { Restarts } from "../src/services/Restarts.ts"
import { Store } from "../src/services/Store.ts"
import { attemptsOf, counts, holdsNow, outage, seconds, submitAll } from "./support/Outage.ts"
import { testPool } from "./support/TestPool.ts"

const crash = (detail = "signal 9") => Effect.fail(new Failure({ reason: new WorkerLost({ detail }) }))

describe("a task that crashes workers", () => {
  it.effect("is quarantined after two different slots, with the evidence, whatever its limits allow", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) => prompt === "poison" ? crash() : null)
      const pool = yield* Pool
      const poison = TaskId.make((yield* pool.submit({ prompt: "poison", retry: { process: 20 } })).id)
      yield* submitAll(10)
      yield* seconds(60)
      const view = yield* pool.result(poison)
      const attempts = yield* attemptsOf(poison)
      assert.strictEqual(view.state, "failed")
      assert.strictEqual(view.error?.code, "Quarantined")
      assert.isFalse(view.error?.retryable)
      assert.deepStrictEqual(
        view.error?.evidence,
        attempts.map(({ number, slot }) => ({
          attempt: number,
          slot: `slot-${slot}`,
          reason: "WorkerLost",
          detail: "the worker ended without a result: signal 9"
        }))
      )
      const slots = attempts.map(({ slot }) => slot)
      assert.strictEqual(new Set(slots).size, 2)
      // It crashed the second slot once, and then no other.
      assert.strictEqual(new Set(slots.slice(0, -1)).size, 1)
      assert.deepInclude(yield* counts, { done: 10, failed: 1 })
      assert.deepStrictEqual(yield* holdsNow, [])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })

  it.effect("is quarantined after two attempts where the other slots have nothing to do", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(() => crash())
      const [id] = yield* submitAll(1)
      yield* seconds(60)
      const attempts = yield* attemptsOf(id!)
      assert.deepStrictEqual(attempts.map(({ slot }) => slot), [SlotId.make(1), SlotId.make(2)])
      assert.strictEqual((yield* (yield* Pool).result(id!)).error?.code, "Quarantined")
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })

  it.effect("in a pool of one slot ends with its tries, and not with a quarantine", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(() => crash())
      const [id] = yield* submitAll(1)
      yield* seconds(120)
      const view = yield* (yield* Pool).result(id!)
      assert.deepStrictEqual([view.state, view.attempts, view.error?.code], ["failed", 3, "WorkerLost"])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 1 })))
  })

  it.effect("is released by a retry: the same request, exactly, as a task that nothing is held against", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) => prompt.startsWith("poison") ? crash() : null)
      const pool = yield* Pool
      const store = yield* Store
      const request = {
        prompt: "poison {braces} @file /clear",
        name: "n",
        tags: ["a", "b"],
        retry: { process: 9 },
        model: "haiku",
        systemPrompt: "be brief",
        maxTurns: 7
      }
      const id = TaskId.make((yield* pool.submit(request)).id)
      // The others keep it from coming back to the same slot for ever.
      yield* submitAll(20)
      yield* seconds(60)
      assert.strictEqual((yield* pool.result(id)).error?.code, "Quarantined")
      yield* world.recover
      const again = TaskId.make((yield* pool.retry(id)).id)
      assert.notStrictEqual(again, id)
      yield* seconds(20)
      const [before, after] = yield* Effect.forEach([id, again], store.find).pipe(
        Effect.map(Array.map(Option.getOrThrow))
      )
      assert.deepStrictEqual([after?.prompt, after?.options], [before?.prompt, before?.options])
      assert.deepStrictEqual([after?.state._tag, after?.attempts, after?.tries], ["Done", 1, 0])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 3 })))
  })

  it.effect("is released in its group, and what is done of that stays done", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) => prompt === "b" ? crash() : null)
      const pool = yield* Pool
      const items = ["a", "b", "c"].map((prompt) => ({ prompt, retry: { process: 9 }, maxTurns: 5 }))
      const id = GroupId.make((yield* pool.fanOut(items)).id)
      yield* submitAll(20)
      yield* seconds(60)
      const page = { from: 0, limit: 10 }
      const ended = yield* pool.items(id, page)
      assert.deepStrictEqual(ended.items.map(({ error, state }) => error?.code ?? state), [
        "done",
        "Quarantined",
        "done"
      ])
      assert.strictEqual(new Set(ended.items[1]?.error?.evidence?.map(({ slot }) => slot)).size, 2)
      yield* world.recover
      assert.deepInclude(yield* pool.retry(id), { rerun: 1, kept: 2 })
      yield* seconds(20)
      const done = yield* pool.items(id, page)
      assert.deepStrictEqual(done.items.map(({ state }) => state), ["done", "done", "done"])
      const store = yield* Store
      const ids = [ended, done].map((reply) => TaskId.make(reply.items[1]!.id))
      const [before, after] = yield* Effect.forEach(ids, store.find).pipe(Effect.map(Array.map(Option.getOrThrow)))
      assert.deepStrictEqual([after?.prompt, after?.options], [before?.prompt, before?.options])
      assert.notStrictEqual(after?.id, before?.id)
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 3 })))
  })

  it.effect("takes next to nothing from the others, while it crashes", () => {
    const doneWith = (poisons: number) => {
      const world = outage("2 seconds")
      return Effect.gen(function*() {
        yield* world.meet(({ prompt }) => prompt === "poison" ? crash() : null)
        const pool = yield* Pool
        yield* Effect.forEach(
          Array.replicate("poison", poisons),
          (prompt) => pool.submit({ prompt, retry: { process: 20 } }),
          { discard: true }
        )
        yield* submitAll(400)
        yield* seconds(200)
        return (yield* counts).done
      }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
    }
    return Effect.gen(function*() {
      const [without, withOne] = [yield* doneWith(0), yield* doneWith(1)]
      assert.isAbove(without, 390)
      assert.isAtLeast(withOne, without * 0.95)
    })
  })
})

describe("the circuit", () => {
  it.effect("opens when workers crash more than ten times in a minute, and costs tasks no more tries", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(() => crash("no such library"))
      yield* submitAll(50, { retry: { process: 20 } })
      yield* seconds(600)
      const [hold] = yield* holdsNow
      assert.strictEqual(hold?.cause, "crashes")
      assert.match(
        hold?.detail ?? "",
        /crashes? within a minute: .* x the worker ended without a result: no such library/
      )
      const opened = world.at.filter((at) => at < 25)
      const looks = world.at.slice(opened.length)
      // Looked at after 30 s, 60 s, 120 s, 240 s; the slots that were at work then may have crashed besides.
      assert.isAtMost(opened.length, 11 + 3)
      assert.strictEqual(looks.length, 4)
      for (const [n, at] of looks.entries()) {
        if (n > 0) assert.isAtLeast(Math.round(1000 * (at - looks[n - 1]!)), 30_000 * 2 ** n)
      }
      const { failed, queued } = yield* counts
      assert.strictEqual(failed + queued, 50)
      // Those that crashed two slots before it opened.
      assert.isAtMost(failed, 6)
      assert.strictEqual((yield* (yield* Pool).status).restarts?.total, world.at.length)
      yield* world.recover
      yield* seconds(600)
      assert.deepStrictEqual(yield* holdsNow, [])
      assert.deepInclude(yield* counts, { done: 50 - failed, queued: 0, running: 0 })
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })

  it.effect("closes with the first answer, and does not open again for what was before", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(() => crash())
      yield* submitAll(30, { retry: { process: 20 } })
      yield* seconds(25)
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["crashes"])
      let answers = 0
      yield* world.meet(() => ++answers === 2 ? crash("once more") : null)
      yield* seconds(40)
      assert.deepStrictEqual(yield* holdsNow, [])
      assert.isAbove((yield* counts).done, 10)
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })
})

describe("what a crash means for its slot", () => {
  const end = (slot: number, failure: WorkerLost | null | "cut") => ({
    task: TaskId.make("t_0000000000000001"),
    slot: SlotId.make(slot),
    pass: { probes: [] },
    failure
  })

  it.effect("is a rest that is longer each time, and longer still beyond three in a minute", () =>
    Effect.gen(function*() {
      const restarts = yield* Restarts
      const lost = new WorkerLost({ detail: "signal 9" })
      for (const most of [500, 1000, 2000]) {
        const { rest } = yield* restarts.ended(end(1, lost))
        assert.isAtMost(Duration.toMillis(rest!.duration), most)
        assert.strictEqual(rest!.why, lost.message)
      }
      const fourth = yield* restarts.ended(end(1, lost))
      assert.match(fourth.rest?.why ?? "", /again and again/)
      assert.deepStrictEqual([yield* restarts.countOf(SlotId.make(1)), yield* restarts.countOf(SlotId.make(2))], [4, 0])
      assert.isNull((yield* restarts.ended(end(1, null))).rest)
      assert.isNull((yield* restarts.ended(end(1, "cut"))).rest)
      assert.strictEqual((yield* restarts.counts).total, 4)
      assert.deepStrictEqual(yield* (yield* Holds).current, [])
    }).pipe(Effect.provide(testPool())))
})
