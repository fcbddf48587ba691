/**
 * `pool_submit`: a task handed out, and not waited for.
 */
import { Effect, Option, Schema } from "effect"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { TaskInput, toRequest } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolSubmit = structuredTool({
  name: "pool_submit",
  title: "Submit a task",
  description:
    "Use to hand work to a background Claude worker and go on: returns an id at once, and tasks run in parallel. " +
    "Collect results with pool_wait. Ids and results are kept on disk.",
  hints: startsWork,
  input: TaskInput,
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
