/**
 * What is expected of work, as it stands in a file.
 */
import { Schema, Struct } from "effect"
import { Expect } from "./Expect.ts"
import { optional, withFileKeys } from "./FileKeys.ts"

const fields = Struct.map(Expect.fields, Schema.requiredKey)

export const ExpectFile = withFileKeys({
  changed: optional(fields.changed, "Paths or patterns, of each of which something has changed."),
  unchanged: optional(fields.unchanged, "Paths or patterns of which nothing has changed."),
  only: optional(fields.only, "Paths or patterns beside which nothing has changed."),
  files: optional(fields.files, "Paths or patterns that are there at the end."),
  commands: optional(fields.commands, "Commands that exit with 0 where the work was done."),
  toolCalls: optional(fields.toolCalls, "So many calls of tools were made, at least."),
  schema: optional(fields.schema, "There is a structured answer, and it fits the schema."),
  nothingOutside: optional(fields.nothingOutside, "Nothing was written outside of the workspace.")
}, { toolCalls: "tool_calls", nothingOutside: "nothing_outside" })
