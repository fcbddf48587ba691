/**
 * Messages over a store in memory, with three slots, the last two of which are reviewers.
 */
import { Effect, Exit, Layer, Option, Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Failure } from "../../src/domain/Failure.ts"
import type { Recipient } from "../../src/domain/Recipient.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import type { Seat } from "../../src/domain/SlotProfile.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Events } from "../../src/services/Events.ts"
import { Messages, type Tell } from "../../src/services/Messages.ts"
import { Roster } from "../../src/services/Roster.ts"
import { Store } from "../../src/services/Store.ts"
import { begin, type End, end } from "./Attempts.ts"
import { sampleId, sampleTask } from "./SampleTask.ts"

export const slot = SlotId.make

export const seats: ReadonlyArray<Seat> = [
  { id: slot(1), settings: {} },
  { id: slot(2), settings: { role: "reviewer" } },
  { id: slot(3), settings: { role: "reviewer" } }
]

export const testMessages = (store: Layer.Layer<Store, Failure> = StoreDirectory.layerMemory) =>
  // One of its own for each store: a pool that was killed leaves its own behind.
  Layer.fresh(Messages.layer).pipe(
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.provideMerge([Events.layer, Roster.layer(seats), store])
  )

/** A task that waits in the store. */
export const queued = Effect.fnUntraced(function*(number: number) {
  return yield* (yield* Store).accept(sampleTask(number))
})

export const all: Recipient = { _tag: "All" }
export const toSlot = (number: number): Recipient => ({ _tag: "Slot", slot: slot(number) })
export const toRole = (role: string): Recipient => ({ _tag: "Role", role })
export const toTask = (number: number): Recipient => ({ _tag: "Task", task: sampleId(number) })

/** An attempt of a task on a slot, with its letters, and how both end. */
export const attempt = Effect.fnUntraced(function*(number: number, on: number) {
  const known = yield* (yield* Store).find(sampleId(number))
  const begun = yield* begin(Option.isSome(known) ? known.value : yield* queued(number), slot(on))
  const scope = yield* Scope.make()
  const letters = yield* Scope.provide((yield* Messages).open(begun.task, slot(on)), scope)
  return {
    begun,
    letters,
    attend: (tell: Tell) => Scope.provide(letters.attend(tell), scope),
    ends: (how: End) => Effect.andThen(Scope.close(scope, Exit.void), end(begun, how))
  }
})

/** A worker that takes what it is told, and what it has been told: the numbers of the messages. */
export const listening = () => {
  const heard: Array<number> = []
  const tell: Tell = ({ text }) => Effect.sync(() => heard.push(...numbersIn(text)) > 0)
  return { heard, tell }
}

/** The numbers of the messages in a text for a worker. */
export const numbersIn = (text: string): ReadonlyArray<number> =>
  Array.from(text.matchAll(/^\[\w+\] Message (\d+), from/gm), ([, number]) => Number(number))

/** What is known of each copy: its number, its mailbox, and what has become of it. */
export const fates = Effect.gen(function*() {
  const all = yield* (yield* Messages).list({ since: 0, limit: 1000 })
  return all.map(({ seq, state, task, to }) => [seq, to, state, ...(task === undefined ? [] : [task])].join(" "))
})
