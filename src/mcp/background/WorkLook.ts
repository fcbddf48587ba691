/**
 * A task, group or chain of the pool as a call that a client keeps itself.
 */
import { DateTime, Duration, Effect } from "effect"
import type { Schema } from "effect"
import type { ChainView } from "../../domain/ChainView.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { GroupView } from "../../domain/GroupView.ts"
import { formatUsd, fromUsd } from "../../domain/MicroUsd.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { endOfChain, endOfGroup, endOfTask } from "../WorkEnd.ts"

/** What is the same of all kinds of work. */
export interface WorkLook {
  readonly id: WorkId
  readonly state: "working" | "ended" | "cancelled"
  /** Results that wait for a review. */
  readonly reviews: ReadonlyArray<TaskView>
  /** Nothing goes on before one of them has had its review. */
  readonly isStuck: boolean
  readonly message: string
  readonly createdAt: string
  readonly updatedAt: string
  /** What the tool that started it answers now. */
  readonly end: Effect.Effect<Schema.JsonObject, Failure, Pool>
}

const cost = (usd: number): string => formatUsd(fromUsd(usd))

const describeTask = ({ cost_usd, progress, slot, state, waits_for }: TaskView): string => {
  if (state === "queued") return `queued${waits_for === undefined ? "" : `, waits for ${waits_for}`}`
  if (state !== "running") return `${state}, ${cost(cost_usd)}`
  const doing = progress === undefined ? [] : [cleanLine(progress.tool ?? progress.phase, 40)]
  return [slot ?? "running", ...doing, cost(Math.max(cost_usd, progress?.cost_usd ?? 0))].join(", ")
}

const describeGroup = ({ cost_usd, counts, items, state }: GroupView): string =>
  `${state}, ${counts.done}/${items} done, ${cost(cost_usd)}`

const describeChain = ({ cost_usd, state, steps }: ChainView): string => {
  const at = steps.findIndex((step) => step.state === "running" || step.state === "review")
  const step = at < 0 ? state : `step ${at + 1}/${steps.length} ${cleanLine(steps[at]?.name ?? "", 40)}`
  return `${step}, ${cost(cost_usd)}`
}

type Common = Pick<WorkLook, "createdAt" | "updatedAt">

const timesOf = (view: { readonly submitted_at: string; readonly finished_at?: string }) =>
  Effect.map(DateTime.now, (now): Common => ({
    createdAt: view.submitted_at,
    updatedAt: view.finished_at ?? DateTime.formatIso(now)
  }))

const stateOf = (state: string, isUnfinished: boolean): WorkLook["state"] =>
  isUnfinished ? "working" : state === "cancelled" ? "cancelled" : "ended"

const reviewsIn = (id: WorkId) =>
  Effect.flatMap(
    Pool,
    (pool) => Effect.map(pool.wait({ ids: [id], mode: "all", timeout: Duration.zero }), ({ review = [] }) => review)
  )

export const lookAtWork = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<WorkLook, Failure, Pool> {
  const pool = yield* Pool
  if (isTaskId(id)) {
    const view = yield* pool.result(id)
    const isInReview = view.state === "review"
    return {
      id,
      state: stateOf(view.state, isInReview || view.state === "queued" || view.state === "running"),
      reviews: isInReview ? [view] : [],
      isStuck: isInReview,
      message: describeTask(view),
      end: endOfTask(view),
      ...(yield* timesOf(view))
    }
  }
  if (isGroupId(id)) {
    const view = yield* pool.group(id)
    return {
      id,
      state: stateOf(view.state, view.finished_at === undefined),
      reviews: view.counts.review === 0 ? [] : yield* reviewsIn(id),
      isStuck: view.counts.review > 0 && view.counts.queued + view.counts.running === 0,
      message: describeGroup(view),
      end: endOfGroup(id),
      ...(yield* timesOf(view))
    }
  }
  const view = yield* pool.chain(id)
  const reviews = view.state === "running" ? yield* reviewsIn(id) : []
  return {
    id,
    state: stateOf(view.state, view.state === "running"),
    reviews,
    isStuck: reviews.length > 0 && !view.steps.some((step) => step.state === "running"),
    message: describeChain(view),
    end: endOfChain(id),
    ...(yield* timesOf(view))
  }
})
