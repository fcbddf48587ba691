/**
 * When a failed attempt is made again, and after how long. The only place that decides it: the CLI's own retries are
 * turned down, failures are counted from the attempts that the store has, and what is held for all has no other pause.
 */
import { Data, DateTime, Duration, Effect, Pull, Schedule } from "effect"
import type { Attempt } from "../domain/Attempt.ts"
import { type Reason, resumeAt } from "../domain/Failure.ts"
import { longestWait, mayBeItsOwn } from "../domain/HoldRules.ts"
import { isCrash } from "../domain/RestartRules.ts"
import type { RetryClass } from "../domain/RetryClass.ts"
import { type CrashEvidence, Quarantined } from "../domain/SlotFailure.ts"
import type { RetryLimits } from "../domain/TaskRequest.ts"
import { cleanLine } from "../domain/UntrustedText.ts"

/** A process that died or fell silent: at once, on a new one, then with pauses. */
const processRetry = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("1 minute")]).pipe(
  Schedule.jittered
)

/** A provider in trouble: from a second to a minute, shaken so that slots do not come back in step. */
const overloadRetry = Schedule.min([Schedule.exponential("1 second"), Schedule.spaced("1 minute")]).pipe(
  Schedule.jittered
)

/** A usage limit that names no end: from half a minute up. One that does is waited out. */
const limitRetry = Schedule.min([Schedule.exponential("30 seconds"), Schedule.spaced("10 minutes")]).pipe(
  Schedule.jittered
)

/** What may have been bad luck: at once. */
const atOnce = Schedule.forever

interface ClassRule {
  readonly delays: Schedule.Schedule<unknown>
  /** How often, at most, unless the task says it. */
  readonly times: number
}

const rules: { readonly [K in keyof Required<RetryLimits>]: ClassRule } = {
  process: { delays: processRetry, times: 3 },
  overload: { delays: overloadRetry, times: 8 },
  limit: { delays: limitRetry, times: 6 },
  /** Once more. */
  schema: { delays: atOnce, times: 1 },
  other: { delays: atOnce, times: 0 }
}

/** What is never tried again by itself, or not any more, and may yet end otherwise. Money, login and the like do not. */
const mendable: ReadonlySet<Reason["_tag"]> = new Set([
  "TimedOut",
  "MaxTurnsReached",
  "ModelRefused",
  "NotRun",
  "SchemaMismatch",
  "Contradicted"
])

interface Limits {
  /** How often a task is tried, all in all, where it fails in ways for which it says nothing itself. */
  readonly maxAttempts: number
  readonly retry?: RetryLimits | undefined
}

/** Which failures are counted together: those of a class that the task names, and all that follow the settings. */
type Account = keyof RetryLimits | "settings"

interface Charge {
  readonly account: Account
  /** Whose delays it has. */
  readonly class: keyof RetryLimits
  /** From 1. */
  readonly nth: number
}

/** What another attempt is charged to, given how often each account was charged; null: there is none. */
const chargeOf = (
  { _tag, retryClass }: { readonly _tag: Reason["_tag"]; readonly retryClass: RetryClass },
  charged: (account: Account) => number,
  { maxAttempts, retry = {} }: Limits
): Charge | null => {
  const other = charged("other") + 1
  const otherwise: Charge | null = mendable.has(_tag) && other <= (retry.other ?? rules.other.times)
    ? { account: "other", class: "other", nth: other }
    : null
  if (retryClass === "never") return otherwise
  const named = retry[retryClass]
  const account = named === undefined ? "settings" : retryClass
  const nth = charged(account) + 1
  const most = named ?? Math.min(maxAttempts - 1, rules[retryClass].times)
  return nth <= most ? { account, class: retryClass, nth } : otherwise
}

/** What the attempt after the last of these failures is charged to. */
const lastCharge = (failures: ReadonlyArray<Reason>, limits: Limits): Charge | null => {
  const counts = new Map<Account, number>()
  return failures.reduce<Charge | null>((_, reason) => {
    const charge = chargeOf(reason, (account) => counts.get(account) ?? 0, limits)
    if (charge !== null) counts.set(charge.account, charge.nth)
    return charge
  }, null)
}

