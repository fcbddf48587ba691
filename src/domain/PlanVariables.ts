/**
 * The variables of a plan: what they are, and the values that somebody gives to them.
 */
import { Option, Result, Schema } from "effect"
import type { ChainDefinition, Variable, VariableType } from "./ChainDefinition.ts"
import { type ChainIssue, type Checked, gather, issueAt, succeedUnless } from "./ChainIssue.ts"
import { parseJson } from "./JsonText.ts"
import { list, yesOrNo } from "./Setting.ts"
import { didYouMean } from "./Suggestion.ts"
import { describeJson, isJsonArray } from "./ValuePath.ts"

type Variables = NonNullable<ChainDefinition["variables"]>
type Values = { readonly [name: string]: Schema.Json }

const inWords: Readonly<Record<VariableType, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  list: "a list: a,b,c or [\"a\", \"b\", \"c\"]",
  json: "JSON"
}

const typeOfJson = (json: Schema.Json): VariableType => {
  if (typeof json === "string" || typeof json === "number" || typeof json === "boolean") {
    return typeof json === "string" ? "string" : typeof json === "number" ? "number" : "boolean"
  }
  return isJsonArray(json) ? "list" : "json"
}

/** What it says, or else what its default is, or else a text. */
export const variableType = ({ default: initial, type }: Variable): VariableType =>
  type ?? (initial === undefined ? "string" : typeOfJson(initial))

const fits = (type: VariableType, value: Schema.Json): boolean => type === "json" || typeOfJson(value) === type

/** Defaults that are not of the type that their variable says. */
export const checkDefaults = (variables: Variables): ReadonlyArray<ChainIssue> =>
  Object.entries(variables).flatMap(([name, variable]) => {
    const { default: initial } = variable
    const type = variableType(variable)
    return initial === undefined || fits(type, initial) ? [] : [issueAt(
      ["variables", name, "default"],
      `${describeJson(initial)} is not ${inWords[type]}`,
      `give it a default that is, or say type: ${typeOfJson(initial)}`
    )]
  })

const readNumber = (text: string): Option.Option<number> => {
  const number = text.trim() === "" ? NaN : Number(text)
  return Number.isFinite(number) ? Option.some(number) : Option.none()
}

const readText = (type: VariableType, text: string): Option.Option<Schema.Json> => {
  switch (type) {
    case "string":
      return Option.some(text)
    case "number":
      return readNumber(text)
    case "boolean":
      return Schema.decodeOption(yesOrNo.text)(text.trim())
    case "json":
      return Result.getSuccess(parseJson(text))
    case "list":
      return text.trimStart().startsWith("[")
        ? Option.filter(Result.getSuccess(parseJson(text)), isJsonArray)
        : Schema.decodeOption(list.text)(text)
  }
}

const excerpt = (value: Schema.Json): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

const readValue = (name: string, variable: Variable, given: Schema.Json | undefined): Checked<Schema.Json> => {
  const type = variableType(variable)
  if (given === undefined) {
    return variable.default === undefined
      ? Result.fail([issueAt(
        ["vars", name],
        `the variable ${name} has no value`,
        `give it one with --var ${name}=VALUE${variable.description === undefined ? "" : `: ${variable.description}`}`
      )])
      : Result.succeed(variable.default)
  }
  const value = typeof given === "string"
    ? readText(type, given)
    : Option.filter(Option.some(given), (json) => fits(type, json))
  return Option.match(value, {
    onSome: Result.succeed,
    onNone: () => Result.fail([issueAt(["vars", name], `${excerpt(given)} is not ${inWords[type]}`, "")])
  })
}

const findUnknown = (variables: Variables, given: Values): ReadonlyArray<ChainIssue> =>
  Object.keys(given).filter((name) => !Object.hasOwn(variables, name)).map((name) =>
    issueAt(
      ["vars", name],
      `there is no variable ${name}`,
      Object.keys(variables).length === 0
        ? "the plan declares no variables"
        : didYouMean(name, Object.keys(variables))
    )
  )

/**
 * A value for each variable that is declared. A text is read by the variable's type, once: what comes out of here must not
 * go in again. The paths of what is wrong begin with `vars`.
 */
export const checkVars = (
  { variables = {} }: Pick<ChainDefinition, "variables">,
  given: Values
): Checked<Values> =>
  Result.map(
    gather({
      known: succeedUnless(null, findUnknown(variables, given)),
      values: gather(Object.fromEntries(
        Object.entries(variables).map(([name, variable]) =>
          [name, readValue(name, variable, Object.hasOwn(given, name) ? given[name] : undefined)] as const
        )
      ))
    }),
    ({ values }) => values
  )
