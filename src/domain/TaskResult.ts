/**
 * What a finished task came to. The whole text is kept beside it, in the store, and read by pages.
 */
import { Schema } from "effect"
import { beginningOf } from "./OutputBound.ts"
import { ResultHash } from "./Review.ts"
import { SessionId } from "./SessionId.ts"

/** A tool call that the worker was not allowed to make. */
export const Denial = Schema.Struct({
  tool: Schema.String,
  /** What it wanted to do with it, as one line of JSON, capped. */
  input: Schema.String
})
export type Denial = typeof Denial.Type

export class TaskResult extends Schema.Class<TaskResult>("claude-pool/TaskResult")({
  /** The first lines of the answer, capped at 600 characters. */
  summary: Schema.String,
  /** Length of the whole answer, in characters. */
  outputChars: Schema.Int,
  /** The value that was asked for with a schema. */
  structured: Schema.optionalKey(Schema.Json),
  session: Schema.NullOr(SessionId),
  model: Schema.NullOr(Schema.String),
  denials: Schema.Array(Denial),
  /** Of the whole text and the structured answer: an approval names what it approves. */
  hash: ResultHash
}) {}

const summaryLength = 600

export const summarize = (output: string): string => {
  const text = output.trim()
  return text.length <= summaryLength ? text : `${beginningOf(text, summaryLength - 1)}…`
}
