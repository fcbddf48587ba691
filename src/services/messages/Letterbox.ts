/**
 * The letters of one attempt: what its worker has taken so far, and what becomes of that when the attempt ends.
 */
import { Array, DateTime, Effect, Fiber, Queue, Ref, type Scope, Semaphore } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { firstLetters, letterLines, lettersText, mostAtOnce } from "../../domain/Letters.ts"
import { Mailbox, type Message, MessageFate } from "../../domain/Message.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Tell } from "../Messages.ts"
import { bySeq, type Fates } from "./Fates.ts"

export interface Letterbox {
  readonly task: TaskId
  readonly mailboxes: ReadonlyArray<Mailbox>
  /** Something has come for it. */
  readonly ring: Effect.Effect<void>
  /** The worker shows that it is at work: it may take now what it could not before. */
  readonly stir: Effect.Effect<void>
  /** A text to put before the prompt. */
  readonly waiting: Effect.Effect<string, Failure>
  readonly attend: (tell: Tell) => Effect.Effect<void, never, Scope.Scope>
  /** What has come for it and has not been acknowledged, told already or not. */
  readonly read: Effect.Effect<string, Failure>
  readonly confirm: Effect.Effect<void, Failure>
}

/** By then, a worker whose work is over has also said whether it took the last message. */
const saidWithin = "5 seconds"

export const openLetterbox = Effect.fnUntraced(function*(options: {
  readonly task: TaskId
  readonly slot: SlotId
  readonly fates: Fates
  readonly nonce: Effect.Effect<string>
  /** Tells whoever is at work there that something has come. */
  readonly ring: (mailboxes: ReadonlyArray<Mailbox>) => Effect.Effect<void>
}) {
  const { fates, nonce, slot, task } = options
  const mailboxes = [Mailbox.cases.Task.make({ task }), Mailbox.cases.Slot.make({ slot })]
  const own = yield* Effect.scope
  const bell = yield* Queue.sliding<void>(1)
  const ring = Effect.asVoid(Queue.offer(bell, undefined))
  const taking = yield* Semaphore.make(1)
  const telling = yield* Semaphore.make(1)
  const isRefused = yield* Ref.make(false)
  /** All that the worker has, and whether it has acknowledged it. */
  const taken = yield* Ref.make<ReadonlyMap<number, { readonly message: Message; readonly isRead: boolean }>>(new Map())

  const take = (messages: ReadonlyArray<Message>, isRead: boolean) =>
    Ref.update(
      taken,
      (all) => new Map([...all, ...messages.map((message) => [message.seq, { message, isRead }] as const)])
    )

  /** One more than are read at once, so that it shows whether there are more. */
  const fresh = fates.waiting(mailboxes, mostAtOnce + 1)

  const waiting = Effect.gen(function*() {
    const letters = firstLetters(yield* fresh)
    if (letters.length === 0) return ""
    yield* fates.settle(letters, MessageFate.cases.Delivered.make({ at: yield* DateTime.now, task }))
    yield* take(letters, false)
    return lettersText(letters, yield* nonce)
  }).pipe(Effect.uninterruptible, taking.withPermit)

  const read = Effect.gen(function*() {
    const told = [...(yield* Ref.get(taken)).values()].filter(({ isRead }) => !isRead).map(({ message }) => message)
    const unread = Array.sort([...told, ...(yield* fresh)], bySeq)
    const letters = firstLetters(unread)
    if (letters.length === 0) return "no messages"
    yield* fates.settle(letters, MessageFate.cases.Acknowledged.make({ at: yield* DateTime.now, task }))
    yield* take(letters, true)
    return letterLines(letters, letters.length < unread.length)
  }).pipe(Effect.uninterruptible, taking.withPermit)

  /** It may have been read in the meantime, which says more. */
  const told = Effect.fnUntraced(function*(message: Message) {
    if ((yield* Ref.get(taken)).has(message.seq)) return
    yield* take([message], false)
    yield* fates.record([message], MessageFate.cases.Delivered.make({ at: yield* DateTime.now, task }))
  }, taking.withPermit)

  /** Tells one message. It is written down that it was taken, also when the attempt ends in that moment. */
  const hand = (tell: Tell, message: Message) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const text = lettersText([message], yield* nonce)
        const isTold = yield* restore(tell({ id: `message-${message.seq}`, text }))
        if (isTold) yield* told(message)
        return isTold
      })
    ).pipe(telling.withPermit)

  /** Tells what waits, in order, until there is nothing left or the worker takes no more. */
  const round = Effect.fnUntraced(function*(tell: Tell) {
    while (true) {
      const [next] = yield* fates.waiting(mailboxes, 1)
      if (next === undefined) return
      if (!(yield* hand(tell, next))) return yield* Ref.set(isRefused, true)
    }
  })

  /** Lets a message arrive that is on its way. */
  const arrival = Effect.interruptible(telling.withPermit(Effect.void)).pipe(
    Effect.timeoutOption(saidWithin),
    Effect.asVoid
  )

  const attend = Effect.fnUntraced(function*(tell: Tell) {
    yield* ring
    const fiber = yield* Queue.take(bell).pipe(
      Effect.andThen(round(tell)),
      Effect.catch((failure) => Effect.logWarning(`a worker is not told what has come for it: ${failure.message}`)),
      Effect.forever,
      Effect.forkIn(own)
    )
    yield* Effect.addFinalizer(() => Effect.andThen(arrival, Fiber.interrupt(fiber)))
  })

  const giveBack = Effect.gen(function*() {
    const messages = [...(yield* Ref.get(taken)).values()].map(({ message }) => message)
    yield* fates.record(messages, MessageFate.cases.Waiting.make({}))
    const emptied = messages.map(({ to }) => to)
    yield* Effect.ignore(fates.expireEnded(emptied), { log: "Warn" })
    yield* options.ring(emptied)
  })

  const isConfirmed = yield* Ref.make(false)
  yield* Effect.addFinalizer(() => Effect.flatMap(Ref.get(isConfirmed), (is) => is ? Effect.void : giveBack))

  return {
    task,
    mailboxes,
    ring,
    stir: Effect.flatMap(Ref.getAndSet(isRefused, false), (was) => was ? ring : Effect.void),
    waiting,
    attend,
    read,
    confirm: Effect.andThen(Ref.set(isConfirmed, true), fates.catchUp)
  } satisfies Letterbox as Letterbox
})
