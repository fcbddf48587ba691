/**
 * What a step came to, for the steps after it.
 */
import type { StepOutcome, StepRecord } from "../../domain/StepRecord.ts"

export interface StepEnd {
  readonly record: StepRecord
  /** Whether it takes the steps after it with it: it failed and they are to be skipped, or it was skipped for that itself. */
  readonly bars: boolean
}

export type Ends = ReadonlyMap<string, StepEnd>

/** In the place of a value that is not there; null where it is. */
export const statementOf = (step: string, outcome: StepOutcome): string | null => {
  switch (outcome._tag) {
    case "Done":
      return null
    case "Failed":
      return `[step ${step} failed: ${outcome.reason.message}]`
    case "Skipped":
      return `[step ${step} was not run: ${outcome.why}]`
  }
}
