import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref } from "effect"
import { zeroUsd } from "../src/domain/MicroUsd.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { Events } from "../src/services/Events.ts"
import { Messages } from "../src/services/Messages.ts"
import { Store } from "../src/services/Store.ts"
import { begin, end } from "./support/Attempts.ts"
import { at, sampleId } from "./support/SampleTask.ts"
import {
  all,
  attempt,
  fates,
  listening,
  numbersIn,
  queued,
  slot,
  testMessages,
  toSlot,
  toTask
} from "./support/TestMessages.ts"
import { pass, settle } from "./support/Time.ts"

describe("the letters of an attempt", () => {
  it.effect("begin with what waits for its task and its slot, in order, and with nothing else", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* queued(1)
      yield* queued(2)
      yield* messages.send(all, "one")
      yield* messages.send(toTask(2), "two")
      yield* messages.send(toTask(1), "three")
      yield* messages.send(toSlot(2), "four")
      const { letters } = yield* attempt(1, 2)
      const text = yield* letters.waiting
      assert.deepStrictEqual(numbersIn(text), [2, 5, 6])
      assert.isTrue(text.includes("one") && text.includes("three") && text.includes("four"))
      assert.strictEqual(yield* letters.waiting, "")
      assert.deepStrictEqual(yield* fates, [
        "1 slot-1 waiting",
        `2 slot-2 delivered ${sampleId(1)}`,
        "3 slot-3 waiting",
        `4 ${sampleId(2)} waiting`,
        `5 ${sampleId(1)} delivered ${sampleId(1)}`,
        `6 slot-2 delivered ${sampleId(1)}`
      ])
    }).pipe(Effect.provide(testMessages())))

  it.effect("stay delivered when it has come to an answer, and wait again when it has not", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* queued(1)
      yield* messages.send(toSlot(1), "a")
      yield* messages.send(toTask(1), "b")
      const first = yield* attempt(1, 1)
      yield* first.letters.waiting
      yield* first.ends("retried")
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting", `2 ${sampleId(1)} waiting`])
      const second = yield* attempt(1, 1)
      assert.deepStrictEqual(numbersIn(yield* second.letters.waiting), [1, 2])
      yield* second.letters.confirm
      yield* second.ends("done")
      const delivered = [`1 slot-1 delivered ${sampleId(1)}`, `2 ${sampleId(1)} delivered ${sampleId(1)}`]
      assert.deepStrictEqual(yield* fates, delivered)
      assert.strictEqual(yield* (yield* attempt(3, 1)).letters.waiting, "")
    }).pipe(Effect.provide(testMessages())))

  it.effect("go to the next task of the slot when the task fails, and those for the task expire", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* queued(1)
      yield* messages.send(toSlot(1), "a")
      yield* messages.send(toTask(1), "b")
      const first = yield* attempt(1, 1)
      yield* first.letters.waiting
      yield* first.ends("failed")
      yield* settle
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting", `2 ${sampleId(1)} expired`])
      assert.deepStrictEqual(numbersIn(yield* (yield* attempt(2, 1)).letters.waiting), [1])
    }).pipe(Effect.provide(testMessages())))

  it.effect("expire also when the task has ended before its letters are closed", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const task = yield* queued(1)
      yield* messages.send(toTask(1), "a")
      yield* Effect.scoped(Effect.gen(function*() {
        const begun = yield* begin(task, slot(1))
        yield* (yield* messages.open(task, slot(1))).waiting
        yield* end(begun, "failed")
        yield* settle
      }))
      const { messages: kept } = yield* Store
      assert.strictEqual((yield* kept.list({ since: 0, limit: 1 }))[0]?.fate._tag, "Expired")
    }).pipe(Effect.provide(testMessages())))

  it.effect("are told to the worker that has the slot by the time they are given back", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* messages.send(toSlot(1), "a")
      const first = yield* attempt(1, 1)
      yield* first.letters.waiting
      const second = yield* attempt(2, 1)
      const { heard, tell } = listening()
      yield* second.attend(tell)
      yield* settle
      yield* first.ends("failed")
      yield* settle
      assert.deepStrictEqual(heard, [1])
    }).pipe(Effect.provide(testMessages())))

  it.effect("are twenty at first where more wait, and the others are told", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* Effect.forEach(Array.from({ length: 45 }), (_, n) => messages.send(toSlot(1), `message ${n}`))
      const { attend, letters } = yield* attempt(1, 1)
      assert.strictEqual(numbersIn(yield* letters.waiting).length, 20)
      const { heard, tell } = listening()
      yield* attend(tell)
      yield* settle
      assert.deepStrictEqual(heard, Array.from({ length: 25 }, (_, n) => n + 21))
    }).pipe(Effect.provide(testMessages())))
})

