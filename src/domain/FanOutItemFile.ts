/**
 * Items of a fan-out as they stand in a file, each with a prompt and options of its own: keys in snake case, durations as
 * texts such as `20m`, money in dollars.
 */
import { Array, Result, Schema } from "effect"
import { answerFields, retryLimits, workerFields, workerKeys } from "./ChainDefinition.ts"
import type { FanOutItem } from "./FanOut.ts"
import { optional, required, withFileKeys } from "./FileKeys.ts"
import { issueLines } from "./Issues.ts"
import { Prompt, TaskOptions } from "./TaskRequest.ts"

const { continueFrom, cwd, name, tags } = TaskOptions.fields

export const FanOutItemFile = withFileKeys({
  prompt: required(Prompt, "What is asked, word for word."),
  name: optional(Schema.requiredKey(name), "What people see in lists."),
  tags: optional(Schema.requiredKey(tags), "Marks to find it by."),
  cwd: optional(Schema.requiredKey(cwd), "The directory that it works in."),
  continueFrom: optional(Schema.requiredKey(continueFrom), "A finished task whose session goes on."),
  ...workerFields,
  ...answerFields
}, { ...workerKeys, continueFrom: "continue_from" })
export type FanOutItemFile = typeof FanOutItemFile.Type

const decode = Schema.decodeUnknownResult(FanOutItemFile, { errors: "all", onExcessProperty: "error" })

const toItem = ({ retry, ...rest }: FanOutItemFile): FanOutItem => ({
  ...rest,
  ...(retry === undefined ? {} : { retry: retryLimits(retry) })
})

/** So many of the issues are told. */
const mostIssues = 20

/** The items, or what is wrong with them, a line each. */
export const readItemValues = (
  values: ReadonlyArray<Schema.Json>
): Result.Result<ReadonlyArray<FanOutItem>, ReadonlyArray<string>> => {
  const [items, issues] = Array.partition(values, (value, index) =>
    Result.mapBoth(decode(value), {
      onFailure: (error) => issueLines(error).map((issue) => `item ${index}: ${issue}`),
      onSuccess: toItem
    }))
  return issues.length === 0 ? Result.succeed(items) : Result.fail(issues.flat().slice(0, mostIssues))
}
