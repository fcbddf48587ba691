/**
 * Failures of the work itself, on a worker that was started as it should be. Exit code 1.
 */
import { Schema } from "effect"
import type { ReasonFacts } from "./RetryClass.ts"

/** The process ended before it was ready for a prompt. */
export class StartFailed extends Schema.TaggedError<StartFailed>()("StartFailed", {
  detail: Schema.String,
  /** Whether it may pass: a process that was killed, or not ready in time, and not one that refuses its options. */
  transient: Schema.Boolean
}) implements ReasonFacts {
  readonly exitCode = 1
  get retryClass(): "process" | "never" {
    return this.transient ? "process" : "never"
  }
  override get message(): string {
    return `the worker did not start: ${this.detail}`
  }
  get hint(): string {
    return "run `claude-pool doctor`; if an option was passed through to the CLI, check its spelling"
  }
}

/** The process ended in the middle of its work, without a result. */
export class WorkerLost extends Schema.TaggedError<WorkerLost>()("WorkerLost", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 1
  override get message(): string {
    return `the worker ended without a result: ${this.detail}`
  }
  get hint(): string {
    return "submit it again; if it happens often, check memory, and run `claude-pool doctor`"
  }
}

/** The provider could not answer: overloaded, a server error, or out of reach. */
export class ProviderFailed extends Schema.TaggedError<ProviderFailed>()("ProviderFailed", {
  /** HTTP status; null where there was no answer at all. */
  status: Schema.NullOr(Schema.Int),
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "overload"
  readonly exitCode = 1
  override get message(): string {
    return `the provider failed${this.status === null ? "" : ` (HTTP ${this.status})`}: ${this.detail}`
  }
  get hint(): string {
    return "try again later, or name a --fallback-model"
  }
}

/** The request itself is at fault: trying it again would fail the same way. */
export class RequestRejected extends Schema.TaggedError<RequestRejected>()("RequestRejected", {
  status: Schema.NullOr(Schema.Int),
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the provider rejected the request${this.status === null ? "" : ` (HTTP ${this.status})`}: ${this.detail}`
  }
  get hint(): string {
    return "change the prompt or the options; a prompt that is too long must be cut or put into files"
  }
}

export class UnknownModel extends Schema.TaggedError<UnknownModel>()("UnknownModel", {
  model: Schema.String,
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the model ${this.model} is not known, or not open to this account`
  }
  get hint(): string {
    return "name another --model, such as haiku, sonnet or opus, or leave it out for the CLI's own default"
  }
}

export class MaxTurnsReached extends Schema.TaggedError<MaxTurnsReached>()("MaxTurnsReached", {
  turns: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `stopped at its limit of turns (${this.turns} messages)`
  }
  get hint(): string {
    return "continue it with --continue-from and a larger --max-turns, or make the task smaller"
  }
}

/** A schema was asked for, and no value that fits it came back. */
export class SchemaMismatch extends Schema.TaggedError<SchemaMismatch>()("SchemaMismatch", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "schema"
  readonly exitCode = 1
  override get message(): string {
    return `the answer does not fit the schema: ${this.detail}`
  }
  get hint(): string {
    return "check that the schema is an object and says what the prompt asks for; describe its fields"
  }
}

/** The model declined to do it. */
export class ModelRefused extends Schema.TaggedError<ModelRefused>()("ModelRefused", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the model refused: ${this.detail}`
  }
  get hint(): string {
    return "rephrase the prompt, or use another model"
  }
}

/** The CLI reported success without having asked the model anything. */
export class NotRun extends Schema.TaggedError<NotRun>()("NotRun", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 1
  override get message(): string {
    return `the CLI took the prompt for a command of its own: ${this.detail}`
  }
  get hint(): string {
    return "this is a defect of claude-pool or of the CLI: please report it with the prompt"
  }
}

/** The session that was to be continued is gone. */
export class SessionLost extends Schema.TaggedError<SessionLost>()("SessionLost", {
  session: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the session ${this.session} cannot be continued: its transcript is gone`
  }
  get hint(): string {
    return "submit the task without --continue-from, and give it what it needs to know in the prompt"
  }
}

/** The worker says that it runs with other settings than it was given. */
export class ConfigMismatch extends Schema.TaggedError<ConfigMismatch>()("ConfigMismatch", {
  setting: Schema.String,
  asked: Schema.String,
  got: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the worker was stopped: ${this.setting} should be ${this.asked} and is ${this.got}`
  }
  get hint(): string {
    return "something outside the pool configures the CLI (managed settings, a wrapper): run `claude-pool doctor`"
  }
}

/** The pool that ran it was ended again and again in the middle of it. */
export class Interrupted extends Schema.TaggedError<Interrupted>()("Interrupted", {
  times: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    const times = this.times === 1 ? "" : ` ${this.times} times`
    return `the pool ended${times} while this task was running; it is not started again by itself`
  }
  get hint(): string {
    return "check whether the task itself ends the pool (memory, kill), then submit it again"
  }
}

/** Reviewers sent the result back more often than its gate allows. */
export class Rejected extends Schema.TaggedError<Rejected>()("Rejected", {
  times: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the result was rejected ${this.times} ${this.times === 1 ? "time" : "times"}`
  }
  get hint(): string {
    return "read the feedback in the result; make the task smaller or the prompt clearer, or do it yourself"
  }
}

/** Not enough of a group's items came to a good end. */
export class ItemsFailed extends Schema.TaggedError<ItemsFailed>()("ItemsFailed", {
  failed: Schema.Int,
  cancelled: Schema.Int,
  of: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    const cancelled = this.cancelled === 0 ? "" : `, ${this.cancelled} cancelled`
    return `not all items are done: ${this.failed} of ${this.of} failed${cancelled}`
  }
  get hint(): string {
    return "`claude-pool retry` runs only what failed; the results of the others are kept"
  }
}

/** A command that decides whether the work may go on did not exit with 0. */
export class CheckFailed extends Schema.TaggedError<CheckFailed>()("CheckFailed", {
  command: Schema.String,
  /** Its exit code; null: it was ended by a signal. */
  code: Schema.NullOr(Schema.Int),
  /** The end of what it said. */
  output: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the check \`${this.command}\` ${this.code === null ? "was ended by a signal" : `exited with ${this.code}`}`
  }
  get hint(): string {
    return "its output says why; `claude-pool chain resume` goes on from the last step that was done"
  }
}

/** A step was run as often as its loop allows, and what it is run for did not come about. */
export class ConditionNotMet extends Schema.TaggedError<ConditionNotMet>()("ConditionNotMet", {
  /** How often it was run. */
  max: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the condition did not hold after ${this.max} ${this.max === 1 ? "round" : "rounds"}`
  }
  get hint(): string {
    return "look at the last round's answer; `claude-pool chain resume` runs the step again"
  }
}

/** Something broke in the pool's own code. The log has the details. */
export class PoolDefect extends Schema.TaggedError<PoolDefect>()("PoolDefect", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `claude-pool itself failed: ${this.detail}`
  }
  get hint(): string {
    return "this is a defect of claude-pool: please report it with the log"
  }
}

export const WorkerReason = Schema.Union([
  StartFailed,
  WorkerLost,
  ProviderFailed,
  RequestRejected,
  UnknownModel,
  MaxTurnsReached,
  SchemaMismatch,
  ModelRefused,
  NotRun,
  SessionLost,
  ConfigMismatch,
  Interrupted,
  Rejected,
  ItemsFailed,
  CheckFailed,
  ConditionNotMet,
  PoolDefect
])
