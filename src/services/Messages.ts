/**
 * Texts between the coordinator and the workers: kept until they are taken, and never lost with a task that fails.
 */
import { Context, DateTime, type Duration, Effect, Layer, Ref, type Scope, Semaphore, Stream } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { Failure } from "../domain/Failure.ts"
import { formatMailbox, Mailbox, type Message, MessageFate, Sender } from "../domain/Message.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { type MessageView, viewMessage } from "../domain/PoolView.ts"
import type { Recipient } from "../domain/Recipient.ts"
import { NotForWorkers } from "../domain/RequestFailure.ts"
import type { SlotId } from "../domain/SlotId.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import { cleanLine } from "../domain/UntrustedText.ts"
import { maxReportChars, WorkerCall } from "../domain/WorkerCall.ts"
import { Events } from "./Events.ts"
import { makeFates } from "./messages/Fates.ts"
import { type Letterbox, openLetterbox } from "./messages/Letterbox.ts"
import { makeOutbox } from "./messages/Outbox.ts"
import { reclaim } from "./messages/Reclaim.ts"
import { Store } from "./Store.ts"

/** How a message gets into a conversation that is going on; false where it was too late for it. */
export type Tell = (message: { readonly id: string; readonly text: string }) => Effect.Effect<boolean>

/** The letters of one attempt: what its worker is given, and what it says. */
export interface Correspondence {
  /** What has waited for this task or its slot, as a text to put before the prompt; empty where there is nothing. */
  readonly waiting: Effect.Effect<string, Failure>
  /** Hands on what comes in while the worker is at work, until the scope closes. */
  readonly attend: (tell: Tell) => Effect.Effect<void, never, Scope.Scope>
  /** Does what the worker asks for with its tools; the text is the tool's answer. */
  readonly answer: (call: WorkerCall) => Effect.Effect<string, Failure>
  /** The attempt has come to an answer: what was delivered stays delivered. Without it, it waits again. */
  readonly confirm: Effect.Effect<void, Failure>
}

/** The most messages that a worker may send in one attempt. */
const mostSent = 50

/** What of it every caller of a pool may ask for. */
export interface MessageCalls {
  /** Sends a text; one copy for each mailbox that the recipient means. It is durable when this returns. */
  readonly send: (
    to: Recipient,
    text: string,
    options?: { readonly expiresAfter?: Duration.Duration }
  ) => Effect.Effect<ReadonlyArray<MessageView>, Failure>
  /** What workers have written to the coordinator, oldest first. Reading acknowledges it, unless it is only peeked at. */
  readonly read: (options: { readonly limit: number; readonly peek?: boolean }) => Effect.Effect<
    ReadonlyArray<MessageView>,
    Failure
  >
  /** All messages after a number, oldest first, with what has become of them. */
  readonly list: (page: { readonly since: number; readonly limit: number }) => Effect.Effect<
    ReadonlyArray<MessageView>,
    Failure
  >
}

export class Messages extends Context.Service<
  Messages,
  MessageCalls & {
    /** Opens the correspondence of an attempt. What was delivered and not confirmed waits again when the scope closes. */
    readonly open: (task: Task, slot: SlotId) => Effect.Effect<Correspondence, Failure, Scope.Scope>
  }
