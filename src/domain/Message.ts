/**
 * A message: text from the coordinator or a worker to workers or to the coordinator. One that is meant for several is kept
 * once for each of them, so that each has a fate of its own.
 */
import { DateTime, Schema } from "effect"
import { formatSlotId, SlotId } from "./SlotId.ts"
import { TaskId } from "./TaskId.ts"

/** The longest message, in characters. */
export const maxMessageChars = 8000

export const MessageText = Schema.String.check(Schema.makeFilter(
  (text) => (text.trim() !== "" && text.length <= maxMessageChars) || `must be 1 to ${maxMessageChars} characters`,
  { expected: `a text of 1 to ${maxMessageChars} characters` }
))

/** Where one copy goes. */
export const Mailbox = Schema.TaggedUnion({
  Coordinator: {},
  Slot: { slot: SlotId },
  Task: { task: TaskId }
})
export type Mailbox = typeof Mailbox.Type

export const Sender = Schema.TaggedUnion({
  Coordinator: {},
  /** A worker, by its task and the slot that it worked on. */
  Worker: { task: TaskId, slot: SlotId }
})
export type Sender = typeof Sender.Type

const Instant = Schema.DateTimeUtcFromMillis

/** What has become of a copy. */
export const MessageFate = Schema.TaggedUnion({
  Waiting: {},
  /** Taken into a worker's conversation; final once that attempt has come to an answer, else it waits again. */
  Delivered: { at: Instant, task: Schema.NullOr(TaskId) },
  /** Read by whom it was meant for. */
  Acknowledged: { at: Instant, task: Schema.NullOr(TaskId) },
  /** Nobody took it in time, or its task had ended. */
  Expired: { at: Instant }
})
export type MessageFate = typeof MessageFate.Type

export const Message = Schema.Struct({
  /** Rises with every message; the store gives it. */
  seq: Schema.Int,
  from: Sender,
  to: Mailbox,
  text: MessageText,
  sentAt: Instant,
  /** Not delivered after this. */
  expiresAt: Instant,
  fate: MessageFate
})
export type Message = typeof Message.Type

export const formatSender = Sender.match({
  Coordinator: () => "coordinator",
  Worker: ({ task }) => task
})

/** As a recipient, it means this mailbox. */
export const formatMailbox = Mailbox.match({
  Coordinator: () => "coordinator",
  Slot: ({ slot }) => formatSlotId(slot),
  Task: ({ task }) => task
})

/** What has become of a copy by a time: one that still waits may have expired since the store was told of its fate. */
export const fateAt = ({ expiresAt, fate }: Message, now: DateTime.Utc): MessageFate =>
  fate._tag === "Waiting" && DateTime.isLessThan(expiresAt, now)
    ? MessageFate.cases.Expired.make({ at: expiresAt })
    : fate
