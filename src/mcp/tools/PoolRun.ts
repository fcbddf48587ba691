/**
 * `pool_run`: one task, waited for within bounds.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { Pool } from "../../services/Pool.ts"
import { softDeadline, WaitSeconds } from "../Deadline.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { briefTask, isFinished, TaskBrief } from "../TaskBrief.ts"
import { TaskInput, toRequest } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolRun = structuredTool({
  name: "pool_run",
  title: "Run a task on a worker",
  description:
    "Use for one bounded piece of work whose result you need now: a Claude worker does it in its own session. " +
    "After wait_s you get state \"running\" and an id for pool_wait. For several use pool_submit.",
  hints: startsWork,
  input: Schema.Struct({ ...TaskInput.fields, wait_s: Schema.optionalKey(WaitSeconds) }),
  output: replyOf(TaskBrief.fields),
  handler: Effect.fnUntraced(function*({ wait_s, ...input }, call) {
    const pool = yield* Pool

    // Once accepted, the task is known here before anything can interrupt: else it could not be cancelled.
    return yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
      const accepted = yield* pool.submit(toRequest(input))
      const id = TaskId.make(accepted.id)

      // Only a call that was taken back takes its task with it; work whose client has gone is kept for the next one.
      const cancel = Effect.andThen(call.unseen.show([id]), pool.cancel([id], "its pool_run call was cancelled")).pipe(
        Effect.tapError((failure) => Effect.logError(`${id} could not be cancelled`, failure)),
        Effect.ignore,
        Effect.when(call.isTakenBack)
      )

      const { done } = yield* pool.wait({ ids: [id], mode: "all", timeout: softDeadline(wait_s, call) }).pipe(
        withHeartbeat(call, [id], `${id} ${accepted.state}`),
        restore,
        Effect.onInterrupt(() => cancel)
      )
      const view = done[0] ?? (yield* pool.result(id))
      if (isFinished(view)) yield* call.unseen.show([id])
      return briefTask(view)
    }))
  })
})
