/**
 * The JSON Schema of a tool's input or output, as clients accept it: an object at the root, closed, all in one piece.
 */
import { Schema } from "effect"

/** How arguments are read: as strictly as the schema says, and with every issue in the answer. */
export const strictly = { errors: "all", onExcessProperty: "error" } as const

/** The input of a tool that takes none. */
export const NoInput = Schema.Record(Schema.String, Schema.Never)

export interface ToolSchema {
  readonly [keyword: string]: unknown
  readonly type: "object"
}

export const toToolSchema = (schema: Schema.Constraint): ToolSchema => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, {
    onExcessProperty: strictly.onExcessProperty
  })
  return {
    ...root,
    type: "object",
    properties: root["properties"] ?? {},
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
}
