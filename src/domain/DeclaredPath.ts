/**
 * Whether a JSON Schema declares a path into the values that it describes.
 *
 * It follows `properties`, `additionalProperties`, `items`, `prefixItems`, references into the schema itself, and every
 * branch of `anyOf`, `oneOf` and `allOf`. What is not declared is unknown, unless the schema says that there may be more:
 * by `additionalProperties`, by `patternProperties`, or by saying nothing at all about the shape of a value.
 */
import type { Schema } from "effect"
import { isJsonArray, isJsonObject, type ValuePath } from "./ValuePath.ts"

export interface Undeclared {
  /** Which segment of the path is the first that is not declared. */
  readonly at: number
  /** The fields that are declared in its place. */
  readonly known: ReadonlyArray<string>
}

const own = (json: Schema.Json | undefined, key: string): Schema.Json | undefined => {
  if (json === undefined || json === null || typeof json !== "object") return undefined
  return isJsonArray(json) ? json[Number(key)] : isJsonObject(json) && Object.hasOwn(json, key) ? json[key] : undefined
}

const listOf = (json: Schema.Json | undefined): Schema.JsonArray =>
  json !== undefined && isJsonArray(json) ? json : json === undefined ? [] : [json]

/** What `#/$defs/name` means in `whole`. */
const resolve = (whole: Schema.Json, pointer: string): Schema.Json | undefined =>
  pointer.split("/").slice(1).reduce<Schema.Json | undefined>(
    (found, key) => own(found, key.replaceAll("~1", "/").replaceAll("~0", "~")),
    pointer.startsWith("#") ? whole : undefined
  )

/** The schema and all that it stands for. What it refers to and cannot be found may be anything. */
const branches = (whole: Schema.Json, schema: Schema.Json, seen: Set<Schema.Json>): ReadonlyArray<Schema.Json> => {
  if (seen.has(schema)) return []
  if (typeof schema === "object") seen.add(schema)
  const pointer = own(schema, "$ref")
  const others = [
    ...(typeof pointer === "string" ? [resolve(whole, pointer) ?? true] : []),
    ...["anyOf", "oneOf", "allOf"].flatMap((key) => listOf(own(schema, key)))
  ]
  return [schema, ...others.flatMap((other) => branches(whole, other, seen))]
}

const shaping = [
  "type",
  "properties",
  "patternProperties",
  "additionalProperties",
  "items",
  "prefixItems",
  "enum",
  "const",
  "$ref",
  "anyOf",
  "oneOf",
  "allOf"
]

const saysNothing = (schema: Schema.Json): boolean =>
  schema !== false && shaping.every((key) => own(schema, key) === undefined)

const allows = (schema: Schema.Json, type: "object" | "array"): boolean =>
  own(schema, "type") === undefined || listOf(own(schema, "type")).includes(type)

const fieldOf = (schema: Schema.Json, name: string): Schema.Json | undefined => {
  if (!allows(schema, "object")) return undefined
  const declared = own(own(schema, "properties"), name)
  if (declared !== undefined) return declared
  return own(schema, "patternProperties") === undefined ? own(schema, "additionalProperties") : true
}

const elementOf = (schema: Schema.Json, index: number): Schema.Json | undefined => {
  if (!allows(schema, "array")) return undefined
  const items = own(schema, "items")
  // A list of schemas is how older drafts say `prefixItems`.
  const first = listOf(own(schema, "prefixItems") ?? (items !== undefined && isJsonArray(items) ? items : undefined))
  if (first[index] !== undefined) return first[index]
  if (items !== undefined) return isJsonArray(items) ? own(schema, "additionalItems") ?? true : items
  return own(schema, "type") === undefined && first.length === 0 ? undefined : true
}

const within = (schema: Schema.Json, segment: string | number): ReadonlyArray<Schema.Json> => {
  if (saysNothing(schema)) return [true]
  const found = typeof segment === "number" ? elementOf(schema, segment) : fieldOf(schema, segment)
  return found === undefined || found === false ? [] : [found]
}

/** Null where the whole path is declared. */
export const findUndeclared = (schema: Schema.Json, path: ValuePath): Undeclared | null => {
  let places: ReadonlyArray<Schema.Json> = branches(schema, schema, new Set())
  for (const [at, segment] of path.entries()) {
    const seen = new Set<Schema.Json>()
    const next = places.flatMap((place) => within(place, segment)).flatMap((place) => branches(schema, place, seen))
    if (next.length === 0) {
      return { at, known: [...new Set(places.flatMap((place) => Object.keys(own(place, "properties") ?? {})))] }
    }
    places = next
  }
  return null
}
