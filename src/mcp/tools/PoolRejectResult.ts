/**
 * `pool_reject_result`: a result that goes back to its author.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { notEmpty } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolRejectResult = structuredTool({
  name: "pool_reject_result",
  title: "Reject a result",
  description:
    "Use to send a result in review back: its author goes on with your feedback, and it comes back to review.",
  hints: startsWork,
  input: Schema.Struct({
    id: TaskId,
    feedback: Schema.String.annotate({ description: "What is wrong, and what is expected" }).check(notEmpty)
  }),
  output: replyOf({ id: Schema.String, state: StateName }),
  handler: Effect.fnUntraced(function*({ feedback, id }, call) {
    const pool = yield* Pool
    const { state } = yield* pool.reject(id, feedback)
    yield* call.unseen.show([id])
    return { id, state }
  })
})
