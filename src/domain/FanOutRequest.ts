/**
 * What a fan-out plan asks for with the values of its variables in it: where its items come from, and what they make.
 */
import { Result, type Schema } from "effect"
import { type ChainIssue, type Checked, gather, issueAt } from "./ChainIssue.ts"
import type { FanOutItem, FanOutOptions } from "./FanOut.ts"
import { compileFanOut, type PlannedFanOut } from "./FanOutCompiler.ts"
import { fillVariables, itemsOf, reductionPrompt } from "./FanOutItems.ts"
import type { FanOutPlan } from "./FanOutPlan.ts"
import { addUsd, type MicroUsd, toUsd, zeroUsd } from "./MicroUsd.ts"
import { checkVars } from "./PlanVariables.ts"
import { describeJson, isJsonArray, valueAt } from "./ValuePath.ts"

type Values = { readonly [name: string]: Schema.Json }

/** The inputs of its items, or where they are found: the files of a pattern, or the lines of a file. */
export type Inputs =
  | { readonly kind: "values"; readonly values: ReadonlyArray<Schema.Json> }
  | { readonly kind: "glob" | "lines"; readonly place: string }

export interface FanOutRequest {
  readonly items: ReadonlyArray<FanOutItem>
  readonly options: FanOutOptions
}

export interface PreparedFanOut {
  readonly inputs: Inputs
  /** With the inputs at hand; or what is wrong with them, a line each. */
  readonly request: (inputs: ReadonlyArray<Schema.Json>) => Result.Result<FanOutRequest, ReadonlyArray<string>>
}

const inputsOf = ({ over }: PlannedFanOut, vars: Values): Result.Result<Inputs, ReadonlyArray<ChainIssue>> => {
  if (over.kind === "items") return Result.succeed({ kind: "values", values: over.items })
  if (over.kind !== "variable") return Result.succeed({ kind: over.kind, place: fillVariables(over.place, vars) })
  const { list } = over
  const found = list.root === "vars"
    ? valueAt(vars[list.name] ?? null, list.path, `vars.${list.name}`)
    : Result.fail("only a variable can be a list here")
  return Result.flatMap(
    Result.mapError(found, (message) => [issueAt(["over"], message, "")]),
    (values) =>
      isJsonArray(values)
        ? Result.succeed({ kind: "values", values })
        : Result.fail([issueAt(["over"], `{${list.source}} is ${describeJson(values)}`, "it has to be a list")])
  )
}

const optionsOf = (plan: PlannedFanOut, name: string | undefined, vars: Values): FanOutOptions => ({
  ...(name === undefined ? {} : { name }),
  onFailure: plan.onItemFailure,
  ...(plan.concurrency === null ? {} : { concurrency: plan.concurrency }),
  ...(plan.budget === null ? {} : { budget: plan.budget }),
  ...(plan.reduce === null ? {} : { reduce: { prompt: reductionPrompt(plan.reduce, vars) } }),
  defaults: plan.options
})

/** `given` are the variables' values as they were said: a text is read by the variable's type. */
export const prepareFanOut = (definition: FanOutPlan, given: Values): Checked<PreparedFanOut> =>
  Result.flatMap(
    gather({ plan: compileFanOut(definition), vars: checkVars(definition, given) }),
    ({ plan, vars }) =>
      Result.map(inputsOf(plan, vars), (inputs) => ({
        inputs,
        request: (values) =>
          Result.map(itemsOf(plan.prompt, values, vars), (items) => ({
            items,
            options: optionsOf(plan, definition.name, vars)
          }))
      }))
  )

export interface FanOutForecast {
  readonly items: ReadonlyArray<{ readonly prompt: string }>
  /** What all of it may cost at most. */
  readonly reserve_usd: number
  readonly budget_usd?: number
}

/** `taskBudget` is what a task may cost that does not say. */
export const forecastFanOut = ({ items, options }: FanOutRequest, taskBudget: MicroUsd): FanOutForecast => {
  const each = items.map(({ budget }) => budget ?? options.defaults?.budget ?? taskBudget)
  const all = options.reduce === undefined ? each : [...each, options.reduce.budget ?? taskBudget]
  return {
    items: items.map(({ prompt }) => ({ prompt })),
    reserve_usd: toUsd(all.reduce(addUsd, zeroUsd)),
    ...(options.budget === undefined ? {} : { budget_usd: toUsd(options.budget) })
  }
}
