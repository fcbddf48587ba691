/**
 * The items of a fan-out: read from a text, and made of a template, one for each element of a list.
 */
import { Array, Result, type Schema } from "effect"
import { type FanOutItem, mostItems } from "./FanOut.ts"
import { valueOf } from "./Insertion.ts"
import { parseJson } from "./JsonText.ts"
import type { Reference } from "./Reference.ts"
import type { Template } from "./Template.ts"
import { renderTemplate } from "./TemplateRendering.ts"
import { describeJson, isJsonArray, valueAt } from "./ValuePath.ts"

type Values = { readonly [name: string]: Schema.Json }

/** All that is wrong, a line each. */
type Read<A> = Result.Result<A, ReadonlyArray<string>>

/** How a text holds a list: lines of text, lines of JSON each, or one JSON list. */
export type ItemForm = "lines" | "json-lines" | "json"

/** So many of the issues are told. */
const mostIssues = 20

const tell = (issues: ReadonlyArray<string>): ReadonlyArray<string> =>
  issues.length <= mostIssues ? issues : [...issues.slice(0, mostIssues), `and ${issues.length - mostIssues} more`]

/** What a text that begins like JSON holds is JSON: what is wrong with it is said, and not run as lines. */
export const guessForm = (text: string): ItemForm => {
  const begin = text.trimStart()[0]
  return begin === "[" ? "json" : begin === "{" ? "json-lines" : "lines"
}

const parseList = (text: string): Read<ReadonlyArray<Schema.Json>> =>
  Result.flatMap(
    Result.mapError(parseJson(text), Array.of),
    (json) =>
      isJsonArray(json) ? Result.succeed(json) : Result.fail([`it must be a JSON list, and is ${describeJson(json)}`])
  )

interface Line {
  readonly number: number
  readonly text: string
}

/** The parser's own line is always the first. */
const parseLine = ({ number, text }: Line): Result.Result<Schema.Json, string> =>
  Result.mapError(
    parseJson(text),
    (message) => `line ${number}: ${message.replace(/ \(line 1\)/, "").replace(/\(line 1 column/, "(column")}`
  )

/** The elements of a list, each with the line where it is wrong. Blank lines are none; every other line is one. */
export const parseItems = (text: string, form: ItemForm = guessForm(text)): Read<ReadonlyArray<Schema.Json>> => {
  const whole = text.replace(/^\uFEFF/, "")
  if (form === "json") return parseList(whole)
  const lines = whole.split(/\r?\n/).map((text, index): Line => ({ number: index + 1, text })).filter(({ text }) =>
    text.trim() !== ""
  )
  if (form === "lines") return Result.succeed(lines.map(({ text }) => text))
  const [items, issues] = Array.partition(lines, parseLine)
  return issues.length === 0 ? Result.succeed(items) : Result.fail(tell(issues))
}

const lookUp = (
  reference: Reference,
  item: Schema.Json,
  index: number,
  vars: Values
): Result.Result<Schema.Json, string> => {
  switch (reference.root) {
    case "item":
      return valueAt(item, reference.path, "item")
    case "index":
      return Result.succeed(index)
    case "vars": {
      const value = Object.hasOwn(vars, reference.name) ? vars[reference.name] : undefined
      const name = `vars.${reference.name}`
      return value === undefined ? Result.fail(`${name} has no value`) : valueAt(value, reference.path, name)
    }
    default:
      return Result.fail("there is no such value for an item")
  }
}

/**
 * An item for each input, with the input and its place (from 0) put into the template. All of them are what the user gave,
 * so they are inserted as they are, however long.
 */
export const itemsOf = (
  template: Template,
  inputs: ReadonlyArray<Schema.Json>,
  vars: Values = {}
): Read<ReadonlyArray<FanOutItem>> => {
  if (inputs.length === 0) return Result.fail(["there are no items"])
  if (inputs.length > mostItems) {
    return Result.fail([`there are ${inputs.length} items, and at most ${mostItems} may be`])
  }
  const [items, issues] = Array.partition(inputs, (input, index): Result.Result<FanOutItem, string> => {
    const lookup = (reference: Reference) =>
      Result.map(lookUp(reference, input, index, vars), (json) => valueOf(json, "user"))
    // Without a limit no value becomes a file, and of what a user gave nothing needs a fence.
    const rendered = renderTemplate(template, { lookup, nonce: "0" }, { directory: "", inlineLimit: Infinity })
    if (Result.isFailure(rendered)) {
      return Result.fail(`item ${index}: ${rendered.failure.map(({ message }) => message).join("; ")}`)
    }
    const prompt = rendered.success.text
    return prompt.trim() === ""
      ? Result.fail(`item ${index}: its prompt is empty`)
      : Result.succeed({ prompt, input })
  })
  return issues.length === 0 ? Result.succeed(items) : Result.fail(tell(issues))
}

const written = (vars: Values, name: string): string => valueOf(vars[name] ?? "", "user").text

/** A text with its variables in it, as they are; they have been checked. */
export const fillVariables = (template: Template, vars: Values): string =>
  template.parts.map((part) =>
    typeof part === "string" ? part : part.root === "vars" ? written(vars, part.name) : `{${part.source}}`
  ).join("")

const doubleBraces = (text: string): string => text.replace(/[{}]/g, "$&$&")

/** The prompt of a reduction is a template still, for there are no outcomes yet; all else is put in now. */
export const reductionPrompt = (template: Template, vars: Values): string =>
  template.parts.map((part) => {
    if (typeof part === "string") return doubleBraces(part)
    if (part.root !== "vars") return `{${part.source}}`
    const value = valueAt(vars[part.name] ?? "", part.path, part.name)
    return doubleBraces(valueOf(Result.getOrElse(value, () => ""), "user").text)
  }).join("")