/** What the schedule says to the n-th failure. */
const nthDelay = Effect.fnUntraced(function*(schedule: Schedule.Schedule<unknown>, nth: number) {
  const step = yield* Schedule.toStep(schedule)
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const next = Effect.map(step(now, undefined), ([, delay]): Duration.Duration | null => delay)
  const last = Effect.gen(function*() {
    for (let passed = 1; passed < nth; passed++) yield* next
    return yield* next
  })
  return yield* Pull.catchDone(last, () => Effect.succeed(null))
})

/** In whole milliseconds: that is what the store keeps of a time. */
const whole = (time: DateTime.Utc): DateTime.Utc => DateTime.makeUnsafe(Math.ceil(DateTime.toEpochMillis(time)))

/**
 * When the attempt after a failure may start; null if there is none. `earlier` is why attempts failed before, oldest
 * first.
 */
export const nextAttemptAt = Effect.fnUntraced(function*(
  options: Limits & { readonly reason: Reason; readonly earlier: ReadonlyArray<Reason> }
) {
  const { earlier, reason } = options
  const charge = lastCharge([...earlier, reason], options)
  if (charge === null) return null
  const now = yield* DateTime.now
  const named = resumeAt(reason)
  if (named !== null) {
    return Duration.isLessThanOrEqualTo(DateTime.distance(now, named), longestWait)
      ? whole(DateTime.max(now, named))
      : null
  }
  const delay = yield* nthDelay(rules[charge.class].delays, charge.nth)
  return delay === null ? null : whole(DateTime.addDuration(now, delay))
})

/** What becomes of a task whose attempt failed. */
export type AfterFailure = Data.TaggedEnum<{
  Fail: { readonly reason: Reason }
  /** It is charged a try. */
  Retry: { readonly at: DateTime.Utc }
  /** It waits until what it met is over, and is not charged. */
  Postpone: {}
}>
export const AfterFailure = Data.taggedEnum<AfterFailure>()

export interface FailedAttempt extends Limits {
  readonly attempt: Attempt
  readonly reason: Reason
  /** The task's attempts before it, since it was last sent back. */
  readonly before: ReadonlyArray<Attempt>
  /** Whether all would meet it, and are held until it is over. */
  readonly held: { readonly isCharged: boolean } | null
}

/** So much of what a worker said last is kept as evidence, in characters. */
const mostDetail = 300

/** The crashes with which two different slots testify against the task. A worker that did not start has not seen it. */
const evidence = ({ attempt, before, reason }: FailedAttempt): ReadonlyArray<typeof CrashEvidence.Type> => {
  const own = before.flatMap(({ number, outcome, slot }) =>
    outcome._tag === "Failed" && outcome.postponed !== true ? [{ number, slot, reason: outcome.reason }] : []
  )
  return [...own, { number: attempt.number, slot: attempt.slot, reason }].flatMap(({ number, reason, slot }) =>
    isCrash(reason) && reason._tag !== "StartFailed"
      ? [{ attempt: number, slot, reason: reason._tag, detail: cleanLine(reason.message, mostDetail) }]
      : []
  )
}

/** Whether the attempt counts though all would have met it: so it does where the task says how often that may be. */
const isCharged = ({ held, reason: { retryClass }, retry }: FailedAttempt): boolean =>
  held === null || held.isCharged || (retryClass !== "never" && retry?.[retryClass] !== undefined)

/** Decides it. */
export const afterFailure = Effect.fnUntraced(function*(
  failed: FailedAttempt
): Effect.fn.Return<AfterFailure> {
  const { before, held, reason } = failed
  if (!isCharged(failed)) {
    const isAgain = before.some(({ outcome }) => outcome._tag === "Failed" && outcome.reason._tag === reason._tag)
    return mayBeItsOwn(reason) && isAgain ? AfterFailure.Fail({ reason }) : AfterFailure.Postpone()
  }
  if (isCrash(reason)) {
    const crashes = evidence(failed)
    if (new Set(crashes.map(({ slot }) => slot)).size > 1) {
      return AfterFailure.Fail({ reason: new Quarantined({ crashes }) })
    }
  }
  const earlier = before.flatMap(({ isTry, outcome }) => isTry && outcome._tag === "Failed" ? [outcome.reason] : [])
  const at = yield* nextAttemptAt({ ...failed, earlier })
  if (at === null) return AfterFailure.Fail({ reason })
  return AfterFailure.Retry({ at: held === null ? at : yield* DateTime.now })
})
