/**
 * A wall clock that jumps, as it does where it is set, or where the machine was suspended: what is waited for takes as long
 * as before.
 */
import { Clock, type Duration, Effect } from "effect"

export const jumpingClock = Effect.map(Clock.Clock, (clock) => {
  let offset = 0
  const wall: Clock.Clock = {
    ...clock,
    sleep: (duration: Duration.Duration) => clock.sleep(duration),
    monotonicTimeNanosUnsafe: () => clock.monotonicTimeNanosUnsafe(),
    currentTimeMillisUnsafe: () => clock.currentTimeMillisUnsafe() + offset,
    currentTimeMillis: Effect.map(clock.currentTimeMillis, (time) => time + offset),
    currentTimeNanosUnsafe: () => clock.currentTimeNanosUnsafe() + BigInt(offset) * 1_000_000n,
    currentTimeNanos: Effect.map(clock.currentTimeNanos, (time) => time + BigInt(offset) * 1_000_000n)
  }
  /** By so many milliseconds against the clock that it is made of. */
  return { wall, jump: (by: number) => void (offset = by) }
})
