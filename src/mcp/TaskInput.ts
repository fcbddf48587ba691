/**
 * How a coordinator asks for a task: one flat set of options, the same in every tool that starts work. What is rarer
 * than these is a setting.
 */
import { Duration, Schema } from "effect"
import { fromUsd } from "../domain/MicroUsd.ts"
import { Permissions } from "../domain/Permissions.ts"
import { TaskId } from "../domain/TaskId.ts"
import { AnswerSchema, type TaskOptions, type TaskRequest } from "../domain/TaskRequest.ts"

const maxPrompt = 1_000_000

/** Checked here and not told to the model: a limit that nobody meets is not worth its tokens in every session. */
const text = (max: number, description?: string) =>
  (description === undefined ? Schema.String : Schema.String.annotate({ description })).check(
    Schema.makeFilter((value) => value.trim() !== "" || "must not be empty"),
    Schema.makeFilter((value) => value.length <= max || `must not be longer than ${max} characters`)
  )

const isAbsolute = Schema.makeFilter((path: string) =>
  /^(?:[/\\]|[a-z]:[/\\])/i.test(path) || "must be an absolute path"
)

const amount = (minimum: number, maximum: number) =>
  Schema.Finite.check(
    Schema.makeFilter((value) => (value >= minimum && value <= maximum) || `must be between ${minimum} and ${maximum}`)
  )

const aWeek = 604_800

const Tags = Schema.Array(text(100)).check(Schema.makeFilter((tags) => tags.length <= 20 || "must not be more than 20"))

export const PromptText = text(maxPrompt)
export const NameText = text(100)
export const KeyText = text(200)

const budget = amount(0.0001, 1_000_000)

/** What each worker of a call is given that starts several. A field means what it means in `pool_run`, and is told there. */
export const WorkerInput = {
  model: Schema.optionalKey(NameText),
  cwd: Schema.optionalKey(text(4096).check(isAbsolute)),
  permissions: Schema.optionalKey(Schema.Literals(Permissions.literals)),
  budget_usd: Schema.optionalKey(budget)
}
type WorkerInput = Schema.Struct<typeof WorkerInput>["Type"]

export const toWorkerOptions = ({ budget_usd, cwd, model, permissions }: WorkerInput): TaskOptions => ({
  ...(model === undefined ? {} : { model }),
  ...(cwd === undefined ? {} : { cwd }),
  ...(permissions === undefined ? {} : { permissions }),
  ...(budget_usd === undefined ? {} : { budget: fromUsd(budget_usd) })
})

export const TaskInput = Schema.Struct({
  prompt: text(maxPrompt, "Complete: the worker knows nothing else"),
  name: Schema.optionalKey(NameText),
  tags: Schema.optionalKey(Tags),
  model: Schema.optionalKey(text(100, "haiku, sonnet, opus or an id")),
  cwd: Schema.optionalKey(text(4096, "Absolute path").check(isAbsolute)),
  permissions: WorkerInput.permissions,
  timeout_s: Schema.optionalKey(amount(0.1, aWeek)),
  budget_usd: WorkerInput.budget_usd,
  key: Schema.optionalKey(text(200, "Same key, same task")),
  schema: Schema.optionalKey(AnswerSchema),
  system_prompt: Schema.optionalKey(text(maxPrompt, "Appended")),
  continue_from: Schema.optionalKey(TaskId)
})
export type TaskInput = typeof TaskInput.Type

export const toRequest = (input: TaskInput): TaskRequest => {
  const { budget_usd, continue_from, system_prompt, timeout_s, ...same } = input
  return {
    ...same,
    ...(budget_usd === undefined ? {} : { budget: fromUsd(budget_usd) }),
    ...(timeout_s === undefined ? {} : { timeout: Duration.seconds(timeout_s) }),
    ...(system_prompt === undefined ? {} : { systemPrompt: system_prompt }),
    ...(continue_from === undefined ? {} : { continueFrom: continue_from })
  }
}
