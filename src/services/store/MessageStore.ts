/**
 * The messages of the store, in the order in which they were sent.
 */
import type { DateTime, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Mailbox, Message, MessageFate } from "../../domain/Message.ts"

export interface MessageStore {
  /** Keeps copies, durably and together, and gives them their numbers. */
  readonly send: (
    messages: ReadonlyArray<Omit<Message, "seq" | "fate">>
  ) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** What waits in a mailbox and has not expired, oldest first; at most `limit`, where there is one. */
  readonly waiting: (to: Mailbox, now: DateTime.Utc, limit?: number) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** Every message that has not expired, whatever has become of it, oldest first. */
  readonly unexpired: (now: DateTime.Utc) => Effect.Effect<ReadonlyArray<Message>, Failure>
  /** Sets the fate of messages, durably. */
  readonly settle: (seqs: ReadonlyArray<number>, fate: MessageFate) => Effect.Effect<void, Failure>
  /** All messages after a number, of one mailbox or of all, oldest first. */
  readonly list: (
    page: { readonly to?: Mailbox; readonly since: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<Message>, Failure>
}
