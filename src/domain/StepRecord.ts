/**
 * What a step of a chain came to, as its journal keeps it.
 */
import { Schema } from "effect"
import { Reason } from "./Failure.ts"
import { GroupId } from "./GroupId.ts"
import { TaskId } from "./TaskId.ts"

const Instant = Schema.DateTimeUtcFromMillis

/** What a step leaves for the ones after it. */
export const StepValue = Schema.Struct({
  /** The whole text; where it is that of a task, the store has it under the task, and here is null. */
  output: Schema.NullOr(Schema.String),
  outputChars: Schema.Int,
  /** The structured answer, or the list of the items' answers. */
  value: Schema.optionalKey(Schema.Json)
})
export type StepValue = typeof StepValue.Type

export const StepOutcome = Schema.TaggedUnion({
  Done: { result: StepValue },
  /** It failed, and the chain went on without it or ended with it. */
  Failed: { reason: Reason },
  /** It was not run: its condition did not hold, or a step that it needs was not done. */
  Skipped: { why: Schema.String }
})
export type StepOutcome = typeof StepOutcome.Type

export const StepRecord = Schema.Struct({
  /** The step's name; rounds of a loop and a recovery have keys of their own below it: `fix/2`, `fix/check-2`, `fix/recovery`. */
  key: Schema.String,
  step: Schema.String,
  /** Of everything that went into it: it is run again when that has changed. */
  hash: Schema.String,
  outcome: StepOutcome,
  /** The task or group that did it, where one did. */
  task: Schema.NullOr(TaskId),
  group: Schema.NullOr(GroupId),
  /** How many rounds its loop took; 1 without one. */
  rounds: Schema.Int,
  /** Whether its failure was mended by its recovery. */
  recovered: Schema.Boolean,
  startedAt: Instant,
  finishedAt: Instant
})
export type StepRecord = typeof StepRecord.Type
