/**
 * What a drain came to: what had time to finish, what was cut off and waits again, what never ran.
 */
import { Schema } from "effect"

export const DrainReport = Schema.Struct({
  /** Tasks that came to an end, good or bad, while they were let finish. */
  finished: Schema.Array(Schema.String),
  /** Tasks that were cut off and wait again; they are not charged a try. */
  cut: Schema.Array(Schema.String),
  /** How many tasks wait, those that were cut off included. */
  queued: Schema.Int,
  /** It was taken back before its end: what ran goes on, and work is started again. */
  taken_back: Schema.optionalKey(Schema.Literal(true)),
  s: Schema.Finite.annotate({ description: "Seconds that it took" })
})
export type DrainReport = typeof DrainReport.Type
