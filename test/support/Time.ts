/**
 * Time in tests: it passes when the test says so, and never before everything that can happen has happened.
 */
import { Duration, Effect } from "effect"
import { TestClock } from "effect/testing"

/** Lets every fiber go on until it waits for the clock or for the test. Nothing in these tests waits for the machine. */
export const settle: Effect.Effect<void> = Effect.forEach(Array.from({ length: 200 }), () => Effect.yieldNow, {
  discard: true
})

/** Lets time pass in small steps, as it does: what is begun in one of them may end in a later one. */
export const pass = (time: Duration.Input, steps = 20): Effect.Effect<void> => {
  const step = Duration.divideUnsafe(Duration.fromInputUnsafe(time), steps)
  return Effect.andThen(
    settle,
    Effect.forEach(Array.from({ length: steps }), () => Effect.andThen(TestClock.adjust(step), settle), {
      discard: true
    })
  )
}
