/**
 * `pool_wait`: what has become of tasks, as soon as there is something to tell.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { Pool } from "../../services/Pool.ts"
import { softDeadline, WaitSeconds } from "../Deadline.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { briefTask, TaskBrief } from "../TaskBrief.ts"
import { TaskIds } from "../TaskIds.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"

/** Of each kind, so that a reply has an upper size whatever the pool holds. */
const maxShown = 50

const more = <K extends string>(key: K, count: number) =>
  count <= maxShown ? {} : { [key]: count - maxShown } as { readonly [_ in K]?: number }

const Omitted = Schema.optionalKey(Schema.Int.annotate({ description: "How many more there are" }))

export const PoolWait = structuredTool({
  name: "pool_wait",
  title: "Wait for tasks",
  description:
    "Use once after pool_submit to collect results: blocks until all tasks (or any one) have finished, at most wait_s. " +
    "Without ids it waits for all that are unfinished. The tasks go on whatever becomes of the wait.",
  hints: readsOnly,
  input: Schema.Struct({
    ids: Schema.optionalKey(TaskIds),
    mode: Schema.optionalKey(Schema.Literals(["all", "any"])),
    wait_s: Schema.optionalKey(WaitSeconds)
  }),
  output: replyOf({
    done: Schema.Array(TaskBrief),
    more_done: Omitted,
    running: Schema.Array(Schema.String).annotate({ description: "Ids that have not finished" }),
    more_running: Omitted,
    timed_out: Schema.Boolean
  }),
  handler: Effect.fnUntraced(function*({ ids = [], mode = "all", wait_s }, call) {
    const pool = yield* Pool
    const subject = ids.length === 0 ? "all tasks" : ids.length === 1 ? ids[0] : `${ids.length} tasks`
    const reply = yield* pool.wait({ ids, mode, timeout: softDeadline(wait_s, call) }).pipe(
      withHeartbeat(call, ids, `waiting for ${subject}`)
    )
    const shown = reply.done.slice(0, maxShown)
    yield* call.unseen.show(shown.map(({ id }) => TaskId.make(id)))
    return {
      done: shown.map((view) => briefTask(view)),
      ...more("more_done", reply.done.length),
      running: reply.running.slice(0, maxShown),
      ...more("more_running", reply.running.length),
      timed_out: reply.timed_out
    }
  })
})
