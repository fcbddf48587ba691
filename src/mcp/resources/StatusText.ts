/**
 * `pool://status`: the pool as a whole, as JSON.
 */
import { Effect } from "effect"
import { overlapText } from "../../domain/Overlap.ts"
import type { SlotView } from "../../domain/PoolView.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Pool } from "../../services/Pool.ts"
import { briefHold } from "../HoldBrief.ts"
import { briefTask } from "../TaskBrief.ts"
import { ownName } from "./RecentWorks.ts"

/** Of more than these the number is known. */
const mostListed = 20
const mostOverlaps = 8

const toSlot = ({ error, name, role, slot, state, task, until }: SlotView) => ({
  slot,
  state,
  ...(task === undefined ? {} : { task }),
  ...(role === undefined ? {} : { role }),
  ...(name === undefined ? {} : { name }),
  ...(until === undefined ? {} : { until }),
  ...(error === undefined ? {} : { error: cleanLine(error, 200) })
})

const toRow = (view: TaskView) => {
  const { cost_usd, id, progress, s } = briefTask(view)
  return { id, ...ownName(view), s, cost_usd, ...(progress === undefined ? {} : { progress }) }
}

export const statusText = Effect.gen(function*() {
  const pool = yield* Pool
  const { budget, holds = [], overlaps = [], pool: where, running, slots, tasks } = yield* pool.status
  const review = tasks.review === 0 ? [] : (yield* pool.list({ states: ["review"], limit: mostListed })).tasks
  return JSON.stringify({
    pool: where,
    slots: slots.map(toSlot),
    tasks,
    running: running.slice(0, mostListed).map(toRow),
    ...(review.length === 0 ? {} : { review: review.map(({ id }) => id) }),
    ...(holds.length === 0 ? {} : { holds: holds.map(briefHold) }),
    ...(overlaps.length === 0
      ? {}
      : { overlaps: { count: overlaps.length, first: overlaps.slice(0, mostOverlaps).map(overlapText) } }),
    budget
  })
})
