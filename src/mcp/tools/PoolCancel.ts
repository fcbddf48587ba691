/**
 * `pool_cancel`: tasks stopped for good.
 */
import { Effect, Schema } from "effect"
import { CancelReply } from "../../domain/PoolView.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { Pool } from "../../services/Pool.ts"
import { TaskIds } from "../TaskIds.ts"
import { replyOf, structuredTool } from "../Tool.ts"

export const PoolCancel = structuredTool({
  name: "pool_cancel",
  title: "Cancel tasks",
  description:
    "Use to stop tasks for good, waiting or running: their processes are gone when this returns. Finished tasks stay as they are.",
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: Schema.Struct({
    ids: TaskIds,
    reason: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200)))
  }),
  output: replyOf(CancelReply.fields),
  handler: Effect.fnUntraced(function*({ ids, reason = "" }, call) {
    const pool = yield* Pool
    const reply = yield* pool.cancel(ids, reason)
    yield* call.unseen.show(reply.cancelled.map((id) => TaskId.make(id)))
    return reply
  })
})
