/**
 * When a failed attempt is made again, and after how long. The only place that decides it: the CLI's own retries are
 * turned down, and attempts are counted in the task.
 */
import { DateTime, Duration, Effect, Pull, Schedule } from "effect"
import { type Reason, resumeAt } from "../domain/Failure.ts"
import type { RetryClass } from "../domain/RetryClass.ts"

/** A process that died or fell silent: at once, on a new one, then with pauses. */
export const processRetry = Schedule.exponential("500 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 3 }))

/** A provider in trouble: from a second to a minute, shaken so that slots do not come back in step. */
export const overloadRetry = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 8 })
)

/** A usage limit that names no end: from half a minute up. One that does is waited out. */
export const limitRetry = Schedule.min([Schedule.exponential("30 seconds"), Schedule.spaced("10 minutes")]).pipe(
  Schedule.jittered,
  Schedule.upTo({ times: 6 })
)

/** An answer that does not fit its schema: once more, for it may have been bad luck. */
export const schemaRetry = Schedule.recurs(1)

const schedules: { readonly [K in Exclude<RetryClass, "never">]: Schedule.Schedule<unknown> } = {
  process: processRetry,
  overload: overloadRetry,
  limit: limitRetry,
  schema: schemaRetry
}

/** A limit that is lifted only after this is not waited for: the task fails and says when it makes sense again. */
const longestWait = Duration.hours(6)

/** What the schedule says to the n-th failure in a row, null where it says no more. */
const nthDelay = Effect.fnUntraced(function*(schedule: Schedule.Schedule<unknown>, failures: number) {
  const step = yield* Schedule.toStep(schedule)
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const next = Effect.map(step(now, undefined), ([, delay]): Duration.Duration | null => delay)
  const last = Effect.gen(function*() {
    for (let passed = 1; passed < failures; passed++) yield* next
    return yield* next
  })
  return yield* Pull.catchDone(last, () => Effect.succeed(null))
})

/** In whole milliseconds: that is what the store keeps of a time. */
const whole = (time: DateTime.Utc): DateTime.Utc => DateTime.makeUnsafe(Math.ceil(DateTime.toEpochMillis(time)))

/**
 * When the attempt after `failures` failed ones may start; null if there is none.
 */
export const nextAttemptAt = Effect.fnUntraced(function*(options: {
  readonly reason: Reason
  readonly failures: number
  readonly maxAttempts: number
}) {
  const { failures, maxAttempts, reason } = options
  if (reason.retryClass === "never" || failures >= maxAttempts) return null
  const now = yield* DateTime.now
  const named = resumeAt(reason)
  if (named !== null) {
    return Duration.isLessThanOrEqualTo(DateTime.distance(now, named), longestWait)
      ? whole(DateTime.max(now, named))
      : null
  }
  const delay = yield* nthDelay(schedules[reason.retryClass], failures)
  return delay === null ? null : whole(DateTime.addDuration(now, delay))
})
