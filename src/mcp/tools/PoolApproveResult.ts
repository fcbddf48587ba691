/**
 * `pool_approve_result`: a result that may pass.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { replyOf, structuredTool } from "../Tool.ts"

export const PoolApproveResult = structuredTool({
  name: "pool_approve_result",
  title: "Approve a result",
  description:
    "Use to accept a result in review that you have read (pool_output); hash makes sure that it is that one.",
  hints: { readOnly: false, destructive: false, idempotent: true, openWorld: false },
  input: Schema.Struct({
    id: TaskId,
    hash: Schema.optionalKey(Schema.String),
    note: Schema.optionalKey(Schema.String)
  }),
  output: replyOf({ id: Schema.String, state: StateName }),
  handler: Effect.fnUntraced(function*({ id, ...approval }, call) {
    const pool = yield* Pool
    const { state } = yield* pool.approve(id, approval)
    yield* call.unseen.show([id])
    return { id, state }
  })
})
