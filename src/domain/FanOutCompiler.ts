/**
 * Makes a planned fan-out of its definition: its templates are parsed, and what they refer to is there.
 */
import { Result, type Schema, Struct } from "effect"
import { retryLimits, taskFields } from "./ChainDefinition.ts"
import { type Checked, gather, issueAt, succeedUnless } from "./ChainIssue.ts"
import { checkCommand, checkList, checkPrompt, checkReducer, type Scope } from "./ChainScope.ts"
import type { OnItemFailure } from "./FanOut.ts"
import type { FanOutPlan } from "./FanOutPlan.ts"
import type { MicroUsd } from "./MicroUsd.ts"
import { checkDefaults } from "./PlanVariables.ts"
import type { Reference } from "./Reference.ts"
import type { TaskOptions } from "./TaskRequest.ts"
import type { Template } from "./Template.ts"

export type PlannedItems =
  | { readonly kind: "items"; readonly items: ReadonlyArray<Schema.Json> }
  | { readonly kind: "variable"; readonly list: Reference }
  /** A pattern or the path of a file, with variables in it: `fillVariables` puts them in. */
  | { readonly kind: "glob" | "lines"; readonly place: Template }

export interface PlannedFanOut {
  readonly over: PlannedItems
  readonly prompt: Template
  readonly reduce: Template | null
  /** Of each item. */
  readonly options: TaskOptions
  readonly concurrency: number | null
  readonly onItemFailure: OnItemFailure
  /** What all of it together may cost. */
  readonly budget: MicroUsd | null
}

const checkItems = ({ items, over }: FanOutPlan, scope: Scope): Checked<PlannedItems> => {
  if (items !== undefined && over !== undefined) {
    return Result.fail([issueAt(["over"], "there are items or over, and not both", "leave one of them out")])
  }
  if (items !== undefined) return Result.succeed({ kind: "items", items })
  if (over === undefined) {
    return Result.fail([issueAt([], "there is nothing to fan out over", "say over, or items")])
  }
  if (typeof over === "string") {
    return Result.map(checkList(over, ["over"], scope), (list) => ({ kind: "variable", list }))
  }
  const kind = over.glob === undefined ? "lines" : "glob"
  return Result.map(checkCommand(over[kind] ?? "", ["over", kind], scope), (place) => ({ kind, place }))
}

/** The budget of a plan is that of all items together. */
const itemFields = taskFields.filter((field) => field !== "budget")

const optionsOf = (definition: FanOutPlan): TaskOptions => {
  const { itemBudget } = definition
  const { retry, ...asked } = Struct.pick(definition, itemFields)
  return {
    ...asked,
    ...(itemBudget === undefined ? {} : { budget: itemBudget }),
    ...(retry === undefined ? {} : { retry: retryLimits(retry) })
  }
}

/** The planned fan-out, or all that is wrong with the definition. */
export const compileFanOut = (definition: FanOutPlan): Checked<PlannedFanOut> => {
  const { budget = null, concurrency = null, onItemFailure = "continue", prompt, reduce, variables = {} } = definition
  const scope: Scope = {
    variables,
    steps: new Map(),
    after: [],
    roots: new Set(),
    element: null
  }
  return Result.map(
    gather({
      variables: succeedUnless(null, checkDefaults(variables)),
      over: checkItems(definition, scope),
      prompt: checkPrompt(prompt, ["prompt"], { ...scope, roots: new Set(["item", "index"]) }),
      reduce: reduce === undefined ? Result.succeed(null) : checkReducer(reduce, ["reduce"], scope)
    }),
    ({ over, prompt, reduce }) => ({
      over,
      prompt,
      reduce,
      options: optionsOf(definition),
      concurrency,
      onItemFailure,
      budget
    })
  )
}
