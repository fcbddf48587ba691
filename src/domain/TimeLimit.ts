/**
 * How long something may take: from a millisecond to a week. Milliseconds on the wire.
 */
import { Duration, Schema } from "effect"

export const longest = Duration.days(7)

export const TimeLimit = Schema.DurationFromMillis.check(
  Schema.makeFilter(
    (duration) =>
      (Duration.toMillis(duration) >= 1 && Duration.isLessThanOrEqualTo(duration, longest)) ||
      "must be above zero and at most 7 days",
    { expected: "a duration above zero and of at most 7 days" }
  )
)
