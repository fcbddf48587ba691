/**
 * A chain as every surface shows it. Snake case, as `TaskView`.
 */
import { Schema } from "effect"
import { FailureView, ProgressView } from "./TaskView.ts"

/** How a step stands; `skipped`: its condition did not hold, or what it needs has failed. */
export const StepStateName = Schema.Literals(["waiting", "running", "review", "done", "failed", "skipped", "cancelled"])
export type StepStateName = typeof StepStateName.Type

/** A step as every surface shows it. */
export const StepView = Schema.Struct({
  name: Schema.String,
  kind: Schema.Literals(["prompt", "items", "check"]),
  state: StepStateName,
  after: Schema.Array(Schema.String),
  /** The task or group that does it, or did it last. */
  task: Schema.optionalKey(Schema.String),
  group: Schema.optionalKey(Schema.String),
  /** Items that are done, of all, where it has items. */
  items_done: Schema.optionalKey(Schema.Int),
  items: Schema.optionalKey(Schema.Int),
  rounds: Schema.optionalKey(Schema.Int),
  /** Attempts of all of its tasks. */
  attempts: Schema.optionalKey(Schema.Int),
  recovered: Schema.optionalKey(Schema.Literal(true)),
  summary: Schema.optionalKey(Schema.String),
  output_chars: Schema.optionalKey(Schema.Int),
  structured: Schema.optionalKey(Schema.Json),
  cost_usd: Schema.Finite,
  s: Schema.optionalKey(Schema.Finite),
  progress: Schema.optionalKey(ProgressView),
  /** Why it was skipped. */
  why: Schema.optionalKey(Schema.String),
  error: Schema.optionalKey(FailureView)
})
export type StepView = typeof StepView.Type

/** How a chain stands. */
export const ChainStateName = Schema.Literals(["running", "done", "failed", "cancelled"])
export type ChainStateName = typeof ChainStateName.Type

export const ChainView = Schema.Struct({
  id: Schema.String,
  state: ChainStateName,
  name: Schema.optionalKey(Schema.String),
  steps: Schema.Array(StepView),
  cost_usd: Schema.Finite,
  cost_exact: Schema.optionalKey(Schema.Literal(false)),
  budget_usd: Schema.optionalKey(Schema.Finite),
  s: Schema.Finite,
  submitted_at: Schema.String,
  finished_at: Schema.optionalKey(Schema.String),
  /** How the answer of its last step begins. */
  summary: Schema.optionalKey(Schema.String),
  output_chars: Schema.optionalKey(Schema.Int),
  resumes: Schema.optionalKey(Schema.Int),
  /** The step that ended it. */
  failed_step: Schema.optionalKey(Schema.String),
  error: Schema.optionalKey(FailureView)
})
export type ChainView = typeof ChainView.Type

/** What would happen if a chain were run, or taken up again: nothing has been started. */
export const ChainForecast = Schema.Struct({
  name: Schema.optionalKey(Schema.String),
  steps: Schema.Array(Schema.Struct({
    name: Schema.String,
    kind: Schema.Literals(["prompt", "items", "check"]),
    after: Schema.Array(Schema.String),
    /** Whether the journal has it: it would not be run again. */
    reused: Schema.Boolean,
    /** The most that it may cost; absent where the number of its items is not known yet. */
    reserve_usd: Schema.optionalKey(Schema.Finite),
    details: Schema.optionalKey(Schema.String)
  })),
  /** The most that all steps that are not reused may cost. */
  reserve_usd: Schema.Finite,
  /** False: a step's items are not known yet, so that it may be more. */
  reserve_complete: Schema.Boolean,
  budget_usd: Schema.optionalKey(Schema.Finite)
})
export type ChainForecast = typeof ChainForecast.Type
