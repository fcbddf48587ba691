/**
 * `pool_cancel`: tasks stopped for good.
 */
import { Effect, Schema } from "effect"
import { CancelReply } from "../../domain/PoolView.ts"
import { Pool } from "../../services/Pool.ts"
import { replyOf, structuredTool } from "../Tool.ts"
import { WorkIds } from "../WorkIds.ts"

export const PoolCancel = structuredTool({
  name: "pool_cancel",
  title: "Cancel work",
  description: "Use to stop work for good: its processes are gone when this returns.",
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: Schema.Struct({
    ids: WorkIds,
    reason: Schema.optionalKey(Schema.String.check(Schema.makeFilter((reason) => reason.length <= 200)))
  }),
  output: replyOf(CancelReply.fields),
  handler: Effect.fnUntraced(function*({ ids, reason = "" }, call) {
    const pool = yield* Pool
    const reply = yield* pool.cancel(ids, reason)
    yield* call.unseen.show(ids.filter((id) => reply.cancelled.includes(id)))
    return reply
  })
})
