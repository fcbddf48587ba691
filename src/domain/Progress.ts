/**
 * Where a running task stands, as far as the worker's own events tell.
 */
import { Schema } from "effect"
import { MicroUsd } from "./MicroUsd.ts"

/** What a worker is at. */
export const Phase = Schema.Literals(["starting", "waiting-model", "backing-off", "running-tool", "finishing"])
export type Phase = typeof Phase.Type

export const Progress = Schema.Struct({
  phase: Phase,
  /** The tool that is running, in the phase `running-tool`. */
  tool: Schema.NullOr(Schema.String),
  /** How its last words begin, in one line: data. Absent until it has said something. */
  said: Schema.optionalKey(Schema.String),
  /** Model answers so far. */
  turns: Schema.Int,
  outputTokens: Schema.Int,
  /** What is known of the cost; the exact figure comes with the result. */
  cost: MicroUsd,
  /** When the worker last gave a sign of life. */
  lastEventAt: Schema.DateTimeUtcFromMillis
})
export type Progress = typeof Progress.Type
