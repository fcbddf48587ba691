/**
 * Throwing away what is finished and old, on demand.
 */
import { Duration, Effect } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { PruneOptions } from "../../domain/Pruning.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Store } from "../Store.ts"

export const makePrune = Effect.gen(function*() {
  const store = yield* Store

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
    return yield* store.prune(options)
  })
})
