/**
 * The pool as every surface shows it: status, pages, and what a wait or a cancel came to. Snake case, as `TaskView`.
 */
import { Schema } from "effect"
import { StateName, TaskView } from "./TaskView.ts"

export const BudgetView = Schema.Struct({
  spent_usd: Schema.Finite,
  reserved_usd: Schema.Finite,
  cap_usd: Schema.optionalKey(Schema.Finite),
  exact: Schema.optionalKey(Schema.Literal(false))
})
export type BudgetView = typeof BudgetView.Type

export const SlotView = Schema.Struct({
  slot: Schema.String,
  state: Schema.Literals(["starting", "idle", "busy", "failed"]),
  task: Schema.optionalKey(Schema.String),
  pid: Schema.optionalKey(Schema.Int),
  /** Why its spare could not be started. */
  error: Schema.optionalKey(Schema.String)
})
export type SlotView = typeof SlotView.Type

export const PoolStatus = Schema.Struct({
  store: Schema.String,
  /** Whether this process runs the pool, another one does, or none does. */
  pool: Schema.Literals(["here", "elsewhere", "none"]),
  slots: Schema.Array(SlotView),
  tasks: Schema.Record(StateName, Schema.Int),
  running: Schema.Array(TaskView),
  budget: BudgetView,
  containment: Schema.optionalKey(Schema.String)
})
export type PoolStatus = typeof PoolStatus.Type

export const ListReply = Schema.Struct({
  tasks: Schema.Array(TaskView),
  next_cursor: Schema.optionalKey(Schema.String),
  total: Schema.Int
})
export type ListReply = typeof ListReply.Type

export const WaitReply = Schema.Struct({
  done: Schema.Array(TaskView),
  running: Schema.Array(Schema.String).annotate({ description: "Ids that have not finished" }),
  timed_out: Schema.Boolean
})
export type WaitReply = typeof WaitReply.Type

export const CancelReply = Schema.Struct({
  cancelled: Schema.Array(Schema.String),
  already_finished: Schema.Array(Schema.String)
})
export type CancelReply = typeof CancelReply.Type

export const OutputReply = Schema.Struct({
  id: Schema.String,
  offset: Schema.Int,
  next_offset: Schema.optionalKey(Schema.Int),
  total: Schema.Int,
  text: Schema.String
})
export type OutputReply = typeof OutputReply.Type
