/**
 * The attempts of a task, as every surface shows them: snake case, what is empty is left out.
 */
import { DateTime, Schema } from "effect"
import type { Attempt } from "./Attempt.ts"
import { toUsd } from "./MicroUsd.ts"
import { formatSlotId } from "./SlotId.ts"
import { FailureView, viewFailure } from "./TaskView.ts"

export const AttemptView = Schema.Struct({
  task: Schema.String,
  /** From 1. */
  number: Schema.Int,
  slot: Schema.String,
  state: Schema.Literals(["running", "completed", "failed", "interrupted"]),
  started_at: Schema.String,
  finished_at: Schema.optionalKey(Schema.String),
  session: Schema.optionalKey(Schema.String),
  /** The session that it went on from. */
  resumes: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(Schema.String),
  cost_usd: Schema.Finite,
  cost_exact: Schema.optionalKey(Schema.Literal(false)),
  turns: Schema.optionalKey(Schema.Int),
  /** What cut it off. */
  interrupted_by: Schema.optionalKey(Schema.Literals(["cancel", "shutdown", "crash"])),
  /** It was put off by what all share, and does not count as a try. */
  postponed: Schema.optionalKey(Schema.Literal(true)),
  /** Its answer was found in its session after the pool had been killed. */
  recovered: Schema.optionalKey(Schema.Literal(true)),
  error: Schema.optionalKey(FailureView)
})
export type AttemptView = typeof AttemptView.Type

const outcome = ({ outcome }: Attempt): Pick<AttemptView, "state" | "error" | "interrupted_by" | "postponed"> => {
  switch (outcome._tag) {
    case "Running":
      return { state: "running" }
    case "Completed":
      return { state: "completed" }
    case "Failed":
      return {
        state: "failed",
        error: viewFailure(outcome.reason),
        ...(outcome.postponed === undefined ? {} : { postponed: outcome.postponed })
      }
    case "Interrupted":
      return { state: "interrupted", interrupted_by: outcome.by }
  }
}

/** An attempt as every surface shows it: money in dollars, times in ISO 8601. */
export const viewAttempt = (attempt: Attempt): AttemptView => ({
  task: attempt.task,
  number: attempt.number,
  slot: formatSlotId(attempt.slot),
  started_at: DateTime.formatIso(attempt.startedAt),
  ...(attempt.finishedAt === null ? {} : { finished_at: DateTime.formatIso(attempt.finishedAt) }),
  ...(attempt.session === null ? {} : { session: attempt.session }),
  ...(attempt.resumes === undefined ? {} : { resumes: attempt.resumes }),
  ...(attempt.model === null ? {} : { model: attempt.model }),
  cost_usd: toUsd(attempt.spend.cost),
  ...(attempt.spend.exact ? {} : { cost_exact: false as const }),
  ...(attempt.spend.turns === 0 ? {} : { turns: attempt.spend.turns }),
  ...(attempt.recovered === undefined ? {} : { recovered: attempt.recovered }),
  ...outcome(attempt)
})
