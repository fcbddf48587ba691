/**
 * How a coordinator asks for a task: one flat set of options, the same in every tool that starts work. What is rarer
 * than these is a setting.
 */
import { Duration, Schema, SchemaTransformation, Struct } from "effect"
import { Expect } from "../domain/Expect.ts"
import { Isolation } from "../domain/Isolation.ts"
import { fromUsd } from "../domain/MicroUsd.ts"
import { Permissions } from "../domain/Permissions.ts"
import { TaskId } from "../domain/TaskId.ts"
import { AnswerSchema, type TaskOptions, type TaskRequest } from "../domain/TaskRequest.ts"

const maxPrompt = 1_000_000

export const notEmpty = Schema.makeFilter((value: string) => value.trim() !== "" || "must not be empty")

/** Checked here and not told to the model: a limit that nobody meets is not worth its tokens in every session. */
const text = (max: number, description?: string) =>
  (description === undefined ? Schema.String : Schema.String.annotate({ description })).check(
    notEmpty,
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

/** What a model is told is text alone; what it has to be is checked by the field itself. */
const plainly = <S extends Schema.Codec<unknown, ReadonlyArray<string>>>(field: S) =>
  Schema.Array(Schema.String).pipe(Schema.decodeTo(field))

const { changed, commands, files, only, toolCalls, unchanged } = Expect.fields

const ExpectInput = Schema.Struct({
  changed: plainly(changed.schema),
  unchanged: plainly(unchanged.schema),
  only: plainly(only.schema),
  files: plainly(files.schema),
  commands: plainly(commands.schema),
  tool_calls: toolCalls.schema
}).mapFields(Struct.map(Schema.optionalKey))

/** Told as an object with a line about it, in the place of a schema in every tool. */
const expectation = (description?: string) => {
  const told = Schema.Record(Schema.String, Schema.Unknown)
  return (description === undefined ? told : told.annotate({ description })).pipe(
    Schema.decodeTo(
      ExpectInput,
      // Whatever it is, `ExpectInput` reads it.
      SchemaTransformation.transform<typeof ExpectInput.Encoded, typeof told.Type>({
        decode: (said) => said,
        encode: (said) => ({ ...said })
      })
    )
  )
}

const toExpect = ({ tool_calls, ...same }: typeof ExpectInput.Type): Expect => ({
  ...same,
  ...(tool_calls === undefined ? {} : { toolCalls: tool_calls })
})

/** The field, with what `pool://help/options` says of it and no model is told with the tools. */
const meaning = <S extends Schema.Top>(documentation: string, field: S) =>
  Schema.optionalKey(field.annotate({ documentation }))

const isolation = meaning(
  "Where it works: in the directory itself, or in a git worktree of the slot, the chain or the task",
  Schema.Literals(Isolation.literals)
)

/** What each worker of a call is given that starts several. A field means what it means in `pool_run`, and is told there. */
export const WorkerInput = {
  model: meaning("Model that answers: haiku, sonnet, opus, or the id of one", NameText),
  cwd: Schema.optionalKey(text(4096).check(isAbsolute)),
  permissions: meaning(
    "What its worker may do: read files, also change them, also run commands",
    Schema.Literals(Permissions.literals)
  ),
  budget_usd: meaning("What it may cost, over all of its attempts", budget),
  isolation,
  expect: Schema.optionalKey(expectation())
}
type WorkerInput = Schema.Struct<typeof WorkerInput>["Type"]

export const toWorkerOptions = (
  { budget_usd, cwd, expect, isolation, model, permissions }: WorkerInput
): TaskOptions => ({
  ...(model === undefined ? {} : { model }),
  ...(cwd === undefined ? {} : { cwd }),
  ...(permissions === undefined ? {} : { permissions }),
  ...(isolation === undefined ? {} : { isolation }),
  ...(expect === undefined ? {} : { expect: toExpect(expect) }),
  ...(budget_usd === undefined ? {} : { budget: fromUsd(budget_usd) })
})

export const TaskInput = Schema.Struct({
  prompt: text(maxPrompt, "Complete: it is all the worker knows"),
  name: meaning("What it is called in lists", NameText),
  tags: meaning("Marks to find it by", Tags),
  model: WorkerInput.model,
  cwd: Schema.optionalKey(text(4096, "Absolute path").check(isAbsolute)),
  permissions: WorkerInput.permissions,
  timeout_s: meaning("How long an attempt may take", amount(0.1, aWeek)),
  budget_usd: WorkerInput.budget_usd,
  key: Schema.optionalKey(text(200, "Same key: same task")),
  schema: meaning("JSON Schema of an object that the answer must fit", AnswerSchema),
  system_prompt: meaning("Added to the system prompt of the CLI", PromptText),
  continue_from: meaning("Finished task whose session goes on", TaskId),
  isolation,
  expect: Schema.optionalKey(
    expectation("Must hold: {changed: [paths], files: [paths], commands: [sh], tool_calls: n}")
  )
})
export type TaskInput = typeof TaskInput.Type

/** The same, with what `pool_run` says of it told there alone. */
export const SubmitInput = Schema.Struct({
  ...TaskInput.fields,
  prompt: PromptText,
  key: Schema.optionalKey(KeyText),
  system_prompt: Schema.optionalKey(PromptText),
  ...WorkerInput
})

export const toRequest = (input: TaskInput): TaskRequest => {
  const { budget_usd, continue_from, expect, system_prompt, timeout_s, ...same } = input
  return {
    ...same,
    ...(budget_usd === undefined ? {} : { budget: fromUsd(budget_usd) }),
    ...(timeout_s === undefined ? {} : { timeout: Duration.seconds(timeout_s) }),
    ...(system_prompt === undefined ? {} : { systemPrompt: system_prompt }),
    ...(continue_from === undefined ? {} : { continueFrom: continue_from }),
    ...(expect === undefined ? {} : { expect: toExpect(expect) })
  }
}
