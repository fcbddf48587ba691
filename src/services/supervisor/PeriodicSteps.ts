/**
 * What is done again and again beside the looks, each by its own clock: one that fails, or takes long, holds up neither
 * the looks nor the others.
 */
import { Cause, Clock, Duration, Effect, FiberMap } from "effect"

/** Something that is done again and again, for as long as the pool is open. */
export interface PeriodicStep {
  readonly name: string
  readonly every: Duration.Duration
  readonly run: Effect.Effect<unknown, unknown>
}

/** To be called on each look: begins whatever is due and not under way. All of them are due at the first. */
export const makePeriodicSteps = Effect.fnUntraced(function*(steps: ReadonlyArray<PeriodicStep>) {
  const underWay = yield* FiberMap.make<string>()
  const due = new Map<string, number>()

  return Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    for (const { every, name, run } of steps) {
      if ((due.get(name) ?? now) > now || (yield* FiberMap.has(underWay, name))) continue
      due.set(name, now + Duration.toMillis(every))
      const logged = Effect.catchCauseIf(
        run,
        (cause) => !Cause.hasInterruptsOnly(cause),
        (cause) => Effect.logWarning(`the step "${name}" failed`, cause)
      )
      yield* FiberMap.run(underWay, name, logged)
    }
  })
})
