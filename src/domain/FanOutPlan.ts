/**
 * A fan-out as data: one prompt, asked once for each item of a list. A plan file that has a prompt in the place of steps
 * is one; `FanOutCompiler.ts` checks what its parts have to do with each other.
 */
import { Schema } from "effect"
import {
  answerFields,
  itemFields,
  itemKeys,
  planFields,
  planKeys,
  PlanPrompt,
  workerFields,
  workerKeys
} from "./ChainDefinition.ts"
import { optional, required, withFileKeys } from "./FileKeys.ts"

const { budget: itemBudget, ...worker } = workerFields

const Place = Schema.NonEmptyString

/** Where the items come from, if they are not written down. */
export const ItemSource = Schema.Union([
  Place,
  Schema.Struct({
    glob: optional(Place, "A pattern such as src/**/*.ts: each file is an item, by its path."),
    lines: optional(Place, "A file: each of its lines that is not blank is an item.")
  }).check(
    Schema.makeFilter(
      ({ glob, lines }) => (glob === undefined) !== (lines === undefined) || "say either glob or lines",
      {
        expected: "a glob or the lines of a file"
      }
    )
  )
])
export type ItemSource = typeof ItemSource.Type

export const FanOutPlan = withFileKeys({
  ...planFields,
  over: optional(
    ItemSource,
    "Where the items come from: a variable such as {vars.files}, a glob, or the lines of a file."
  ),
  items: optional(Schema.Array(Schema.Json), "The items themselves."),
  prompt: required(
    PlanPrompt,
    "What is asked for each item; {item}, {item.FIELD}, {index} and {vars.NAME} are put in."
  ),
  ...itemFields,
  ...worker,
  itemBudget,
  ...answerFields
}, { ...workerKeys, ...planKeys, ...itemKeys, itemBudget: "item_budget_usd" })
export type FanOutPlan = typeof FanOutPlan.Type
