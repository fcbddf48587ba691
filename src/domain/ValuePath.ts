/**
 * A path into a JSON value, written as `files[3].name`. Only what a value has of its own is found: nothing is inherited.
 */
import { Result, type Schema } from "effect"

/** Names of fields, and positions in lists from 0. */
export type ValuePath = ReadonlyArray<string | number>

const wholePath = /^(?:[\w-]+|\[\d+\])(?:\.[\w-]+|\[\d+\])*$/
const oneSegment = /\[(\d+)\]|[\w-]+/g

/** Names consist of letters from a to z, digits, `_` and `-`. */
export const parsePath = (text: string): Result.Result<ValuePath, string> =>
  wholePath.test(text)
    ? Result.succeed(
      Array.from(text.matchAll(oneSegment), ([name, index]) => index === undefined ? name : Number(index))
    )
    : Result.fail(`${JSON.stringify(text)} is no path such as files[3].name`)

/** What `parsePath` reads back as the same path. */
export const formatPath = (path: ValuePath): string =>
  path.map((segment, at) => typeof segment === "number" ? `[${segment}]` : at === 0 ? segment : `.${segment}`).join("")

export const isJsonArray = (json: Schema.Json): json is Schema.JsonArray => Array.isArray(json)

export const isJsonObject = (json: Schema.Json): json is Schema.JsonObject =>
  json !== null && typeof json === "object" && !isJsonArray(json)

/** As in `a list`, `a text`, `null`. */
export const describeJson = (json: Schema.Json): string => {
  if (json === null) return "null"
  if (isJsonArray(json)) return "a list"
  if (typeof json === "object") return "an object"
  return typeof json === "string" ? "a text" : `a ${typeof json}`
}

const count = (elements: number): string => `${elements} ${elements === 1 ? "element" : "elements"}`

/** What `segment` of `value` is, or why there is none. */
const descend = (value: Schema.Json, segment: string | number): Result.Result<Schema.Json, string> => {
  if (typeof segment === "number") {
    if (!isJsonArray(value)) return Result.fail(`${describeJson(value)} has no elements`)
    const element = value[segment]
    return element === undefined ? Result.fail(`the list has ${count(value.length)}`) : Result.succeed(element)
  }
  if (isJsonArray(value)) return Result.fail("a list has no fields; its first element is [0]")
  if (!isJsonObject(value)) return Result.fail(`${describeJson(value)} has no fields`)
  const field = Object.hasOwn(value, segment) ? value[segment] : undefined
  return field === undefined ? Result.fail("there is no such field") : Result.succeed(field)
}

/** The value at the path, or what is missing, as in `steps.plan.files[3]: the list has 2 elements`; `name` is the value's. */
export const valueAt = (value: Schema.Json, path: ValuePath, name: string): Result.Result<Schema.Json, string> => {
  let found = value
  for (const [at, segment] of path.entries()) {
    const next = descend(found, segment)
    if (Result.isFailure(next)) {
      return Result.fail(`${formatPath([name, ...path.slice(0, at + 1)])}: ${next.failure}`)
    }
    found = next.success
  }
  return Result.succeed(found)
}
