/**
 * What a person can ask for by name at a client, as values: a text that is put before the model.
 */
import type { Effect, Schema } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { ToolServices } from "./Tool.ts"

export interface PromptArgument {
  readonly name: string
  readonly description: string
  readonly required: boolean
}

export interface PromptMessage {
  readonly role: "user" | "assistant"
  /** A content block as the protocol has it. */
  readonly content: Schema.JsonObject
}

export interface Prompt {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly arguments: ReadonlyArray<PromptArgument>
  readonly get: (
    args: Readonly<Record<string, string>>
  ) => Effect.Effect<ReadonlyArray<PromptMessage>, Failure, ToolServices>
  /** What an argument may be, that begins so. */
  readonly complete: (
    argument: string,
    begin: string
  ) => Effect.Effect<ReadonlyArray<string>, Failure, ToolServices>
}

/** One message of the person's: what a prompt comes to. */
export const said = (...paragraphs: ReadonlyArray<string>): ReadonlyArray<PromptMessage> => [
  { role: "user", content: { type: "text", text: paragraphs.join("\n\n") } }
]
