/**
 * A chain as data: steps that feed each other, and what holds for all of them. The same schema reads TypeScript values and
 * files: a file's keys are in snake case, its durations are texts such as `20m`, its money is in dollars. What the parts of
 * a chain have to do with each other is for `ChainCompiler.ts`.
 */
import { Schema, Struct } from "effect"
import { Condition } from "./Condition.ts"
import { DurationText } from "./DurationText.ts"
import { ExpectFile } from "./ExpectFile.ts"
import { OnItemFailure } from "./FanOut.ts"
import { optional, required, withFileKeys } from "./FileKeys.ts"
import { money } from "./Setting.ts"
import { type RetryLimits, ReviewGate, TaskOptions } from "./TaskRequest.ts"
import { TimeLimit } from "./TimeLimit.ts"

export const StepName = Schema.String.check(
  Schema.isPattern(/^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/u, {
    expected: "a name of at most 64 letters, digits, dashes and underscores that begins with a letter"
  })
)

/** The most steps that one chain may have. */
export const mostSteps = 500

const Time = DurationText.check(Schema.makeFilter(Schema.is(TimeLimit)))
export const Usd = money.json.check(Schema.isGreaterThan(0, { expected: "an amount above zero" }))

/** The schemas of a task's options, without saying that they may be left out. */
const options = Struct.map(TaskOptions.fields, Schema.requiredKey)

export const workerFields = {
  model: optional(options.model, "The model: an id, or an alias that the CLI knows."),
  effort: optional(options.effort, "How hard the model thinks."),
  fallbackModel: optional(options.fallbackModel, "The model that is used while the other one is overloaded."),
  maxTurns: optional(options.maxTurns, "After so many turns a worker is stopped."),
  systemPrompt: optional(options.systemPrompt, "Text that is added to the CLI's own system prompt."),
  allowedTools: optional(options.allowedTools, "Tools that a worker may use without asking, in the CLI's notation."),
  deniedTools: optional(options.deniedTools, "Tools that a worker may not use, in the CLI's notation."),
  permissions: optional(options.permissions, "What a worker may do: read files, change them, or also run commands."),
  permissionMode: optional(
    options.permissionMode,
    "The CLI's permission mode, in the place of what permissions imply."
  ),
  mcpServers: optional(options.mcpServers, "MCP servers of the worker, each with the CLI's own configuration of one."),
  inherit: optional(options.inherit, "Which of your own Claude settings a worker takes over."),
  role: optional(options.role, "The role that a slot must have to take the work."),
  mailbox: optional(options.mailbox, "Whether a worker may read and send messages and report its progress."),
  isolation: optional(
    options.isolation,
    "Where it works: in the directory itself, or in a git worktree of the slot, of the chain, or of each task."
  ),
  base: optional(
    options.base,
    "What the branch of its worktree begins at; what is checked out, where nothing is said."
  ),
  expect: optional(ExpectFile, "What must hold of its work, or else it has failed: the pool checks it."),
  budget: optional(Usd, "What one task may cost, in US dollars, over all of its attempts."),
  timeout: optional(Time, "How long one attempt of a task may take, such as 20m.")
}

export const workerKeys = {
  fallbackModel: "fallback_model",
  maxTurns: "max_turns",
  systemPrompt: "system_prompt",
  allowedTools: "allowed_tools",
  deniedTools: "denied_tools",
  permissionMode: "permission_mode",
  mcpServers: "mcp_servers",
  budget: "budget_usd"
} as const

/** What may be asked for a worker. */
export const WorkerOptions = withFileKeys(workerFields, workerKeys)
export type WorkerOptions = typeof WorkerOptions.Type

const { criteria, maxRejections } = ReviewGate.fields

const Review = withFileKeys({
  maxRejections: required(maxRejections, "How often the result may be sent back; rejected once more, the task fails."),
  criteria: optional(Schema.requiredKey(criteria), "What a reviewer should look at.")
}, { maxRejections: "max_rejections" })

/** As a pattern, which editors can check, too. */
const Filled = Schema.String.check(Schema.isPattern(/\S/u, { message: "must not be empty" }))

/** What a worker is asked, as a template. */
export const PlanPrompt = Filled

/** A command, run by `sh -c` in the chain's directory: exit code 0 lets the chain go on. It may say `{vars.NAME}`. */
const Command = Filled

/**
 * What becomes of the chain when a step has failed for good. `abort`: it ends. `skip`: steps that need it are not run.
 * `continue`: they are run, without its output. A recovery is a prompt that gets `{error}`; its answer is the step's.
 */
export const OnStepFailure = Schema.Union([
  Schema.Literals(["abort", "skip", "continue"]),
  Schema.Struct({ recover: required(PlanPrompt, "A prompt that gets {error}; its answer is taken for the step's.") })
])
export type OnStepFailure = typeof OnStepFailure.Type

/** The step is run again until the check exits with 0 or the condition holds, at most so many times in all. */
export const Loop = Schema.Struct({
  check: optional(Command, "A command that is run after each round; the loop is over when it exits with 0."),
  until: optional(Condition, "A condition that is looked at after each round; the loop is over when it holds."),
  max: required(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100 })),
    "The most rounds; if the last one does not end the loop, the step has failed."
  )
})
export type Loop = typeof Loop.Type

