/**
 * What the references of a step stand for, once the steps before it have ended.
 */
import { Option, Result, type Schema } from "effect"
import type { ConditionLookup } from "../../domain/Condition.ts"
import { type Value, valueOf } from "../../domain/Insertion.ts"
import type { Reference } from "../../domain/Reference.ts"
import type { TemplateValues } from "../../domain/TemplateRendering.ts"
import { describeJson, isJsonArray, valueAt, type ValuePath } from "../../domain/ValuePath.ts"
import { type Ends, statementOf } from "./StepEnd.ts"

/** What there is in one place only. */
export interface Place {
  /** An item, where it was taken from, and who wrote that. */
  readonly item?: { readonly value: Schema.Json; readonly index: number; readonly origin: Value["origin"] }
  /** Why the step failed, for its recovery. */
  readonly error?: string
  readonly loop?: { readonly round: number; readonly output: string }
  /** What stands where a reducer's prompt asks for the outcomes: they are put in when there are some. */
  readonly outcomes?: string
}

export interface Values {
  readonly vars: { readonly [name: string]: Schema.Json }
  readonly ends: Ends
  /** The whole texts of the steps whose text is asked for. */
  readonly texts: ReadonlyMap<string, string>
  /** The step that `{previous_output}` means; null where there is none. */
  readonly previous: string | null
  readonly place: Place
}

interface Found {
  readonly json: Schema.Json
  readonly origin: Value["origin"]
}

/** There is no value, and what a prompt says instead: null where it cannot go without. */
interface Absent {
  readonly message: string
  readonly statement: string | null
}

type Lookup = Result.Result<Found, Absent>

const found = (json: Schema.Json, origin: Value["origin"]): Lookup => Result.succeed({ json, origin })

const absent = (message: string): Lookup => Result.fail({ message, statement: null })

const within = (json: Schema.Json, path: ValuePath, name: string, origin: Value["origin"]): Lookup =>
  Result.mapBoth(valueAt(json, path, name), {
    onSuccess: (value): Found => ({ json: value, origin }),
    onFailure: (message): Absent => ({ message, statement: null })
  })

const ofStep = ({ ends, texts }: Values, step: string, path: ValuePath): Lookup => {
  const end = ends.get(step)
  if (end === undefined) return absent(`step ${step} has not ended`)
  const { outcome } = end.record
  if (outcome._tag !== "Done") {
    return Result.fail({ message: `step ${step} has no output`, statement: statementOf(step, outcome) })
  }
  if (path.length === 0) return found(texts.get(step) ?? outcome.result.output ?? "", "worker")
  const { value } = outcome.result
  return value === undefined
    ? absent(`step ${step} has no structured output`)
    : within(value, path, `steps.${step}`, "worker")
}

const lookUp = (values: Values, reference: Reference): Lookup => {
  const { place, previous, vars } = values
  switch (reference.root) {
    case "steps":
      return ofStep(values, reference.step, reference.path)
    case "previous_output":
      return previous === null ? found("", "worker") : ofStep(values, previous, [])
    case "vars": {
      const value = vars[reference.name]
      const name = `vars.${reference.name}`
      return value === undefined ? absent(`${name} has no value`) : within(value, reference.path, name, "user")
    }
    case "item":
      return place.item === undefined
        ? absent("there is no item here")
        : within(place.item.value, reference.path, "item", place.item.origin)
    case "index":
      return place.item === undefined ? absent("there is no item here") : found(place.item.index, "user")
    case "error":
      return place.error === undefined ? absent("nothing has failed here") : found(place.error, "worker")
    case "loop":
      if (place.loop === undefined) return absent("there is no loop here")
      return reference.part === "round" ? found(place.loop.round, "user") : found(place.loop.output, "worker")
    case "outcomes":
      return place.outcomes === undefined ? absent("there are no outcomes here") : found(place.outcomes, "user")
  }
}

/** For prompts: what failed or was skipped is a statement that says so. */
export const templateLookup = (values: Values): TemplateValues["lookup"] => (reference) =>
  Result.match(lookUp(values, reference), {
    onSuccess: ({ json, origin }) => Result.succeed(valueOf(json, origin)),
    onFailure: ({ message, statement }) =>
      statement === null
        ? Result.fail(message)
        : Result.succeed<Value>({ text: statement, format: "text", origin: "worker" })
  })

/** For conditions: what failed or was skipped is not there. */
export const conditionLookup = (values: Values): ConditionLookup => (reference) =>
  Option.map(Result.getSuccess(lookUp(values, reference)), ({ json }) => json)

export interface List {
  readonly elements: ReadonlyArray<Schema.Json>
  readonly origin: Value["origin"]
}

/** The list that a reference stands for. */
export const listOf = (values: Values, over: Reference): Result.Result<List, string> =>
  Result.match(lookUp(values, over), {
    onFailure: ({ message }) => Result.fail(message),
    onSuccess: ({ json, origin }) =>
      isJsonArray(json)
        ? Result.succeed({ elements: json, origin })
        : Result.fail(`{${over.source}} is ${describeJson(json)} and no list, so there are no items to be made of it`)
  })

/** The step of whose whole text is spoken, where it is of one. */
export const wholeOutputOf = ({ previous }: Pick<Values, "previous">, reference: Reference): string | null => {
  if (reference.root === "previous_output") return previous
  return reference.root === "steps" && reference.path.length === 0 ? reference.step : null
}
