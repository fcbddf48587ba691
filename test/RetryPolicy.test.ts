import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect } from "effect"
import { TestClock } from "effect/testing"
import type { Reason } from "../src/domain/Failure.ts"
import { UsageLimited } from "../src/domain/LimitFailure.ts"
import { ProviderFailed, RequestRejected, SchemaMismatch, WorkerLost } from "../src/domain/WorkerFailure.ts"
import { nextAttemptAt } from "../src/services/RetryPolicy.ts"

const overloaded = new ProviderFailed({ status: 529, detail: "overloaded" })
const lost = new WorkerLost({ detail: "signal 9" })

const delay = (reason: Reason, failures: number, maxAttempts = 10) =>
  Effect.gen(function*() {
    const at = yield* nextAttemptAt({ reason, failures, maxAttempts })
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
    }))

  it.effect("does not try again what cannot pass", () =>
    Effect.gen(function*() {
      assert.isNull(yield* delay(new RequestRejected({ status: 400, detail: "" }), 1))
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
        return DateTime.toEpochMillis((yield* nextAttemptAt({ reason, failures: 1, maxAttempts: 3 }))!)
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
