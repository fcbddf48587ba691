/**
 * What a caller asks for: a prompt, and the options that every way of handing out work shares.
 */
import { Schema, Struct } from "effect"
import { ContextKey, ContextValue } from "./ContextEntry.ts"
import { Expect } from "./Expect.ts"
import { Isolation } from "./Isolation.ts"
import { MicroUsd } from "./MicroUsd.ts"
import { PermissionMode, Permissions } from "./Permissions.ts"
import { TaskId } from "./TaskId.ts"
import { TimeLimit } from "./TimeLimit.ts"
import { WorkId } from "./WorkId.ts"

/** How hard a model thinks. */
export const Effort = Schema.Literals(["low", "medium", "high", "xhigh", "max"])
export type Effort = typeof Effort.Type

/** Which of the user's and the project's own Claude settings (CLAUDE.md, hooks, rules) a worker takes over. */
export const Inherit = Schema.Literals(["none", "project", "all"])
export type Inherit = typeof Inherit.Type

/** What becomes of a task whose pool was killed while it ran. */
export const OnCrash = Schema.Literals(["resume", "retry", "fail"])
export type OnCrash = typeof OnCrash.Type

const Name = Schema.NonEmptyString.check(Schema.isMaxLength(100))
const Rules = Schema.Array(Schema.NonEmptyString)

/** The schema of a structured answer, of the type that `Schema.toJsonSchemaDocument` gives. The CLI can only fill an object. */
export const AnswerSchema = Schema.Record(Schema.String, Schema.Unknown).check(
  Schema.makeFilter((schema) => Schema.is(Schema.Json)(schema) || "must be JSON", { expected: "JSON" }),
  Schema.makeFilter((schema) => schema["type"] === "object" || `its "type" must be "object"`, {
    expected: `a JSON Schema whose "type" is "object"`
  })
)
export type AnswerSchema = typeof AnswerSchema.Type

const Times = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 }))

/**
 * How often a failed attempt is made again, by the class of its failure; a class that is not named follows the settings.
 * `other` is what is never tried again by itself: a time limit, too many turns, a refusal.
 */
export const RetryLimits = Schema.Struct({
  process: Times,
  overload: Times,
  limit: Times,
  schema: Times,
  other: Times
}).mapFields(Struct.map(Schema.optionalKey))
export type RetryLimits = typeof RetryLimits.Type

/** The gate between a result and its acceptance. */
export const ReviewGate = Schema.Struct({
  /** How often a result may be sent back; once more, and the task fails. */
  maxRejections: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })),
  /** What a reviewer should look at. */
  criteria: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(4000)))
})
export type ReviewGate = typeof ReviewGate.Type

/** What is told to a worker beside its prompt: keys and their values. */
export const ContextValues = Schema.Record(ContextKey, ContextValue)
export type ContextValues = typeof ContextValues.Type

/** Options of one task, all of them optional: the settings fill in the rest when it is accepted. */
const fields = {
  /** What people see in lists. */
  name: Name,
  tags: Schema.Array(Name),
  /** A model id, or an alias that the CLI knows. */
  model: Schema.NonEmptyString,
  effort: Effort,
  fallbackModel: Schema.NonEmptyString,
  maxTurns: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  /** Appended to the CLI's own system prompt, which stays. */
  systemPrompt: Schema.NonEmptyString,
  allowedTools: Rules,
  deniedTools: Rules,
  permissions: Permissions,
  permissionMode: PermissionMode,
  /** MCP servers of the worker: name to the CLI's own configuration of one. */
  mcpServers: Schema.Record(Schema.NonEmptyString, Schema.Json),
  schema: AnswerSchema,
  /** Absolute path of the working directory. */
  cwd: Schema.NonEmptyString,
  inherit: Inherit,
  /** What the task may cost, over all of its attempts. */
  budget: MicroUsd.check(Schema.isGreaterThan(0, { expected: "an amount above zero" })),
  /** How long the task may run, over one attempt. */
  timeout: TimeLimit,
  /** A finished task whose session goes on. */
  continueFrom: TaskId,
  retry: RetryLimits,
  onCrash: OnCrash,
  review: ReviewGate,
  /** Only a slot of this role takes it. */
  role: Name,
  /** Whether the worker may read and send messages and report its progress. */
  mailbox: Schema.Boolean,
  /** The context that the task works with; without it, what is set for the pool when an attempt starts. */
  context: ContextValues,
  /** Where it works. */
  isolation: Isolation,
  /** What its branch begins at: a commit, a branch or a tag of the repository; without it, what is checked out. */
  base: Schema.String.check(
    Schema.isPattern(/^(?!-)[^\s\0~^:?*[\\]{1,250}$/, { expected: "a commit, a branch or a tag" })
  ),
  /** What must hold of its work. */
  expect: Expect
}

/** All that may be said of a task beside its prompt. */
export const TaskOptions = Schema.Struct(fields).mapFields(Struct.map(Schema.optionalKey))
export type TaskOptions = typeof TaskOptions.Type

/** The options that a slot may fill in, in place of the pool's settings. */
export const SlotOption = Schema.Literals(["model", "permissions", "cwd"])
export type SlotOption = typeof SlotOption.Type

/** The options of an accepted task: what no task is without has been filled in, and stays as it was then. */
export const AcceptedOptions = TaskOptions.pipe(Schema.fieldsAssign({
  permissions: fields.permissions,
  cwd: fields.cwd,
  inherit: fields.inherit,
  budget: fields.budget,
  timeout: fields.timeout,
  /** Those that nobody has said: the slot of the first attempt may still say them. Absent: none. */
  unsaid: Schema.optionalKey(Schema.Array(SlotOption)),
  /** The chain whose workspace it works in, where that is one for all of the chain. Absent: it has one of its own, or none. */
  workspaceOf: Schema.optionalKey(WorkId)
}))
export type AcceptedOptions = typeof AcceptedOptions.Type

/** A task of before there was a choice is gone on with, as one that does not say. */
export const onCrashOf = ({ onCrash = "resume" }: Pick<TaskOptions, "onCrash">): OnCrash => onCrash

/** What a worker is asked: not empty. */
export const Prompt = Schema.String.check(
  Schema.makeFilter((prompt) => prompt.trim() !== "" || "must not be empty", { expected: "a prompt that is not empty" })
)

export const TaskRequest = Schema.Struct({
  prompt: Prompt,
  /** Idempotency key: a second request with the same key is the first one's task. */
  key: Schema.optionalKey(Schema.NonEmptyString.check(Schema.isMaxLength(200))),
  ...TaskOptions.fields
})
export type TaskRequest = typeof TaskRequest.Type

/** What the settings give to a task that does not say. */
export type TaskDefaults = AcceptedOptions

/** A task of before there was a choice works where everybody works. */
export const isolationOf = ({ isolation = "shared" }: Pick<TaskOptions, "isolation">): Isolation => isolation

/** The options as they were asked for: without what nobody has said, so that it can be asked for again. */
export const askedOptions = ({ unsaid = [], ...options }: AcceptedOptions): TaskOptions =>
  Struct.omit(options, ["workspaceOf", ...unsaid])
