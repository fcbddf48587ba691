import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Attempt, AttemptOutcome } from "../src/domain/Attempt.ts"
import { NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import type { Reason } from "../src/domain/Failure.ts"
import { BillingStopped, BudgetExceeded, TimedOut, UsageLimited } from "../src/domain/LimitFailure.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Cancelled, PermissionRefused } from "../src/domain/RequestFailure.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { Spend } from "../src/domain/Spend.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { RetryLimits } from "../src/domain/TaskRequest.ts"
import {
  MaxTurnsReached,
  ModelRefused,
  NotRun,
  ProviderFailed,
  RequestRejected,
  SchemaMismatch,
  UnknownModel,
  WorkerLost
} from "../src/domain/WorkerFailure.ts"
import { AfterFailure, afterFailure, type FailedAttempt, nextAttemptAt } from "../src/services/RetryPolicy.ts"

const overloaded = new ProviderFailed({ status: 529, detail: "overloaded" })
const lost = new WorkerLost({ detail: "signal 9" })

const delay = (reason: Reason, failures: number, maxAttempts = 10) =>
  Effect.gen(function*() {
    const earlier = Array.from({ length: failures - 1 }, () => reason)
    const at = yield* nextAttemptAt({ reason, earlier, maxAttempts })
    return at === null ? null : Duration.toMillis(DateTime.distance(yield* DateTime.now, at))
  })

describe("nextAttemptAt", () => {
  it.effect("waits longer with each failure of the provider, shaken by a fifth at most", () =>
    Effect.gen(function*() {
      for (const [failures, about] of [[1, 1000], [2, 2000], [3, 4000], [7, 60_000]] as const) {
        const waited = yield* delay(overloaded, failures)
        assert.isNotNull(waited)
        assert.isTrue(waited! >= about * 0.8 && waited! <= about * 1.2, `${failures}: ${waited}`)
      }
    }))

  it.effect("gives up when the class says so, or the attempts are used up", () =>
    Effect.gen(function*() {
      assert.isNotNull(yield* delay(lost, 3))
      assert.isNull(yield* delay(lost, 4))
      assert.isNull(yield* delay(overloaded, 3, 3))
      const mismatch = new SchemaMismatch({ detail: "" })
      assert.strictEqual(yield* delay(mismatch, 1), 0)
      assert.isNull(yield* delay(mismatch, 2))
      assert.isNull(yield* nextAttemptAt({ reason: lost, earlier: [overloaded, lost], maxAttempts: 3 }))
    }))

  it.effect("does not try again what cannot pass", () =>
    Effect.gen(function*() {
      assert.isNull(yield* delay(new RequestRejected({ status: 400, detail: "" }), 1))
    }))

  it.effect("gives a class that the task names exactly so many attempts, whatever the settings say", () =>
    Effect.gen(function*() {
      const lives = (reason: Reason, earlier: ReadonlyArray<Reason>, retry: RetryLimits, maxAttempts = 3) =>
        Effect.map(nextAttemptAt({ reason, earlier, maxAttempts, retry }), (at) => at !== null)
      const times = (reason: Reason, n: number) => Array.from({ length: n }, () => reason)
      assert.isTrue(yield* lives(lost, times(lost, 11), { process: 12 }))
      assert.isFalse(yield* lives(lost, times(lost, 12), { process: 12 }))
      assert.isFalse(yield* lives(lost, [], { process: 0 }, 10))
      // What is named is no burden on what is not.
      assert.isTrue(yield* lives(lost, [...times(overloaded, 5), lost], { overload: 5 }))
      assert.isFalse(yield* lives(lost, [...times(overloaded, 5), lost, lost], { overload: 5 }))
    }))

  it.effect("tries again what may be mended only where the task asks for it", () =>
    Effect.gen(function*() {
      const timedOut = new TimedOut({ after: Duration.minutes(1) })
      const mismatch = new SchemaMismatch({ detail: "" })
      const delayAfter = (reason: Reason, earlier: ReadonlyArray<Reason>, retry: RetryLimits) =>
        Effect.gen(function*() {
          const at = yield* nextAttemptAt({ reason, earlier, maxAttempts: 3, retry })
          return at === null ? null : Duration.toMillis(DateTime.distance(yield* DateTime.now, at))
        })
      assert.isNull(yield* delayAfter(timedOut, [], {}))
      for (
        const reason of [timedOut, new MaxTurnsReached({ turns: 3 }), new ModelRefused({ detail: "" })] as const
      ) {
        assert.strictEqual(yield* delayAfter(reason, [timedOut], { other: 2 }), 0)
        assert.isNull(yield* delayAfter(reason, [timedOut, timedOut], { other: 2 }))
      }
      // Its own class first, and what goes beyond it is another matter.
      assert.strictEqual(yield* delayAfter(mismatch, [mismatch], { other: 1 }), 0)
      assert.isNull(yield* delayAfter(mismatch, [mismatch, mismatch], { other: 1 }))
      assert.isNull(yield* delayAfter(mismatch, [mismatch, timedOut], { other: 1 }))
      assert.strictEqual(yield* delayAfter(new NotRun({ detail: "" }), [], { process: 0, other: 1 }), 0)
    }))

  it.effect("never tries again what money, a login or another request would have to mend", () =>
    Effect.gen(function*() {
      const all: RetryLimits = { process: 20, overload: 20, limit: 20, schema: 20, other: 20 }
      const reasons: ReadonlyArray<Reason> = [
        new BudgetExceeded({ cap: fromUsd(1), spent: fromUsd(1) }),
        new BillingStopped({ detail: "" }),
        new NotLoggedIn({ status: 401, detail: "" }),
        new UnknownModel({ model: "m", detail: "" }),
        new RequestRejected({ status: 400, detail: "" }),
        new PermissionRefused({ asked: "full", ceiling: "edit" }),
        new Cancelled({ note: "" })
      ]
      for (const reason of reasons) {
        assert.isNull(yield* nextAttemptAt({ reason, earlier: [], maxAttempts: 10, retry: all }), reason._tag)
      }
    }))

  it.effect("waits until the time that a limit names, and not for days", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_000_000)
      const until = (hours: number) =>
        new UsageLimited({ detail: "", resumeAt: DateTime.makeUnsafe(1_000_000 + hours * 3_600_000) })
      assert.strictEqual(yield* delay(until(2), 1), 2 * 3_600_000)
      assert.isNull(yield* delay(until(48), 1))
      assert.strictEqual(yield* delay(until(-1), 1), 0)
    }))

  it.effect("names a time in whole milliseconds, whatever the provider or chance says", () =>
    Effect.gen(function*() {
      const at = function*(reason: Reason) {
        return DateTime.toEpochMillis((yield* nextAttemptAt({ reason, earlier: [], maxAttempts: 3 }))!)
      }
      assert.strictEqual(
        yield* at(
          new UsageLimited({
            detail: "",
            resumeAt: DateTime.addDuration(DateTime.makeUnsafe(512), Duration.millis(0.25))
          })
        ),
        513
      )
      assert.isTrue(Number.isInteger(yield* at(overloaded)))
    }))
})