describe("a worker at work", () => {
  it.effect("is told at once what comes for its task or its slot, one at a time and in order", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const { attend } = yield* attempt(1, 1)
      const heard: Array<number> = []
      const slow = yield* Deferred.make<void>()
      yield* attend(({ text }) =>
        Effect.gen(function*() {
          heard.push(...numbersIn(text))
          yield* Deferred.await(slow)
          return true
        })
      )
      yield* messages.send(toSlot(1), "a")
      yield* messages.send(toSlot(2), "not for it")
      yield* messages.send(toTask(1), "b")
      yield* settle
      assert.deepStrictEqual(heard, [1])
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting", "2 slot-2 waiting", `3 ${sampleId(1)} waiting`])
      yield* Deferred.succeed(slow, undefined)
      yield* settle
      assert.deepStrictEqual(heard, [1, 3])
      assert.deepStrictEqual((yield* fates).filter((fate) => fate.includes("delivered")), [
        `1 slot-1 delivered ${sampleId(1)}`,
        `3 ${sampleId(1)} delivered ${sampleId(1)}`
      ])
    }).pipe(Effect.provide(testMessages())))

  it.effect("leaves what it does not take to the next task, and the letters after it too", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const first = yield* attempt(1, 1)
      yield* first.attend(() => Effect.succeed(false))
      yield* messages.send(toSlot(1), "a")
      yield* messages.send(toSlot(1), "b")
      yield* settle
      yield* first.letters.confirm
      yield* first.ends("done")
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting", "2 slot-1 waiting"])
      assert.deepStrictEqual(numbersIn(yield* (yield* attempt(2, 1)).letters.waiting), [1, 2])
    }).pipe(Effect.provide(testMessages())))

  it.effect("is told again what it could not take before it had begun, as soon as it shows that it is at work", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const events = yield* Events
      const isReady = yield* Ref.make(false)
      const { heard, tell } = listening()
      const { attend } = yield* attempt(1, 1)
      yield* attend((message) => Effect.flatMap(Ref.get(isReady), (is) => is ? tell(message) : Effect.succeed(false)))
      yield* messages.send(toSlot(1), "a")
      yield* settle
      yield* Ref.set(isReady, true)
      yield* settle
      assert.deepStrictEqual(heard, [])
      yield* events.publish(PoolEvent.cases.Progressed.make({
        id: sampleId(1),
        progress: { phase: "waiting-model", tool: null, turns: 0, outputTokens: 0, cost: zeroUsd, lastEventAt: at(0) }
      }))
      yield* settle
      assert.deepStrictEqual(heard, [1])
    }).pipe(Effect.provide(testMessages())))

  it.effect("keeps a message that it takes in the moment in which it answers", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const isOver = yield* Deferred.make<void>()
      const first = yield* attempt(1, 1)
      const working = yield* Effect.forkChild(Effect.scoped(Effect.gen(function*() {
        yield* first.letters.attend(() => Effect.as(Effect.andThen(Deferred.await(isOver), settle), true))
        yield* Deferred.await(isOver)
      })))
      yield* messages.send(toSlot(1), "a")
      yield* settle
      yield* Deferred.succeed(isOver, undefined)
      yield* Fiber.join(working)
      yield* first.letters.confirm
      yield* first.ends("done")
      assert.deepStrictEqual(yield* fates, [`1 slot-1 delivered ${sampleId(1)}`])
    }).pipe(Effect.provide(testMessages())))

  it.effect("keeps it also where it is told for longer than the work goes on", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const taken = yield* Deferred.make<void>()
      const first = yield* attempt(1, 1)
      yield* first.attend(() => Effect.as(Effect.andThen(Deferred.await(taken), settle), true))
      yield* messages.send(toSlot(1), "a")
      yield* settle
      yield* first.letters.confirm
      const over = yield* Effect.forkChild(first.ends("done"))
      yield* settle
      yield* Deferred.succeed(taken, undefined)
      yield* Fiber.join(over)
      assert.deepStrictEqual(yield* fates, [`1 slot-1 delivered ${sampleId(1)}`])
    }).pipe(Effect.provide(testMessages())))

  it.effect("is not waited for when it does not say whether it took a message", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const first = yield* attempt(1, 1)
      yield* first.attend(() => Effect.never)
      yield* messages.send(toSlot(1), "a")
      yield* settle
      yield* first.letters.confirm
      const over = yield* Effect.forkChild(first.ends("done"))
      yield* pass("6 seconds")
      assert.isDefined(over.pollUnsafe())
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting"])
    }).pipe(Effect.provide(testMessages())))
})
