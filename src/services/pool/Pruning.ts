/**
 * Throwing away what is finished and old, on demand and by itself; whoever listens is told.
 */
import { Duration, Effect, Exit } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { PruneOptions, PruneReport } from "../../domain/Pruning.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"

const hasGone = ({ chains, groups, tasks }: PruneReport): boolean => chains + groups + tasks > 0

/** As the store does it, told of. One that did not come to its end may have thrown away something as well. */
export const makeToldPrune = Effect.gen(function*() {
  const store = yield* Store
  const events = yield* Events

  return (options: PruneOptions) =>
    store.prune(options).pipe(
      Effect.onExit((exit) =>
        options.dryRun || (Exit.isSuccess(exit) && !hasGone(exit.value))
          ? Effect.void
          : events.publish(PoolEvent.cases.Pruned.make({}))
      )
    )
})

export const makePrune = Effect.gen(function*() {
  const prune = yield* makeToldPrune

  return Effect.fn("Pool.prune")(function*(options: PruneOptions) {
    const { keepBytes, olderThan } = options
    const issues = [
      ...(olderThan !== null && Duration.isLessThan(olderThan, Duration.zero)
        ? ["olderThan: must not be below zero"]
        : []),
      ...(keepBytes !== null && !(keepBytes >= 0) ? ["keepBytes: must not be below zero"] : [])
    ]
    if (issues.length > 0) {
      return yield* new Failure({
        reason: new InvalidRequest({ issues, hint: "an age such as 30d, and a size such as 2GiB; null for none" })
      })
    }
    return yield* prune(options)
  })
})
