/**
 * Results that wait for a review, whoever handed in their work and whoever has been shown them: they are nobody's news any
 * more, and nothing comes of them until somebody decides.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"

export interface OpenReviews {
  readonly count: number
  /** The newest of them. */
  readonly first: ReadonlyArray<TaskView>
}

/** Of as many as `count` says, so many are looked at. */
export const openReviews = Effect.fnUntraced(function*(
  count: number,
  limit: number
): Effect.fn.Return<OpenReviews, Failure, Pool> {
  if (count === 0) return { count, first: [] }
  const { tasks, total } = yield* (yield* Pool).list({ states: ["review"], limit })
  return { count: total, first: tasks }
})
