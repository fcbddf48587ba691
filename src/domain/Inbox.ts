/**
 * What has come to its end, or to its review, in the order in which it did: by the numbers of the store's log, so that
 * whoever has read to a number goes on from there, and misses nothing.
 */
import { Schema } from "effect"
import { StateName } from "./TaskView.ts"
import { WorkId } from "./WorkId.ts"

/** Something that came to its end, or to its review. */
export const InboxEntry = Schema.Struct({
  /** Rises, and never comes back. */
  seq: Schema.Int,
  at: Schema.String,
  id: WorkId,
  /** What it came to, and still is. What has been taken up again since is left out: its next end has a number of its own. */
  state: StateName,
  /** The group or chain that it is a part of. */
  part_of: Schema.optionalKey(Schema.String)
})
export type InboxEntry = typeof InboxEntry.Type

/** What a reader has not seen, by pages. */
export const InboxReply = Schema.Struct({
  entries: Schema.Array(InboxEntry),
  /** Where to go on from: everything up to it has been looked at. */
  seq: Schema.Int,
  /** Whether the log goes on after it already. */
  more: Schema.Boolean
})
export type InboxReply = typeof InboxReply.Type

/** From where on a reader is told, and how much at a time. */
export interface InboxOptions {
  /** Only what came after this number; without it, after what the reader has acknowledged. */
  readonly since?: number
  /** Whoever reads and has acknowledged nothing yet begins now. Without a reader and a number: from the beginning. */
  readonly reader?: string
  /** Of the entries. */
  readonly limit: number
}
