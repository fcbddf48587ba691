import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import type { Recipient } from "../src/domain/Recipient.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Messages } from "../src/services/Messages.ts"
import { Store } from "../src/services/Store.ts"
import { begin, cancel, end } from "./support/Attempts.ts"
import { cancelled, sampleId, sampleTask } from "./support/SampleTask.ts"
import { all, fates, queued, slot, testMessages, toRole, toSlot, toTask } from "./support/TestMessages.ts"
import { settle } from "./support/Time.ts"

const refusal = (to: Recipient, text = "x", expiresAfter?: Duration.Duration) =>
  Effect.gen(function*() {
    const options = expiresAfter === undefined ? {} : { expiresAfter }
    const { reason } = yield* Effect.flip((yield* Messages).send(to, text, options))
    return [reason._tag, reason.message, reason.hint]
  })

describe("a message of the coordinator's", () => {
  it.effect("goes to a slot, to each slot of a role, to a task, or to every slot, in order and with numbers", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* queued(1)
      const first = yield* messages.send(toSlot(2), "a")
      assert.deepStrictEqual(first, [{
        seq: 1,
        from: "coordinator",
        to: "slot-2",
        text: "a",
        state: "waiting",
        sent_at: "1970-01-01T00:00:00.000Z",
        expires_at: "1970-01-02T00:00:00.000Z"
      }])
      yield* messages.send(toRole("reviewer"), "b")
      yield* messages.send(toTask(1), "c")
      yield* messages.send(all, "d")
      assert.deepStrictEqual(yield* fates, [
        "1 slot-2 waiting",
        "2 slot-2 waiting",
        "3 slot-3 waiting",
        `4 ${sampleId(1)} waiting`,
        "5 slot-1 waiting",
        "6 slot-2 waiting",
        "7 slot-3 waiting"
      ])
      assert.deepStrictEqual((yield* messages.list({ since: 3, limit: 2 })).map(({ seq }) => seq), [4, 5])
    }).pipe(Effect.provide(testMessages())))

  it.effect("is refused where nobody could ever get it, and it is said who could", () =>
    Effect.gen(function*() {
      const hint = "send to all, slot-1, slot-2, slot-3, role:reviewer, or the id of a task that has not finished"
      assert.deepStrictEqual(yield* refusal(toSlot(4)), ["InvalidRequest", "to: there is no slot-4", hint])
      assert.deepStrictEqual(yield* refusal(toRole("author")), [
        "InvalidRequest",
        "to: no slot has the role author",
        hint
      ])
      assert.deepStrictEqual(yield* refusal({ _tag: "Coordinator" }), [
        "InvalidRequest",
        "to: the coordinator does not write to itself",
        hint
      ])
      assert.strictEqual((yield* refusal(toTask(1)))[0], "NotFound")
      yield* cancel(yield* queued(1))
      assert.deepStrictEqual(yield* refusal(toTask(1)), ["InvalidRequest", `to: ${sampleId(1)} has finished`, hint])
      assert.deepStrictEqual(yield* fates, [])
    }).pipe(Effect.provide(testMessages())))

  it.effect("is refused if it is empty or too long, or if it would wait for no time or for more than a week", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* refusal(all, " \n"))[1], "text: must be 1 to 8000 characters")
      assert.strictEqual((yield* refusal(all, "x".repeat(8001)))[1], "text: must be 1 to 8000 characters")
      for (const wait of [Duration.zero, Duration.millis(7 * 24 * 3600 * 1000 + 1), Duration.infinity]) {
        assert.strictEqual((yield* refusal(all, "x", wait))[1], "expiresAfter: must be above zero and at most 7 days")
      }
      const [sent] = yield* (yield* Messages).send(toSlot(1), "x".repeat(8000), { expiresAfter: Duration.days(7) })
      assert.strictEqual(sent?.expires_at, "1970-01-08T00:00:00.000Z")
    }).pipe(Effect.provide(testMessages())))

  it.effect("expires when its time is over, and is not delivered any more", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const task = yield* queued(1)
      yield* messages.send(toSlot(1), "soon", { expiresAfter: Duration.minutes(1) })
      yield* messages.send(toSlot(1), "later")
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual(yield* fates, ["1 slot-1 expired", "2 slot-1 waiting"])
      const text = yield* Effect.scoped(Effect.flatMap(messages.open(task, slot(1)), ({ waiting }) => waiting))
      assert.deepStrictEqual([text.includes("soon"), text.includes("later")], [false, true])
    }).pipe(Effect.provide(testMessages())))

  it.effect("for a task expires with its end, if nobody took it", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const [first, second] = [yield* queued(1), yield* queued(2)]
      yield* messages.send(toTask(1), "a")
      yield* messages.send(toTask(2), "b")
      yield* cancel(first)
      yield* settle
      // As the store has it, also for those who only read it.
      const { messages: kept } = yield* Store
      assert.deepStrictEqual((yield* kept.list({ since: 0, limit: 1 }))[0]?.fate._tag, "Expired")
      assert.deepStrictEqual(yield* fates, [`1 ${sampleId(1)} expired`, `2 ${sampleId(2)} waiting`])
      yield* end(yield* begin(second, slot(1)), "done")
      yield* settle
      assert.deepStrictEqual(yield* fates, [`1 ${sampleId(1)} expired`, `2 ${sampleId(2)} expired`])
    }).pipe(Effect.provide(testMessages())))

  it.effect("for a task has expired as soon as the task has ended, also if nobody heard of that", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const task = yield* queued(1)
      yield* messages.send(toTask(1), "a")
      yield* (yield* Store).commit(cancelled(task))
      assert.deepStrictEqual(yield* fates, [`1 ${sampleId(1)} expired`])
    }).pipe(Effect.provide(testMessages())))

  it.effect("for a task that ends while it is sent has expired", () =>
    Effect.gen(function*() {
      const store = yield* Effect.provide(Store, yield* Layer.build(StoreDirectory.layerMemory))
      const task = yield* store.accept(sampleTask(1))
      const late = Store.of({
        ...store,
        messages: {
          ...store.messages,
          send: (copies) => Effect.andThen(Effect.orDie(store.commit(cancelled(task))), store.messages.send(copies))
        }
      })
      const sent = Effect.flatMap(Messages, (messages) => messages.send(toTask(1), "a"))
      yield* Effect.provide(sent, testMessages(Layer.succeed(Store, late)))
      assert.strictEqual((yield* store.messages.list({ since: 0, limit: 1 }))[0]?.fate._tag, "Expired")
    }))
})

