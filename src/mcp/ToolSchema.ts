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

/** A bound that every whole number keeps: a model need not read it. */
const isNoBound = (keyword: string, value: unknown): boolean =>
  (keyword === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
  (keyword === "maximum" && value === Number.MAX_SAFE_INTEGER)

const withoutNoise = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(withoutNoise)
  if (schema === null || typeof schema !== "object") return schema
  return Object.fromEntries(
    Object.entries(schema).filter(([keyword, value]) => !isNoBound(keyword, value)).map((
      [keyword, value]
    ) => [keyword, withoutNoise(value)])
  )
}

export const toToolSchema = (schema: Schema.Constraint): ToolSchema => {
  const { definitions, schema: root } = Schema.toJsonSchemaDocument(schema, {
    onExcessProperty: strictly.onExcessProperty
  })
  const written = {
    ...root,
    properties: root["properties"] ?? {},
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
  return {
    ...Object.fromEntries(Object.entries(written).map(([key, value]) => [key, withoutNoise(value)])),
    type: "object"
  }
}
