/**
 * Waiting for work: until all of it, or any of it, has come to something. Looks at the store, and again whenever `again`
 * says that something may have changed; the two kinds of pool differ only in what says so.
 */
import { Effect, Option, Ref } from "effect"
import type { WaitOptions } from "../../domain/CallOptions.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { WaitReply } from "../../domain/PoolView.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { isSettled, makeStandings, type Standing } from "./Standing.ts"
import type { Views } from "./Views.ts"

export interface WaitingOptions {
  readonly views: Views
  /** Runs a look until it succeeds with true: once at first, and then whenever something may have changed. */
  readonly until: (
    ids: ReadonlyArray<WorkId>,
    look: Effect.Effect<boolean, Failure>
  ) => Effect.Effect<void, Failure>
}

export const makeWait = Effect.fnUntraced(function*({ until, views }: WaitingOptions) {
  const { stand, unfinished } = yield* makeStandings

  const reply = Effect.fnUntraced(function*(
    standings: ReadonlyArray<Standing>,
    timedOut: boolean
  ): Effect.fn.Return<WaitReply, Failure> {
    const finished = standings.filter(({ isFinished }) => isFinished).map(({ id }) => id)
    const groups = yield* Effect.forEach(finished.filter(isGroupId), views.group)
    const chains = yield* Effect.forEach(finished.filter(isChainId), views.chain)
    const review = yield* Effect.forEach(standings.flatMap(({ reviews }) => reviews), views.task)
    return {
      done: yield* Effect.forEach(finished.filter(isTaskId), views.find),
      ...(groups.length === 0 ? {} : { groups }),
      ...(chains.length === 0 ? {} : { chains }),
      ...(review.length === 0 ? {} : { review }),
      running: standings.filter((standing) => !isSettled(standing)).map(({ id }) => id),
      timed_out: timedOut
    }
  })

  return Effect.fn("Pool.wait")(function*({ ids, mode, timeout }: WaitOptions) {
    const chosen = ids.length === 0 ? yield* unfinished : [...new Set(ids)]
    const standings = yield* Ref.make<ReadonlyArray<Standing>>([])
    // What has come to its end stays there: only the rest is looked at again.
    const look = Effect.gen(function*() {
      const before = yield* Ref.get(standings)
      const now = yield* Effect.forEach(chosen, (id, at) => {
        const known = before[at]
        return known?.isFinished === true ? Effect.succeed(known) : stand(id)
      })
      yield* Ref.set(standings, now)
      return now.length === 0 || (mode === "all" ? now.every(isSettled) : now.some(isSettled))
    })
    const inTime = yield* Effect.timeoutOption(until(chosen, look), timeout)
    if (Option.isNone(inTime)) yield* look
    return yield* reply(yield* Ref.get(standings), Option.isNone(inTime))
  })
})