>()("claude-pool/services/Messages") {
  /** Over a store that nobody else writes to; the slots are those of the roster. */
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* Store
      const events = yield* Events
      const random = yield* SecureRandom.SecureRandom
      const fates = yield* makeFates
      const nonce = Effect.map(random.randomBytes(8), Hex.encode)
      const reading = yield* Semaphore.make(1)
      const letterboxes = new Set<Letterbox>()
      /** The tasks that something may wait for: the ends of others are of no interest. */
      const awaited = yield* reclaim(fates)

      const ring = (mailboxes: ReadonlyArray<Mailbox>) => {
        const names = new Set(mailboxes.map(formatMailbox))
        return Effect.forEach(
          [...letterboxes].filter((box) => box.mailboxes.some((mailbox) => names.has(formatMailbox(mailbox)))),
          (box) => box.ring,
          { discard: true }
        )
      }

      const announce = Effect.fnUntraced(function*(mailboxes: ReadonlyArray<Mailbox>) {
        fates.expect(mailboxes)
        for (const mailbox of mailboxes) {
          if (mailbox._tag === "Task") awaited.add(mailbox.task)
        }
        // A task may have ended since it was looked at.
        yield* Effect.ignore(fates.expireEnded(mailboxes), { log: "Warn" })
        yield* ring(mailboxes)
      })

      const dispatch = yield* makeOutbox(announce)

      const follow = (event: PoolEvent): Effect.Effect<void> => {
        if (event._tag === "Progressed") {
          return Effect.forEach([...letterboxes], (box) => box.task === event.id ? box.stir : Effect.void, {
            discard: true
          })
        }
        if (event._tag !== "Finished" || !awaited.delete(event.id)) return Effect.void
        const mailbox = Mailbox.cases.Task.make({ task: event.id })
        return Effect.ignore(fates.expireEnded([mailbox]), { log: "Warn" })
      }
      yield* Effect.forkScoped(Stream.runForEach(events.stream, follow), { startImmediately: true })

      const send: MessageCalls["send"] = Effect.fn("Messages.send")(function*(to, text, options) {
        const from = Sender.cases.Coordinator.make({})
        return yield* views(yield* dispatch({ from, to, text, expiresAfter: options?.expiresAfter }))
      })

      const read: MessageCalls["read"] = Effect.fn("Messages.read")(function*({ limit, peek = false }) {
        const messages = yield* fates.waiting([Mailbox.cases.Coordinator.make({})], limit)
        if (peek) return yield* views(messages)
        const fate = MessageFate.cases.Acknowledged.make({ at: yield* DateTime.now, task: null })
        yield* fates.settle(messages, fate)
        return yield* views(messages.map(withFate(fate)))
      }, reading.withPermit)

      const list: MessageCalls["list"] = Effect.fn("Messages.list")(function*(page) {
        const messages = yield* store.messages.list(page)
        const waiting = messages.filter(({ fate, to }) => fate._tag === "Waiting" && to._tag === "Task")
        if (waiting.length === 0) return yield* views(messages)
        yield* fates.expireEnded(waiting.map(({ to }) => to))
        return yield* views(yield* store.messages.list(page))
      })

      const report = (id: TaskId, text: string) =>
        Effect.as(
          events.publish(PoolEvent.cases.Reported.make({ id, text: cleanLine(text, maxReportChars) })),
          "reported"
        )

      const open = Effect.fn("Messages.open")(function*(
        { id }: Task,
        slot: SlotId
      ): Effect.fn.Return<Correspondence, Failure, Scope.Scope> {
        const from = Sender.cases.Worker.make({ task: id, slot })
        const sent = yield* Ref.make(0)
        const box = yield* openLetterbox({ task: id, slot, fates, nonce, ring })
        yield* Effect.acquireRelease(
          Effect.sync(() => letterboxes.add(box)),
          () => Effect.sync(() => letterboxes.delete(box))
        )

        const sendFrom = Effect.fnUntraced(function*(to: Recipient, text: string) {
          const isAllowed = yield* Ref.modify(sent, (count) => count < mostSent ? [true, count + 1] : [false, count])
          if (!isAllowed) {
            const what = `send more than ${mostSent} messages in one attempt`
            return yield* new Failure({ reason: new NotForWorkers({ what }) })
          }
          const copies = yield* Effect.onError(
            dispatch({ from, to, text }),
            () => Ref.update(sent, (count) => count - 1)
          )
          return `sent to ${copies.map((copy) => formatMailbox(copy.to)).join(", ")}`
        })

        return {
          waiting: box.waiting,
          attend: box.attend,
          confirm: box.confirm,
          answer: WorkerCall.match({
            ReadMessages: () => box.read,
            SendMessage: ({ text, to }) => sendFrom(to, text),
            ReportProgress: ({ text }) => report(id, text)
          })
        }
      })

      return { send, read, list, open }
    })
  )
}

const views = (messages: ReadonlyArray<Message>) =>
  Effect.map(DateTime.now, (now) => messages.map((message) => viewMessage(message, now)))

const withFate = (fate: MessageFate) => (message: Message): Message => ({ ...message, fate })
