/**
 * Stopping work for good, of whatever kind.
 */
import { Effect } from "effect"
import { isChainId, isGroupId, type WorkId } from "../../domain/WorkId.ts"
import { Chains } from "../Chains.ts"
import { FanOut } from "../FanOut.ts"
import { Tasks } from "../Tasks.ts"

export const makeCancel = Effect.gen(function*() {
  const tasks = yield* Tasks
  const fanOut = yield* FanOut
  const chains = yield* Chains

  const find = (id: WorkId) =>
    isGroupId(id)
      ? Effect.asVoid(fanOut.find(id))
      : isChainId(id)
      ? Effect.asVoid(chains.find(id))
      : Effect.asVoid(tasks.find(id))

  const stop = (id: WorkId, note: string) =>
    isGroupId(id) ? fanOut.cancel(id, note) : isChainId(id) ? chains.cancel(id, note) : tasks.cancel(id, note)

  return Effect.fn("Pool.cancel")(function*(ids: ReadonlyArray<WorkId>, note: string) {
    // An unknown one is said before anything is stopped.
    yield* Effect.forEach(ids, find, { discard: true })
    const stopped = yield* Effect.forEach(ids, (id) => Effect.map(stop(id, note), (done) => ({ id, done })), {
      concurrency: "unbounded"
    })
    return {
      cancelled: stopped.filter(({ done }) => done).map(({ id }) => id),
      already_finished: stopped.filter(({ done }) => !done).map(({ id }) => id)
    }
  })
})
