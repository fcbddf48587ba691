/**
 * JSON in the one form that equal values share, so that their hashes are equal: keys in order, and none without a value.
 */
import type { Schema } from "effect"
import { isJsonArray } from "./ValuePath.ts"

const ordered = (json: Schema.Json): Schema.Json => {
  if (json === null || typeof json !== "object") return json
  if (isJsonArray(json)) return json.map(ordered)
  const entries = Object.entries(json).toSorted(([one], [other]) => one < other ? -1 : 1)
  return Object.fromEntries(entries.map(([key, value]) => [key, ordered(value)]))
}

export const canonicalJson = (json: Schema.Json): string => JSON.stringify(ordered(json))