describe("afterFailure", () => {
  const attempt = (number: number, slot: number, reason: Reason, isPostponed = false) =>
    new Attempt({
      task: TaskId.make("t_0000000000000000"),
      number,
      slot: SlotId.make(slot),
      startedAt: DateTime.makeUnsafe(0),
      finishedAt: DateTime.makeUnsafe(0),
      outcome: AttemptOutcome.cases.Failed.make({ reason, ...(isPostponed ? { postponed: true } : {}) }),
      session: null,
      model: null,
      spend: Spend.zero
    })
  const held = { isCharged: false }
  const charged = { isCharged: true }
  const decide = (now: Attempt, reason: Reason, options: Partial<FailedAttempt> = {}) =>
    afterFailure({ attempt: now, reason, before: [], held: null, maxAttempts: 3, ...options })

  const Met = Schema.Struct({
    reason: Schema.Literals(["lost", "overloaded", "limited", "login", "mismatch"]),
    slot: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 3 })),
    held: Schema.Literals(["no", "wait", "fail"])
  })
  const reasons: { readonly [K in (typeof Met.Type)["reason"]]: Reason } = {
    lost,
    overloaded,
    limited: new UsageLimited({ detail: "", resumeAt: null }),
    login: new NotLoggedIn({ status: 401, detail: "" }),
    mismatch: new SchemaMismatch({ detail: "" })
  }

  it.effect.prop(
    "makes no more attempts that count than there may be, whatever is met in between",
    [Schema.Array(Met).check(Schema.isMinLength(1), Schema.isMaxLength(40)), Schema.Literals([1, 2, 5])],
    ([all, maxAttempts]) =>
      Effect.gen(function*() {
        const before: Array<Attempt> = []
        for (const met of all) {
          const reason = reasons[met.reason]
          const number = before.length + 1
          const next = yield* decide(attempt(number, met.slot, reason), reason, {
            before: [...before],
            maxAttempts,
            held: met.held === "no" ? null : { isCharged: met.held === "fail" }
          })
          before.push(attempt(number, met.slot, reason, next._tag === "Postpone"))
          assert.strictEqual(next._tag === "Postpone", met.held === "wait")
          if (next._tag === "Fail") break
        }
        assert.isAtMost(before.filter(({ isTry }) => isTry).length, maxAttempts)
      }),
    { arbitrary: { runs: 300, size: 40 } }
  )

  it.effect("does not count what was postponed", () =>
    Effect.gen(function*() {
      const before = [1, 2, 3, 4, 5].map((number) => attempt(number, 1, lost, true))
      assert.strictEqual((yield* decide(attempt(6, 1, lost), lost, { before }))._tag, "Retry")
    }))

  it.effect("has no pause of its own for what is held", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1000)
      const next = yield* decide(attempt(1, 1, overloaded), overloaded, { held: charged })
      assert.deepStrictEqual(next, AfterFailure.Retry({ at: DateTime.makeUnsafe(1000) }))
      assert.deepStrictEqual(yield* decide(attempt(1, 1, overloaded), overloaded, { held }), AfterFailure.Postpone())
      // Nor is a task postponed that says itself how often it is tried again.
      const own = yield* decide(attempt(1, 1, overloaded), overloaded, { held, retry: { overload: 0 } })
      assert.strictEqual(own._tag, "Fail")
    }))

  it.effect("quarantines for crashes on two slots, and not for those that all had", () =>
    Effect.gen(function*() {
      const tags = (before: ReadonlyArray<Attempt>, slot: number) =>
        Effect.map(decide(attempt(3, slot, lost), lost, { before, maxAttempts: 10 }), (next) =>
          next._tag === "Fail" ? next.reason._tag : next._tag)
      assert.strictEqual(yield* tags([attempt(1, 1, lost)], 2), "Quarantined")
      assert.strictEqual(yield* tags([attempt(1, 1, lost), attempt(2, 1, lost)], 1), "Retry")
      assert.strictEqual(yield* tags([attempt(1, 1, lost, true)], 2), "Retry")
      assert.strictEqual(yield* tags([attempt(1, 1, overloaded)], 2), "Retry")
    }))
})
