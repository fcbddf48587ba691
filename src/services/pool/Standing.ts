/**
 * Where work stands, as far as whoever waits for it is concerned: told from the store alone.
 */
import { Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import type { Task } from "../../domain/Task.ts"
import { isChainId, isGroupId, type WorkId } from "../../domain/WorkId.ts"
import { Store } from "../Store.ts"

export interface Standing {
  readonly id: WorkId
  readonly isFinished: boolean
  /** Results in it that somebody has to look at before it goes on. */
  readonly reviews: ReadonlyArray<Task>
}

/** Whether there is something to tell: an end, or something to do for whoever waits. */
export const isSettled = ({ isFinished, reviews }: Standing): boolean => isFinished || reviews.length > 0

const mostReviews = 100

const orFail = <A>(id: WorkId, found: Option.Option<A>): Effect.Effect<A, Failure> =>
  Option.isSome(found) ? Effect.succeed(found.value) : new Failure({ reason: new NotFound({ id }) })

export const makeStandings = Effect.gen(function*() {
  const store = yield* Store

  const reviewsIn = (id: WorkId) =>
    Effect.map(store.list({ tag: id, states: ["InReview"], limit: mostReviews }), ({ tasks }) => tasks)

  const ofWhole = Effect.fnUntraced(function*(id: WorkId, isFinished: boolean) {
    if (isFinished) return { id, isFinished, reviews: [] }
    const within = (yield* store.groups.open).filter((group) => group.within === id)
    const reviews = yield* Effect.forEach([id, ...within.map((group) => group.id)], reviewsIn)
    return { id, isFinished, reviews: reviews.flat() }
  })

  const stand = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<Standing, Failure> {
    if (isGroupId(id)) return yield* ofWhole(id, (yield* orFail(id, yield* store.groups.find(id))).isFinished)
    if (isChainId(id)) return yield* ofWhole(id, (yield* orFail(id, yield* store.chains.find(id))).isFinished)
    const task = yield* orFail(id, yield* store.find(id))
    return { id, isFinished: task.isFinished, reviews: task.state._tag === "InReview" ? [task] : [] }
  })

  /** Chains, groups that are no part of a chain, and tasks that are no part of anything, as long as they go on. */
  const unfinished = Effect.gen(function*() {
    const chains = yield* store.chains.open
    const groups = yield* store.groups.open
    const running = yield* store.running
    const queued = yield* store.queued
    return [
      ...chains.map(({ id }) => id),
      ...groups.filter(({ within }) => within === null).map(({ id }) => id),
      ...running.filter(([task]) => task.parent === null).map(([task]) => task.id),
      ...queued.filter(({ parent }) => parent === null).map(({ id }) => id)
    ]
  })

  return { stand, unfinished }
})
