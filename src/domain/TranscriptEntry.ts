/**
 * The lines of a session file, as far as this project reads them (measured on 2.1.329). What is not known is let through.
 */
import { Schema } from "effect"

const Text = Schema.String
const Count = Schema.Finite
const nullable = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

const TextBlock = Schema.Struct({ type: Schema.Literal("text"), text: Text })
const ToolUseBlock = Schema.Struct({
  type: Schema.Literal("tool_use"),
  id: Text,
  name: Text,
  input: Schema.optionalKey(Schema.Json)
})
const ToolResultBlock = Schema.Struct({
  type: Schema.Literal("tool_result"),
  tool_use_id: Text,
  is_error: nullable(Schema.Boolean)
})
const OtherBlock = Schema.Struct({ type: Text })

/** What every entry may say of itself. */
const about = {
  isSidechain: nullable(Schema.Boolean),
  isMeta: nullable(Schema.Boolean),
  timestamp: nullable(Text)
}

const Usage = Schema.Struct({
  input_tokens: nullable(Count),
  output_tokens: nullable(Count),
  cache_read_input_tokens: nullable(Count),
  cache_creation_input_tokens: nullable(Count),
  cache_creation: nullable(Schema.Struct({ ephemeral_1h_input_tokens: nullable(Count) })),
  server_tool_use: nullable(Schema.Record(Text, Schema.Unknown)),
  speed: nullable(Text)
})
export type TranscriptUsage = typeof Usage.Type

/** One block of the model's answer: several have one `id`, each with the usage of the whole answer. */
export const AnswerEntry = Schema.Struct({
  ...about,
  type: Schema.Literal("assistant"),
  message: Schema.Struct({
    id: Text,
    model: Text,
    stop_reason: nullable(Text),
    content: Schema.Array(Schema.Union([TextBlock, ToolUseBlock, OtherBlock])),
    usage: nullable(Usage)
  })
})
export type AnswerEntry = typeof AnswerEntry.Type

/** What the model was told: a prompt, or what a tool gave back. */
export const PromptEntry = Schema.Struct({
  ...about,
  type: Schema.Literal("user"),
  message: Schema.Struct({ content: Schema.Union([Text, Schema.Array(Schema.Union([ToolResultBlock, OtherBlock]))]) })
})
export type PromptEntry = typeof PromptEntry.Type

export const OtherEntry = Schema.Struct({ ...about, type: Text, subtype: nullable(Text) })

export const TranscriptEntry = Schema.Union([AnswerEntry, PromptEntry, OtherEntry])
export type TranscriptEntry = typeof TranscriptEntry.Type

export const isAnswer = (entry: TranscriptEntry): entry is AnswerEntry =>
  entry.type === "assistant" && "message" in entry
export const isPrompt = (entry: TranscriptEntry): entry is PromptEntry => entry.type === "user" && "message" in entry

/** One line, read. */
export const TranscriptLine = Schema.fromJsonString(TranscriptEntry)
