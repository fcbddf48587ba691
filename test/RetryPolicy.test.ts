import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import { NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import type { Reason } from "../src/domain/Failure.ts"
import { BillingStopped, BudgetExceeded, TimedOut, UsageLimited } from "../src/domain/LimitFailure.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Cancelled, PermissionRefused } from "../src/domain/RequestFailure.ts"
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
import { nextAttemptAt } from "../src/services/RetryPolicy.ts"

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
