/**
 * A group as every surface shows it. Snake case, as `TaskView`.
 */
import { Schema } from "effect"
import { FailureView, TaskView } from "./TaskView.ts"

/** How a group stands; `reducing`: its items have ended, and one answer is made of them. */
export const GroupStateName = Schema.Literals(["running", "reducing", "done", "failed", "cancelled"])
export type GroupStateName = typeof GroupStateName.Type

/** How many items are in each state. */
export const ItemCountsView = Schema.Struct({
  queued: Schema.Int,
  running: Schema.Int,
  review: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int
})
export type ItemCountsView = typeof ItemCountsView.Type

export const GroupView = Schema.Struct({
  id: Schema.String,
  state: GroupStateName,
  name: Schema.optionalKey(Schema.String),
  /** The chain that it is a step of. */
  part_of: Schema.optionalKey(Schema.String),
  items: Schema.Int,
  counts: ItemCountsView,
  /** What all of its tasks have cost, replaced ones and the reducer too. */
  cost_usd: Schema.Finite,
  cost_exact: Schema.optionalKey(Schema.Literal(false)),
  s: Schema.Finite,
  submitted_at: Schema.String,
  finished_at: Schema.optionalKey(Schema.String),
  /** The task that answers for the group, and how its answer begins. */
  reducer: Schema.optionalKey(Schema.String),
  summary: Schema.optionalKey(Schema.String),
  retries: Schema.optionalKey(Schema.Int),
  error: Schema.optionalKey(FailureView)
})
export type GroupView = typeof GroupView.Type

/** A page of a group's items, in their order: each with the task that stands for it now. */
export const ItemsReply = Schema.Struct({
  items: Schema.Array(TaskView),
  next_index: Schema.optionalKey(Schema.Int),
  total: Schema.Int
})
export type ItemsReply = typeof ItemsReply.Type

/** What a retry came to: what is run again, and what was found finished. */
export const RetryReply = Schema.Struct({
  id: Schema.String,
  rerun: Schema.Int,
  kept: Schema.Int
})
export type RetryReply = typeof RetryReply.Type
