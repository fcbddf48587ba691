/**
 * The JSON Schema of plan files, for editors: they complete and check a plan while it is written. What it says is less than
 * what a plan must be; `PlanText.ts` has the last word.
 */
import { JsonSchema, Result, Schema } from "effect"
import { ChainDefinition, itemKeys } from "./ChainDefinition.ts"
import { FanOutPlan } from "./FanOutPlan.ts"
import { parseJson } from "./JsonText.ts"
import { isJsonObject } from "./ValuePath.ts"

const fieldsOf = (json: Schema.Json | undefined): Schema.JsonObject =>
  json !== undefined && isJsonObject(json) ? json : {}

const oneOf = (...fields: ReadonlyArray<string>): Schema.JsonObject => ({
  oneOf: fields.map((field) => ({ required: [field] }))
})

/** What the fields of a step have to do with each other. */
const stepRules: Schema.JsonObject = {
  ...oneOf("prompt", "check"),
  dependencies: Object.fromEntries(
    ["concurrency", itemKeys.onItemFailure, "reduce"].map((field) => [field, ["for_each"]])
  )
}

/** The schema with something added at a path. */
const extend = (
  schema: Schema.Json | undefined,
  [key, ...rest]: ReadonlyArray<string>,
  extra: Schema.JsonObject
): Schema.JsonObject => {
  const fields = fieldsOf(schema)
  return key === undefined ? { ...fields, ...extra } : { ...fields, [key]: extend(fields[key], rest, extra) }
}

/** The schema of a file, whose definitions have names that begin with `prefix`. */
const draft07 = (schema: Schema.Constraint, prefix: string) => {
  const document = Schema.toJsonSchemaDocument(schema, { onExcessProperty: "error" })
  const { definitions, schema: root } = JsonSchema.toDocumentDraft07(document)
  const text = JSON.stringify({ root, definitions }).replaceAll("\"#/definitions/", `"#/definitions/${prefix}`)
  const renamed = fieldsOf(Result.getOrThrow(parseJson(text)))
  return {
    root: renamed["root"],
    definitions: Object.fromEntries(
      Object.entries(fieldsOf(renamed["definitions"])).map(([name, one]) => [prefix + name, one])
    )
  }
}

/** Draft 7, which most editors know best. A file with steps is a chain, any other a fan-out. */
export const planSchema = (): Schema.JsonObject => {
  const chain = draft07(ChainDefinition, "chain.")
  const fanOut = draft07(FanOutPlan, "fan-out.")
  const step = ["properties", "steps", "items"]
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A plan of claude-pool",
    description: "Steps that feed each other, or one prompt for each item of a list.",
    type: "object",
    if: { required: ["steps"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { $ref: "#/definitions/chain" },
    else: { $ref: "#/definitions/fan-out" },
    definitions: {
      chain: extend(
        extend(chain.root, step, stepRules),
        [...step, "properties", "loop"],
        oneOf("check", "until")
      ),
      "fan-out": extend(fanOut.root, [], oneOf("over", "items")),
      ...chain.definitions,
      ...fanOut.definitions
    }
  }
}

/** The fields that one kind of plan has, as a schema that can be followed. */
export const fieldSchema = (kind: "chain" | "fan-out"): Schema.JsonObject => {
  const { definitions, root } = draft07(kind === "chain" ? ChainDefinition : FanOutPlan, "")
  return { ...fieldsOf(root), definitions }
}
