/**
 * What a worker may ask of its pool while it works. Nothing of it gives a worker a right that its task has not given it.
 */
import { Schema } from "effect"
import { RecipientText } from "./Recipient.ts"

/** The longest message of a worker's, in characters. */
export const maxMessageChars = 8000

/** The longest report of a worker's, in characters. */
export const maxReportChars = 500

const textUpTo = (chars: number) =>
  Schema.String.check(Schema.makeFilter(
    (text) => (text.trim() !== "" && text.length <= chars) || `must be 1 to ${chars} characters`,
    { expected: `a text of 1 to ${chars} characters` }
  ))

export const WorkerCall = Schema.TaggedUnion({
  /** What was sent to it and it has not read. */
  ReadMessages: {},
  SendMessage: { to: RecipientText, text: textUpTo(maxMessageChars) },
  /** How far it is. */
  ReportProgress: { text: textUpTo(maxReportChars) }
})
export type WorkerCall = typeof WorkerCall.Type