/** How many further attempts each of its tasks gets: for every class of failure, or by class. */
export const StepRetry = Schema.Union([
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
  options.retry
])
export type StepRetry = typeof StepRetry.Type

export const retryLimits = (retry: StepRetry): RetryLimits =>
  typeof retry === "number" ? { process: retry, overload: retry, limit: retry, schema: retry, other: retry } : retry

const AtLeastOne = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))

/** What steps with items and fan-outs share. */
export const itemFields = {
  concurrency: optional(AtLeastOne, "How many items run at once; as many as there are slots, where nothing is said."),
  onItemFailure: optional(
    OnItemFailure,
    "What a failed item means: continue, fail-fast, or a quorum of items that have to succeed."
  ),
  reduce: optional(PlanPrompt, "A prompt that gets all answers as {outcomes} and makes one answer of them.")
}

export const itemKeys = { onItemFailure: "on_item_failure" } as const

/** What every step that asks a worker may say beside the worker's options. */
export const answerFields = {
  schema: optional(
    options.schema,
    "The JSON Schema of the structured answer; later steps reach into it by {steps.NAME.FIELD}."
  ),
  review: optional(Review, "Its result waits until a person or a coordinator approves it."),
  retry: optional(
    StepRetry,
    "How many further attempts a failed task gets: a number, or one for each class of failure."
  )
}

const stepFields = {
  name: required(StepName, "What the step is called; no other step has the name."),
  after: optional(Schema.Array(StepName), "The steps that come before it; the one above it, where nothing is said."),
  when: optional(Condition, "It is run only if this holds."),
  prompt: optional(
    PlanPrompt,
    "What a worker is asked; {steps.NAME.output}, {vars.NAME} and {previous_output} are put in."
  ),
  check: optional(Command, "A command in the place of a prompt: exit code 0 lets the chain go on."),
  forEach: optional(
    Schema.NonEmptyString,
    "One reference to a list, such as {steps.plan.tasks}: its prompt is asked once for each {item}."
  ),
  ...itemFields,
  ...workerFields,
  ...answerFields,
  onFailure: optional(
    OnStepFailure,
    "What becomes of the chain when the step has failed for good; abort, where nothing is said."
  ),
  stepTimeout: optional(Time, "How long the step may take, all attempts and rounds together."),
  loop: optional(Loop, "The step is run again until a check passes or a condition holds."),
  continues: optional(StepName, "The step before it whose session goes on in this one.")
}

/** What becomes an option of its tasks. */
export const taskFields = Struct.keys({ ...workerFields, ...answerFields })

export const stepKeys = {
  ...workerKeys,
  ...itemKeys,
  forEach: "for_each",
  onFailure: "on_failure",
  stepTimeout: "step_timeout"
} as const

/** A step as it stands in a file, in snake case. */
export const ChainStep = withFileKeys(stepFields, stepKeys)
export type ChainStep = typeof ChainStep.Type

/** What a value that is given as text is read as. */
export const VariableType = Schema.Literals(["string", "number", "boolean", "list", "json"])
export type VariableType = typeof VariableType.Type

/** A value that is given with `--var name=value`. Without a default it has to be given. */
export const Variable = Schema.Struct({
  type: optional(VariableType, "What its values are; that of its default, or else string, where nothing is said."),
  description: optional(Schema.String, "What it is for."),
  default: optional(Schema.Json, "Its value where none is given; without a default one has to be given.")
})
export type Variable = typeof Variable.Type

/** What every plan says about itself, chain or fan-out. */
export const planFields = {
  name: optional(StepName, "What the plan is called."),
  description: optional(Schema.String, "What it does, in a line."),
  variables: optional(Schema.Record(StepName, Variable), "Values that are given with --var NAME=VALUE, by name."),
  budget: optional(Usd, "What all of it together may cost, in US dollars.")
}

export const planKeys = { budget: "budget_usd" } as const

export const ChainDefinition = withFileKeys({
  ...planFields,
  defaults: optional(WorkerOptions, "Options of every step that does not say otherwise."),
  steps: required(
    Schema.Array(ChainStep).check(Schema.isMinLength(1), Schema.isMaxLength(mostSteps)),
    "The steps; each comes after the one above it, unless it says otherwise."
  )
}, planKeys)
export type ChainDefinition = typeof ChainDefinition.Type

/** A chain that is to be run: its definition, and what it is run with. */
export const ChainRequest = Schema.Struct({
  definition: Schema.toType(ChainDefinition),
  vars: Schema.Record(Schema.String, Schema.Json),
  name: Schema.NonEmptyString,
  /** Idempotency key: a second request with the same key is the first one's chain. */
  key: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  /** Absolute path of the directory in which all steps work. */
  cwd: Schema.NonEmptyString,
  /** What all of it may cost, in the place of what the definition says. */
  budget: Schema.toType(Usd)
}).mapFields(({ definition, ...rest }) => ({ definition, ...Struct.map(rest, Schema.optionalKey) }))
export type ChainRequest = typeof ChainRequest.Type
