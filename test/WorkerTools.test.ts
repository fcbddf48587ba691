/**
 * What a worker can do with the tools that it has of its pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import type { Recipient } from "../src/domain/Recipient.ts"
import { Events } from "../src/services/Events.ts"
import { Messages } from "../src/services/Messages.ts"
import { cancel } from "./support/Attempts.ts"
import { sampleId } from "./support/SampleTask.ts"
import { all, attempt, fates, listening, queued, testMessages, toRole, toSlot, toTask } from "./support/TestMessages.ts"
import { settle } from "./support/Time.ts"

const coordinator: Recipient = { _tag: "Coordinator" }

const sendTo = (to: Recipient, text = "x") => ({ _tag: "SendMessage", to, text }) as const

describe("read_messages", () => {
  it.effect("reads what has come and was not acknowledged, told or not, once", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* messages.send(toSlot(1), "a")
      const { letters } = yield* attempt(1, 1)
      yield* letters.waiting
      yield* messages.send(toTask(1), "b")
      const lines = (yield* letters.answer({ _tag: "ReadMessages" })).split("\n").map((line): unknown =>
        JSON.parse(line)
      )
      assert.deepStrictEqual(lines, [
        { number: 1, from: "coordinator", sent_at: "1970-01-01T00:00:00.000Z", text: "a" },
        { number: 2, from: "coordinator", sent_at: "1970-01-01T00:00:00.000Z", text: "b" }
      ])
      assert.strictEqual(yield* letters.answer({ _tag: "ReadMessages" }), "no messages")
      assert.deepStrictEqual(yield* fates, [
        `1 slot-1 acknowledged ${sampleId(1)}`,
        `2 ${sampleId(1)} acknowledged ${sampleId(1)}`
      ])
    }).pipe(Effect.provide(testMessages())))

  it.effect("reads a message that is on its way, and its arrival changes nothing", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      const arrival = yield* Deferred.make<boolean>()
      const { attend, letters } = yield* attempt(1, 1)
      yield* attend(() => Deferred.await(arrival))
      yield* messages.send(toSlot(1), "a")
      yield* settle
      assert.include(yield* letters.answer({ _tag: "ReadMessages" }), "\"number\":1")
      yield* Deferred.succeed(arrival, true)
      yield* settle
      assert.deepStrictEqual(yield* fates, [`1 slot-1 acknowledged ${sampleId(1)}`])
    }).pipe(Effect.provide(testMessages())))

  it.effect("takes nothing for good from a task that fails", () =>
    Effect.gen(function*() {
      yield* (yield* Messages).send(toSlot(1), "a")
      const first = yield* attempt(1, 1)
      yield* first.letters.answer({ _tag: "ReadMessages" })
      yield* first.ends("failed")
      assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting"])
    }).pipe(Effect.provide(testMessages())))

  it.effect("reads as many as can be read at once, and says when there are more", () =>
    Effect.gen(function*() {
      const messages = yield* Messages
      yield* Effect.forEach(Array.from({ length: 25 }), () => messages.send(toSlot(1), "a"))
      const { letters } = yield* attempt(1, 1)
      const first = (yield* letters.answer({ _tag: "ReadMessages" })).split("\n")
      assert.deepStrictEqual([first.length, first[20]], [21, "{\"more\":\"read again for the messages after these\"}"])
      assert.strictEqual((yield* letters.answer({ _tag: "ReadMessages" })).split("\n").length, 5)
      assert.strictEqual(yield* letters.answer({ _tag: "ReadMessages" }), "no messages")
    }).pipe(Effect.provide(testMessages())))
})

describe("send_message", () => {
  it.effect("says to whom it went, and reaches a worker that is at work, as the word of a worker", () =>
    Effect.gen(function*() {
      const sender = yield* attempt(1, 1)
      const receiver = yield* attempt(2, 2)
      const texts: Array<string> = []
      yield* receiver.attend(({ text }) => Effect.sync(() => texts.push(text) > 0))
      assert.strictEqual(yield* sender.letters.answer(sendTo(toTask(2), "look")), `sent to ${sampleId(2)}`)
      yield* settle
      assert.strictEqual(texts.length, 1)
      assert.match(
        texts[0] ?? "",
        new RegExp(
          `Message 1, from the worker of ${sampleId(1)} on slot-1:\n<worker-output id=${sampleId(1)} nonce=(\\w{16})>`
            + "\nlook\n</worker-output \\1>"
        )
      )
    }).pipe(Effect.provide(testMessages())))

  it.effect("reaches the others, where it means many", () =>
    Effect.gen(function*() {
      const { attend, letters } = yield* attempt(1, 2)
      const { heard, tell } = listening()
      yield* attend(tell)
      assert.strictEqual(yield* letters.answer(sendTo(all)), "sent to slot-1, slot-3")
      assert.strictEqual(yield* letters.answer(sendTo(toRole("reviewer"))), "sent to slot-3")
      assert.strictEqual(yield* letters.answer(sendTo(coordinator)), "sent to coordinator")
      yield* settle
      assert.deepStrictEqual(heard, [])
    }).pipe(Effect.provide(testMessages())))

  it.effect("is told who there is, when it names somebody else", () =>
    Effect.gen(function*() {
      const { letters } = yield* attempt(1, 1)
      yield* cancel(yield* queued(2))
      const refused = (to: Recipient) =>
        Effect.map(Effect.flip(letters.answer(sendTo(to))), ({ hint, message, reason }) => [reason._tag, message, hint])
      const hint =
        "send to coordinator, all, slot-1, slot-2, slot-3, role:reviewer, or the id of a task that has not finished"
      assert.deepStrictEqual(yield* refused(toSlot(9)), ["InvalidRequest", "to: there is no slot-9", hint])
      assert.deepStrictEqual(yield* refused(toTask(9)), ["InvalidRequest", `to: there is no task ${sampleId(9)}`, hint])
      assert.deepStrictEqual(yield* refused(toTask(2)), ["InvalidRequest", `to: ${sampleId(2)} has finished`, hint])
      assert.deepStrictEqual(yield* refused(toRole("x")), ["InvalidRequest", "to: no slot has the role x", hint])
    }).pipe(Effect.provide(testMessages())))

  it.effect("sends fifty messages in an attempt, also at once, and no more", () =>
    Effect.gen(function*() {
      const first = yield* attempt(1, 1)
      // What is refused is not counted.
      yield* Effect.flip(first.letters.answer(sendTo(toSlot(9))))
      const sent = yield* Effect.forEach(
        Array.from({ length: 60 }),
        () => Effect.result(first.letters.answer(sendTo(coordinator))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(sent.filter(({ _tag }) => _tag === "Success").length, 50)
      const refused = yield* Effect.flip(first.letters.answer(sendTo(coordinator)))
      assert.strictEqual(refused.reason._tag, "NotForWorkers")
      assert.strictEqual((yield* fates).length, 50)
      yield* first.ends("retried")
      yield* (yield* attempt(1, 1)).letters.answer(sendTo(coordinator))
      assert.strictEqual((yield* fates).length, 51)
    }).pipe(Effect.provide(testMessages())))
})

describe("report_progress", () => {
  it.effect("is told as it happens, as one clean line, and is not kept", () =>
    Effect.gen(function*() {
      const events = yield* Events
      const { letters } = yield* attempt(1, 1)
      const heard = yield* Deferred.make<unknown>()
      yield* Effect.forkChild(
        Stream.runForEach(
          events.stream,
          (event) => Deferred.succeed(heard, event)
        ),
        { startImmediately: true }
      )
      yield* letters.answer({ _tag: "ReportProgress", text: `half\n\u001b[31mdone\u200b ${"x".repeat(480)}` })
      assert.deepStrictEqual(yield* Deferred.await(heard), {
        _tag: "Reported",
        id: sampleId(1),
        text: `half done ${"x".repeat(480)}`
      })
      assert.deepStrictEqual(yield* fates, [])
    }).pipe(Effect.provide(testMessages())))
})
