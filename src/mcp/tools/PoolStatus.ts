/**
 * `pool_status`: the pool at a glance.
 */
import { Effect, Schema } from "effect"
import { overlapText } from "../../domain/Overlap.ts"
import type { PoolStatus as Status } from "../../domain/PoolView.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Pool } from "../../services/Pool.ts"
import { briefHold, HoldBrief } from "../HoldBrief.ts"
import { openReviews } from "../OpenReviews.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"
import { NoInput } from "../ToolSchema.ts"

/** More of them are told by the count of busy slots. */
const maxRunning = 8

/** Of more of them, the number is known. */
const maxOverlaps = 8

const maxReviews = 4

const Count = Schema.optionalKey(Schema.Int)

const countSlots = (slots: Status["slots"]) => {
  const count = (state: Status["slots"][number]["state"]) => slots.filter((slot) => slot.state === state).length
  const starting = count("starting")
  const draining = count("draining")
  const resting = count("resting")
  const failed = count("failed")
  return {
    idle: count("idle"),
    busy: count("busy"),
    ...(starting === 0 ? {} : { starting }),
    ...(draining === 0 ? {} : { draining }),
    ...(resting === 0 ? {} : { resting }),
    ...(failed === 0 ? {} : { failed })
  }
}

const Row = Schema.Struct({ id: Schema.String, name: Schema.optionalKey(Schema.String), s: Schema.Finite })

const toRow = ({ id, name, s }: TaskView): typeof Row.Type => ({
  id,
  ...(name === undefined ? {} : { name: cleanLine(name, 40) }),
  s
})

export const PoolStatus = structuredTool({
  name: "pool_status",
  title: "Status of the pool",
  description: "Use to see the pool as a whole: slots, queue, running tasks, money, and why nothing starts.",
  hints: readsOnly,
  input: NoInput,
  output: replyOf({
    pool: Schema.optionalKey(
      Schema.Literals(["elsewhere", "none"]).annotate({
        description: "Where the pool runs, if not in this server"
      })
    ),
    slots: Schema.Struct({
      idle: Schema.Int,
      busy: Schema.Int,
      starting: Count,
      draining: Count,
      resting: Count,
      failed: Count
    }),
    holds: Schema.optionalKey(Schema.Array(HoldBrief)).annotate({ description: "Why nothing is started" }),
    overlaps: Schema.optionalKey(Schema.Struct({ count: Schema.Int, first: Schema.Array(Schema.String) })),
    queued: Schema.Int,
    running: Schema.Array(Row),
    review: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({ description: "The newest results that wait to be approved or rejected" })
    ),
    more_review: Count,
    budget: Schema.Struct({
      spent_usd: Schema.Finite,
      reserved_usd: Schema.optionalKey(Schema.Finite),
      cap_usd: Schema.optionalKey(Schema.Finite)
    })
  }),
  handler: Effect.fnUntraced(function*() {
    const pool = yield* Pool
    const { budget, holds = [], overlaps = [], running, slots, tasks, pool: where } = yield* pool.status
    const { count, first } = yield* openReviews(tasks.review, maxReviews)
    return {
      ...(where === "here" ? {} : { pool: where }),
      slots: countSlots(slots),
      ...(holds.length === 0 ? {} : { holds: holds.map(briefHold) }),
      ...(overlaps.length === 0
        ? {}
        : { overlaps: { count: overlaps.length, first: overlaps.slice(0, maxOverlaps).map(overlapText) } }),
      queued: tasks.queued,
      running: running.slice(0, maxRunning).map(toRow),
      ...(first.length === 0 ? {} : { review: first.map(({ id }) => id) }),
      ...(count <= first.length ? {} : { more_review: count - first.length }),
      budget: {
        spent_usd: budget.spent_usd,
        ...(budget.reserved_usd === 0 ? {} : { reserved_usd: budget.reserved_usd }),
        ...(budget.cap_usd === undefined ? {} : { cap_usd: budget.cap_usd })
      }
    }
  })
})
