/**
 * `pool_submit`: a task handed out, and not waited for.
 */
import { Effect, Option, Schema } from "effect"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { SubmitInput, toRequest } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolSubmit = structuredTool({
  name: "pool_submit",
  title: "Submit a task",
  description:
    "Use like pool_run, to go on at once: tasks run in parallel, in the background. Returns an id for pool_wait.",
  hints: startsWork,
  input: SubmitInput,
  output: replyOf({
    id: Schema.String,
    state: StateName,
    ahead: Schema.optionalKey(Schema.Int.annotate({ description: "Tasks that wait before it" }))
  }),
  handler: Effect.fnUntraced(function*(input) {
    const pool = yield* Pool
    const { id, state } = yield* pool.submit(toRequest(input))
    // The task is accepted whatever becomes of this look at the queue.
    const status = yield* Effect.option(pool.status)
    return state !== "queued" || Option.isNone(status)
      ? { id, state }
      : { id, state, ahead: Math.max(0, status.value.tasks.queued - 1) }
  })
})
