/**
 * What becomes of messages, written down: at once where somebody waits for it, else as soon as the store takes it.
 */
import { Array, DateTime, Effect, Exit, Option, Order } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { formatMailbox, type Mailbox, type Message, MessageFate } from "../../domain/Message.ts"
import { Store } from "../Store.ts"

export interface Fates {
  /** What waits in any of these mailboxes and has not expired, oldest first, at most `limit`. */
  readonly waiting: (
    mailboxes: ReadonlyArray<Mailbox>,
    limit: number
  ) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** Something has been put into these mailboxes. */
  readonly expect: (mailboxes: ReadonlyArray<Mailbox>) => void
  /** Durable when it returns. */
  readonly settle: (messages: ReadonlyArray<Message>, fate: MessageFate) => Effect.Effect<void, Failure>
  /** Durable once the store takes it: until then, nothing that waits is read here. */
  readonly record: (messages: ReadonlyArray<Message>, fate: MessageFate) => Effect.Effect<void>
  /** Writes down what has not been. */
  readonly catchUp: Effect.Effect<void, Failure>
  /** What waits for a task that has ended is not delivered any more. */
  readonly expireEnded: (mailboxes: ReadonlyArray<Mailbox>) => Effect.Effect<void, Failure>
}

export const bySeq = Order.mapInput(Order.Number, ({ seq }: Message) => seq)

export const makeFates = Effect.gen(function*() {
  const store = yield* Store
  const owed = new Map<number, MessageFate>()
  // Most mailboxes are empty, and every attempt looks into two of them: the store is asked only about these.
  const full = new Set(
    (yield* store.messages.unexpired(yield* DateTime.now)).map(({ to }) => formatMailbox(to))
  )
  const expect = (mailboxes: ReadonlyArray<Mailbox>) => mailboxes.forEach((mailbox) => full.add(formatMailbox(mailbox)))

  const settleSeqs = (seqs: ReadonlyArray<number>, fate: MessageFate) =>
    store.messages.settle(seqs, fate).pipe(
      Effect.tap(() => Effect.sync(() => seqs.forEach((seq) => owed.delete(seq)))),
      Effect.uninterruptible
    )

  const settle: Fates["settle"] = (messages, fate) =>
    Effect.suspend(() => {
      if (fate._tag === "Waiting") expect(messages.map(({ to }) => to))
      return messages.length === 0 ? Effect.void : settleSeqs(messages.map(({ seq }) => seq), fate)
    })

  const look = Effect.fnUntraced(function*(mailbox: Mailbox, now: DateTime.Utc, limit: number) {
    const name = formatMailbox(mailbox)
    // Taken for empty before it is looked into: what is put in meanwhile is expected again.
    if (!full.delete(name)) return []
    const found = yield* Effect.onExit(
      store.messages.waiting(mailbox, now, limit),
      (exit) => Effect.sync(() => Exit.isSuccess(exit) && exit.value.length === 0 ? undefined : full.add(name))
    )
    return found
  })

  const record: Fates["record"] = (messages, fate) =>
    Effect.catch(settle(messages, fate), (failure) =>
      Effect.suspend(() => {
        for (const { seq } of messages) owed.set(seq, fate)
        return Effect.logWarning(`what became of ${messages.length} messages is not recorded yet: ${failure.message}`)
      }))

  const catchUp = Effect.suspend(() =>
    Effect.forEach([...owed], ([seq, fate]) => settleSeqs([seq], fate), { discard: true })
  )

  const waiting: Fates["waiting"] = Effect.fnUntraced(function*(mailboxes, limit) {
    yield* catchUp
    const now = yield* DateTime.now
    const found = yield* Effect.forEach(mailboxes, (mailbox) => look(mailbox, now, limit))
    return Array.sort(found.flat(), bySeq).slice(0, limit)
  })

  const expireEnded: Fates["expireEnded"] = Effect.fnUntraced(function*(mailboxes) {
    for (const mailbox of mailboxes) {
      if (mailbox._tag !== "Task") continue
      const task = yield* store.find(mailbox.task)
      const finishedAt = Option.isNone(task) ? null : task.value.finishedAt
      if (finishedAt === null) continue
      const left = yield* store.messages.waiting(mailbox, yield* DateTime.now)
      yield* settle(left, MessageFate.cases.Expired.make({ at: finishedAt }))
    }
  })

  return { waiting, expect, settle, record, catchUp, expireEnded } satisfies Fates as Fates
})
