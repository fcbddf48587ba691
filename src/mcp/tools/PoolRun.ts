/**
 * `pool_run`: one task, waited for within bounds.
 */
import { Effect, Schema, Struct } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { Pool } from "../../services/Pool.ts"
import { acceptAndWait } from "../Accepted.ts"
import { WaitSeconds } from "../Deadline.ts"
import { asReview, briefTask, isSettled, TaskBrief } from "../TaskBrief.ts"
import { TaskInput, toRequest } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolRun = structuredTool({
  name: "pool_run",
  title: "Run a task on a worker",
  description:
    "Use for one bounded piece of work whose result you need now: a Claude worker does it in its own session. " +
    "After wait_s: state running, and an id for pool_wait.",
  hints: startsWork,
  input: Schema.Struct({ ...TaskInput.fields, wait_s: Schema.optionalKey(WaitSeconds) }),
  output: replyOf(TaskBrief.fields),
  background: (input) =>
    Effect.flatMap(Pool, (pool) => Effect.map(pool.submit(toRequest(Struct.omit(input, ["wait_s"]))), ({ id }) => id)),
  handler: Effect.fnUntraced(function*({ wait_s, ...input }, call) {
    const pool = yield* Pool
    const accept = Effect.map(pool.submit(toRequest(input)), ({ id }) => TaskId.make(id))
    const [id, { done, review }] = yield* acceptAndWait(accept, call, wait_s)
    const view = done[0] ?? review?.[0] ?? (yield* pool.result(id))
    if (isSettled(view)) yield* call.unseen.show([id], asReview(view))
    return briefTask(view)
  })
})
