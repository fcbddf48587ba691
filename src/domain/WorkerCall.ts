/**
 * What a worker may ask of its pool while it works. Nothing of it gives a worker a right that its task has not given it.
 */
import { Schema } from "effect"
import { MessageText } from "./Message.ts"
import { RecipientText } from "./Recipient.ts"

/** The longest report of a worker's, in characters. */
export const maxReportChars = 500

export const WorkerCall = Schema.TaggedUnion({
  /** What was sent to it and it has not read. */
  ReadMessages: {},
  SendMessage: { to: RecipientText, text: MessageText },
  /** How far it is. */
  ReportProgress: {
    text: Schema.String.check(Schema.makeFilter(
      (text) => (text.trim() !== "" && text.length <= maxReportChars) || `must be 1 to ${maxReportChars} characters`,
      { expected: `a text of 1 to ${maxReportChars} characters` }
    ))
  }
})
export type WorkerCall = typeof WorkerCall.Type