describe("the coordinator's mailbox", () => {
  const write = Effect.fnUntraced(function*(number: number, text: string) {
    const messages = yield* Messages
    const task = yield* queued(number)
    const letters = yield* messages.open(task, slot(2))
    return yield* letters.answer({ _tag: "SendMessage", to: { _tag: "Coordinator" }, text })
  }, Effect.scoped)

  it.effect("is read from the oldest on, and what was read is acknowledged", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      assert.strictEqual(yield* write(1, "one"), "sent to coordinator")
      yield* write(2, "two")
      yield* write(3, "three")
      const peeked = yield* messages.read({ limit: 10, peek: true })
      assert.deepStrictEqual(peeked.map(({ from, state, text }) => [from, state, text]), [
        [sampleId(1), "waiting", "one"],
        [sampleId(2), "waiting", "two"],
        [sampleId(3), "waiting", "three"]
      ])
      const read = yield* messages.read({ limit: 2 })
      assert.deepStrictEqual(read.map(({ state, text }) => [state, text]), [
        ["acknowledged", "one"],
        ["acknowledged", "two"]
      ])
      assert.deepStrictEqual((yield* messages.read({ limit: 2 })).map(({ text }) => text), ["three"])
      assert.deepStrictEqual(yield* messages.read({ limit: 2 }), [])
      assert.deepStrictEqual(yield* fates, [
        "1 coordinator acknowledged",
        "2 coordinator acknowledged",
        "3 coordinator acknowledged"
      ])
    }).pipe(Effect.provide(testMessages())))

  it.effect("shows what a worker wrote without what cannot be seen", () =>
    Effect.gen(function*() {
      yield* write(1, "a\u001b[2J\u0000b\u202ec<system-reminder>")
      assert.deepStrictEqual((yield* (yield* Messages).read({ limit: 1 })).map(({ text }) => text), [
        "abc&lt;system-reminder>"
      ])
    }).pipe(Effect.provide(testMessages())))

  it.effect("gives each message to one of those who read at the same time", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* write(1, "one")
      yield* write(2, "two")
      const read = yield* Effect.all([messages.read({ limit: 1 }), messages.read({ limit: 1 })], { concurrency: 2 })
      assert.deepStrictEqual(read.flat().map(({ text }) => text), ["one", "two"])
    }).pipe(Effect.provide(testMessages())))
})
