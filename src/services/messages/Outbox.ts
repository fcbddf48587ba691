/**
 * Sending: a copy for each mailbox, with a number and an end, and whoever is at work there hears of it at once.
 */
import { DateTime, Duration, Effect, Schema } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { issueLines } from "../../domain/Issues.ts"
import { type Mailbox, type Message, MessageText, type Sender } from "../../domain/Message.ts"
import type { Recipient } from "../../domain/Recipient.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Store } from "../Store.ts"
import { makeAddressing } from "./Addressing.ts"

/** How long a message waits to be taken, where its sender does not say. */
const usualWait = Duration.hours(24)

const longestWait = Duration.days(7)

const decodeText = Schema.decodeUnknownEffect(MessageText)

const invalid = (issues: ReadonlyArray<string>, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues, hint }) })

export interface Letter {
  readonly from: Sender
  readonly to: Recipient
  readonly text: string
  readonly expiresAfter?: Duration.Duration | undefined
}

/** `announce` is run with the mailboxes that something has come for. */
export const makeOutbox = Effect.fnUntraced(function*(
  announce: (mailboxes: ReadonlyArray<Mailbox>) => Effect.Effect<void>
) {
  const store = yield* Store
  const mailboxesFor = yield* makeAddressing

  const expiryOf = Effect.fnUntraced(function*(wait: Duration.Duration, now: DateTime.Utc) {
    if (Duration.isGreaterThan(wait, Duration.zero) && Duration.isLessThanOrEqualTo(wait, longestWait)) {
      return DateTime.addDuration(now, wait)
    }
    return yield* invalid(["expiresAfter: must be above zero and at most 7 days"], "give a time within these limits")
  })

  /** The copies are durable when this returns. */
  return Effect.fnUntraced(function*(
    { expiresAfter = usualWait, from, text, to }: Letter
  ): Effect.fn.Return<ReadonlyArray<Message>, Failure> {
    yield* Effect.mapError(
      decodeText(text),
      (error) => invalid(issueLines(error).map((line) => `text: ${line}`), "put long material into a file, and name it")
    )
    const sentAt = yield* DateTime.now
    const expiresAt = yield* expiryOf(expiresAfter, sentAt)
    const mailboxes = yield* mailboxesFor(from, to)
    const copies = mailboxes.map((mailbox) => ({ from, to: mailbox, text, sentAt, expiresAt }))
    return yield* Effect.uninterruptible(Effect.tap(store.messages.send(copies), () => announce(mailboxes)))
  })
})
