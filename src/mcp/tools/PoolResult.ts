/**
 * `pool_result`: one task as it stands.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { Pool } from "../../services/Pool.ts"
import { asReview, briefTask, isSettled, TaskBrief } from "../TaskBrief.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"

export const PoolResult = structuredTool({
  name: "pool_result",
  title: "Look at a task",
  description: "Use to look at one task without waiting, finished or not: structured answer, branch, cost, error.",
  hints: readsOnly,
  input: Schema.Struct({ id: TaskId }),
  output: replyOf(TaskBrief.fields),
  handler: Effect.fnUntraced(function*({ id }, call) {
    const pool = yield* Pool
    const view = yield* pool.result(id)
    if (isSettled(view)) yield* call.unseen.show([id], asReview(view))
    return briefTask(view, { whole: true })
  })
})
