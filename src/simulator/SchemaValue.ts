/**
 * Makes a value that fits a JSON Schema: the smallest one that is not empty, the same every time.
 */

type Schema = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const types: ReadonlySet<unknown> = new Set(["object", "array", "string", "number", "integer", "boolean", "null"])

/** Why the CLI would not take this as a schema; undefined if it would. */
export const problemOf = (schema: unknown): string | undefined => {
  if (!isObject(schema)) return "schema must be object,boolean"
  const type = schema["type"]
  const all: ReadonlyArray<unknown> = type === undefined ? [] : Array.isArray(type) ? type : [type]
  if (!all.every((one) => types.has(one))) return "data/type must be equal to one of the allowed values"
  if ("properties" in schema && !isObject(schema["properties"])) return "data/properties must be object"
  if ("required" in schema && !Array.isArray(schema["required"])) return "data/required must be array"
  return undefined
}

/** Schemas refer to themselves; deeper than this only what is required is made. */
const maxDepth = 6

/** `hint` is the text of strings that may be anything. */
export const valueFor = (schema: unknown, hint: string): unknown => make(schema, { root: schema, hint, depth: 0 })

interface Context {
  readonly root: unknown
  readonly hint: string
  readonly depth: number
}

const make = (schema: unknown, context: Context): unknown => {
  if (!isObject(schema)) return context.hint
  const at = (inner: unknown) => make(inner, { ...context, depth: context.depth + 1 })
  if ("const" in schema) return schema["const"]
  if (Array.isArray(schema["enum"]) && schema["enum"].length > 0) return schema["enum"][0]
  if (typeof schema["$ref"] === "string") return at(lookUp(context.root, schema["$ref"]))
  if ("default" in schema) return schema["default"]
  if (Array.isArray(schema["examples"]) && schema["examples"].length > 0) return schema["examples"][0]
  if (Array.isArray(schema["allOf"])) return at(merge([...schema["allOf"], without(schema, "allOf")], context.root))
  for (const key of ["anyOf", "oneOf"]) {
    const choices = schema[key]
    if (!Array.isArray(choices) || choices.length === 0) continue
    // Deep down, a choice that ends the recursion is better than the first.
    const choice = context.depth < maxDepth
      ? choices[0]
      : choices.find((one) => isObject(one) && one["type"] === "null")
    return at(merge([without(schema, key), choice ?? choices[0]], context.root))
  }
  switch (typeOf(schema)) {
    case "object":
      return objectFor(schema, context)
    case "array":
      return arrayFor(schema, at, context.depth)
    case "string":
      return stringFor(schema, context.hint)
    case "number":
    case "integer":
      return numberFor(schema)
    case "boolean":
      return true
    case "null":
      return null
    default:
      return context.hint
  }
}

const typeOf = (schema: Schema): unknown => {
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"]
  if (type !== undefined) return type
  if ("properties" in schema || "required" in schema) return "object"
  if ("items" in schema || "prefixItems" in schema) return "array"
  return "minimum" in schema || "maximum" in schema ? "number" : undefined
}

const objectFor = (schema: Schema, context: Context): unknown => {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {}
  const required = Array.isArray(schema["required"]) ? schema["required"].map(String) : []
  const wanted = context.depth < maxDepth ? [...new Set([...Object.keys(properties), ...required])] : required
  const value: Record<string, unknown> = {}
  for (const key of wanted) value[key] = make(properties[key], { ...context, depth: context.depth + 1 })
  const extra = isObject(schema["additionalProperties"]) ? schema["additionalProperties"] : {}
  for (let index = wanted.length; index < count(schema["minProperties"], 0); index++) {
    value[`key${index + 1}`] = make(extra, { ...context, depth: context.depth + 1 })
  }
  return value
}

const arrayFor = (schema: Schema, at: (inner: unknown) => unknown, depth: number): ReadonlyArray<unknown> => {
  const fixed: ReadonlyArray<unknown> = Array.isArray(schema["prefixItems"]) ? schema["prefixItems"] : []
  const usual = depth < maxDepth && schema["items"] !== false ? 1 : 0
  const least = Math.min(Math.max(count(schema["minItems"], usual), fixed.length), count(schema["maxItems"], Infinity))
  const items = Array.from({ length: least }, (_, index) => at(fixed[index] ?? schema["items"] ?? { type: "string" }))
  if (schema["uniqueItems"] !== true) return items
  const choices = isObject(schema["items"]) && Array.isArray(schema["items"]["enum"]) ? schema["items"]["enum"] : []
  return items.map((item, index) =>
    choices[index] ??
      (typeof item === "number" ? item + index : typeof item === "string" ? `${item} ${index + 1}` : item)
  )
}

const formats: Readonly<Record<string, string>> = {
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  email: "someone@example.com",
  hostname: "example.com",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  uri: "https://example.com/",
  uuid: "00000000-0000-4000-8000-000000000000"
}

const stringFor = (schema: Schema, hint: string): string => {
  const format = formats[String(schema["format"])]
  if (format !== undefined) return format
  const least = count(schema["minLength"], 0)
  return hint.padEnd(least, ".").slice(0, Math.max(least, Math.min(count(schema["maxLength"], Infinity), hint.length)))
}

const numberFor = (schema: Schema): number => {
  const step = count(schema["multipleOf"], schema["type"] === "number" ? 0.5 : 1)
  const low = typeof schema["exclusiveMinimum"] === "number"
    ? (Math.floor(schema["exclusiveMinimum"] / step) + 1) * step
    : Math.ceil(count(schema["minimum"], -Infinity) / step) * step
  const high = typeof schema["exclusiveMaximum"] === "number"
    ? (Math.ceil(schema["exclusiveMaximum"] / step) - 1) * step
    : Math.floor(count(schema["maximum"], Infinity) / step) * step
  return Math.min(Math.max(step, low), high)
}

const count = (value: unknown, otherwise: number): number => typeof value === "number" ? value : otherwise

const without = (schema: Schema, key: string): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key))

const merge = (schemas: ReadonlyArray<unknown>, root: unknown): Schema => {
  const all = schemas
    .map((one) => isObject(one) && typeof one["$ref"] === "string" ? lookUp(root, one["$ref"]) : one)
    .filter(isObject)
  const properties = Object.assign({}, ...all.map((schema) => schema["properties"])) as object
  const required = all.flatMap((schema) => Array.isArray(schema["required"]) ? schema["required"] : [])
  return {
    ...Object.assign({}, ...all) as Schema,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : {})
  }
}

const lookUp = (root: unknown, pointer: string): unknown =>
  pointer.replace(/^#\/?/, "").split("/").filter((part) => part !== "").reduce<unknown>(
    (value, part) => isObject(value) ? value[part.replace(/~1/g, "/").replace(/~0/g, "~")] : undefined,
    root
  )
