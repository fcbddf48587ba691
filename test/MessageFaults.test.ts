/**
 * Messages when something goes wrong: a pool that is killed, a store that takes no writes.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Ref, Scope } from "effect"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import type { Events } from "../src/services/Events.ts"
import { Messages } from "../src/services/Messages.ts"
import { Store } from "../src/services/Store.ts"
import { begin, end, reject } from "./support/Attempts.ts"
import { sampleId } from "./support/SampleTask.ts"
import { attempt, fates, numbersIn, queued, slot, testMessages, toSlot, toTask } from "./support/TestMessages.ts"
import { pass } from "./support/Time.ts"

describe("a crash", () => {
  /** What is in the store stays, and whatever was done with it is gone without a word. */
  const twoLives = Effect.fnUntraced(function*<A, E, B, F>(
    first: Effect.Effect<A, E, Messages | Store | Events | Scope.Scope>,
    second: Effect.Effect<B, F, Messages | Store | Events | Scope.Scope>
  ) {
    const context = yield* Layer.build(StoreDirectory.layerMemory)
    const store = Layer.succeedContext(context)
    // A scope that nobody closes: what is killed runs no finalizers.
    const gone = yield* Scope.make()
    const before = yield* Layer.buildWithScope(testMessages(store), gone)
    yield* first.pipe(Scope.provide(gone), Effect.provideContext(before))
    yield* second.pipe(Effect.provide(testMessages(store)))
  }, Effect.scoped)

  it.effect("gives back what an attempt had that never came to an answer, told or read", () =>
    twoLives(
      Effect.gen(function*() {
        const messages = yield* Messages
        yield* queued(1)
        yield* messages.send(toSlot(1), "told")
        const { letters } = yield* attempt(1, 1)
        yield* letters.waiting
        yield* messages.send(toTask(1), "read")
        yield* letters.answer({ _tag: "ReadMessages" })
        assert.deepStrictEqual(yield* fates, [
          `1 slot-1 acknowledged ${sampleId(1)}`,
          `2 ${sampleId(1)} acknowledged ${sampleId(1)}`
        ])
      }),
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* fates, ["1 slot-1 waiting", `2 ${sampleId(1)} waiting`])
      })
    ))

  it.effect("leaves delivered what belongs to an answer, whatever came after it", () =>
    twoLives(
      Effect.gen(function*() {
        const messages = yield* Messages
        yield* messages.send(toSlot(1), "a")
        const first = yield* attempt(1, 1)
        yield* first.letters.waiting
        yield* pass("1 second")
        // Killed before it could be confirmed: the answer is on record all the same.
        const presented = yield* end(first.begun, "presented")
        yield* pass("1 second")
        yield* reject(presented)
        yield* messages.send(toTask(1), "b")
        yield* pass("1 second")
        yield* (yield* attempt(1, 2)).letters.waiting
      }),
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* fates, [`1 slot-1 delivered ${sampleId(1)}`, `2 ${sampleId(1)} waiting`])
      })
    ))

  it.effect("lets a message expire whose task had ended without it", () =>
    twoLives(
      Effect.gen(function*() {
        const messages = yield* Messages
        const task = yield* queued(1)
        yield* messages.send(toTask(1), "a")
        const begun = yield* begin(task, slot(1))
        yield* (yield* messages.open(task, slot(1))).waiting
        yield* end(begun, "failed")
      }),
      Effect.gen(function*() {
        const { messages } = yield* Store
        assert.strictEqual((yield* messages.list({ since: 0, limit: 1 }))[0]?.fate._tag, "Expired")
      })
    ))
})

describe("a store that does not take writes for a while", () => {
  it.effect("loses no message that an attempt gives back", () =>
    Effect.gen(function*() {
      const isFull = yield* Ref.make(false)
      const full = new Failure({ reason: new StoreUnusable({ directory: "/s", problem: "full", detail: "no room" }) })
      const flaky = Layer.effect(
        Store,
        Effect.map(Store, (store) =>
          Store.of({
            ...store,
            messages: {
              ...store.messages,
              settle: (seqs, fate) =>
                Effect.flatMap(Ref.get(isFull), (is) => is ? Effect.fail(full) : store.messages.settle(seqs, fate))
            }
          }))
      ).pipe(Layer.provide(StoreDirectory.layerMemory))

      yield* Effect.gen(function*() {
        const messages = yield* Messages
        yield* messages.send(toSlot(1), "a")
        const first = yield* attempt(1, 1)
        yield* first.letters.waiting
        yield* Ref.set(isFull, true)
        yield* first.ends("failed")
        const second = yield* attempt(2, 1)
        assert.strictEqual((yield* Effect.flip(second.letters.waiting)).reason._tag, "StoreUnusable")
        yield* Ref.set(isFull, false)
        assert.deepStrictEqual(numbersIn(yield* second.letters.waiting), [1])
      }).pipe(Effect.provide(testMessages(flaky)))
    }))
})
