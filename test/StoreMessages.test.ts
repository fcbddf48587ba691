/**
 * What the store keeps of what workers are told: messages, and shared context.
 */
import { assert } from "@effect/vitest"
import { Effect, Option } from "effect"
import { type Mailbox, type MessageFate, Sender } from "../src/domain/Message.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { Store } from "../src/services/Store.ts"
import { at, sampleId } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const coordinator: Mailbox = { _tag: "Coordinator" }
const slot = (number: number): Mailbox => ({ _tag: "Slot", slot: SlotId.make(number) })
const ofTask: Mailbox = { _tag: "Task", task: sampleId(1) }

const letter = (to: Mailbox, text: string, expires = 100) => ({
  from: Sender.cases.Worker.make({ task: sampleId(9), slot: SlotId.make(1) }),
  to,
  text,
  sentAt: at(1),
  expiresAt: at(expires)
})

onEachStore("Store, its messages", (test) => {
  test(
    "gives each copy its number, in the order in which they were sent",
    Effect.gen(function*() {
      const store = yield* Store
      const first = yield* store.messages.send([letter(slot(1), "a"), letter(slot(2), "a"), letter(coordinator, "b")])
      const [last] = yield* store.messages.send([letter(ofTask, "\u0000\ud800")])
      assert.deepStrictEqual(first.map(({ seq }) => seq), [1, 2, 3])
      assert.deepStrictEqual(yield* store.messages.send([]), [])
      assert.deepStrictEqual(yield* store.messages.list({ since: 0, limit: 10 }), [...first, last!])
      assert.deepStrictEqual(yield* store.messages.list({ since: 1, limit: 2 }), first.slice(1))
      assert.deepStrictEqual(yield* store.messages.list({ to: coordinator, since: 0, limit: 10 }), first.slice(2))
      assert.deepStrictEqual(yield* store.messages.waiting(ofTask, at(0)), [last!])
    })
  )

  test(
    "shows what waits in a mailbox until it expires",
    Effect.gen(function*() {
      const store = yield* Store
      const [first, second] = yield* store.messages.send([letter(slot(1), "a", 10), letter(slot(1), "b", 20)])
      yield* store.messages.send([letter(slot(11), "c")])
      assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(10)), [first!, second!])
      assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(10), 1), [first!])
      assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(11)), [second!])
      assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(21)), [])
      assert.deepStrictEqual(yield* store.messages.waiting(slot(2), at(0)), [])
    })
  )

  test(
    "lists what has not expired, whatever has become of it",
    Effect.gen(function*() {
      const store = yield* Store
      const [first, second, third] = yield* store.messages.send([
        letter(slot(1), "a", 10),
        letter(coordinator, "b", 20),
        letter(ofTask, "c", 20)
      ])
      const fate: MessageFate = { _tag: "Acknowledged", at: at(5), task: null }
      yield* store.messages.settle([2], fate)
      assert.deepStrictEqual(yield* store.messages.unexpired(at(10)), [first!, { ...second!, fate }, third!])
      assert.deepStrictEqual(yield* store.messages.unexpired(at(20)), [{ ...second!, fate }, third!])
      assert.deepStrictEqual(yield* store.messages.unexpired(at(21)), [])
    })
  )

  test(
    "sets the fate of messages, once or again, and lets what was not taken in wait again",
    Effect.gen(function*() {
      const store = yield* Store
      const sent = yield* store.messages.send([letter(slot(1), "a"), letter(slot(1), "b")])
      const delivered: MessageFate = { _tag: "Delivered", at: at(5), task: sampleId(1) }
      for (const _ of [1, 2]) {
        yield* store.messages.settle([1, 99], delivered)
        assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(5)), sent.slice(1))
        const all = yield* store.messages.list({ since: 0, limit: 10 })
        assert.deepStrictEqual(all, [{ ...sent[0]!, fate: delivered }, sent[1]!])
      }
      yield* store.messages.settle([], { _tag: "Expired", at: at(6) })
      yield* store.messages.settle([1], { _tag: "Waiting" })
      assert.deepStrictEqual(yield* store.messages.waiting(slot(1), at(5)), sent)
    })
  )
})

onEachStore("Store, its context", (test) => {
  test(
    "keeps one value for each key of a scope, and lists them by key",
    Effect.gen(function*() {
      const { context } = yield* Store
      const entry = (key: string, value: string, scope: "pool" | ReturnType<typeof sampleId> = "pool") => ({
        scope,
        key,
        value,
        setAt: at(1)
      })
      yield* Effect.forEach([
        entry("b", "1"),
        entry("a", "\u0000\ud800"),
        entry("b", "2"),
        entry("b", "3", sampleId(1))
      ], context.set)
      assert.deepStrictEqual(yield* context.list("pool"), [entry("a", "\u0000\ud800"), entry("b", "2")])
      assert.deepStrictEqual(yield* context.get(sampleId(1), "b"), Option.some(entry("b", "3", sampleId(1))))
      assert.sameMembers([...yield* context.scopes], ["pool", sampleId(1)])

      assert.isTrue(yield* context.delete("pool", "b"))
      assert.isFalse(yield* context.delete("pool", "b"))
      assert.deepStrictEqual(yield* context.get("pool", "b"), Option.none())
      assert.deepStrictEqual(yield* context.list(sampleId(1)), [entry("b", "3", sampleId(1))])
      yield* context.delete("pool", "a")
      assert.deepStrictEqual(yield* context.scopes, [sampleId(1)])
    })
  )
})
