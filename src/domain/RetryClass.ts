/**
 * How a failure is tried again. It is a property of the failure; the delays are `RetryPolicy`'s.
 */
import { Schema } from "effect"

export const RetryClass = Schema.Literals(["never", "process", "overload", "limit", "schema"])
export type RetryClass = typeof RetryClass.Type

/** What every reason for a failure says of itself, beside its `message`. */
export interface ReasonFacts {
  /** What the person can do about it. */
  readonly hint: string
  readonly retryClass: RetryClass
  /** The exit code of the command line, see the table in the README. */
  readonly exitCode: 1 | 2 | 3 | 4 | 5 | 6 | 130
}
