/**
 * `pool_wait`: what has become of tasks, as soon as there is something to tell.
 */
import { Effect, Schema } from "effect"
import { WorkId } from "../../domain/WorkId.ts"
import { briefChain, ChainBrief } from "../ChainBrief.ts"
import { softDeadline, WaitSeconds } from "../Deadline.ts"
import { briefGroup, GroupBrief } from "../GroupBrief.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { waitUnlessHeld } from "../Held.ts"
import { briefTask, TaskBrief } from "../TaskBrief.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"
import { WorkIds } from "../WorkIds.ts"

/** Of each kind, so that a reply has an upper size whatever the pool holds. */
const maxShown = 50

const more = <K extends string>(key: K, count: number) =>
  count <= maxShown ? {} : { [key]: count - maxShown } as { readonly [_ in K]?: number }

const asWorkId = Schema.decodeSync(Schema.String.pipe(Schema.decodeTo(WorkId)))

const Omitted = Schema.optionalKey(Schema.Int.annotate({ description: "How many more there are" }))

export const PoolWait = structuredTool({
  name: "pool_wait",
  title: "Wait for work",
  description:
    "Use once after handing out work: waits until all of it (or any) has finished or needs your review, at most " +
    "wait_s. Without ids: all that is unfinished.",
  hints: readsOnly,
  input: Schema.Struct({
    ids: Schema.optionalKey(WorkIds),
    mode: Schema.optionalKey(Schema.Literals(["all", "any"])),
    wait_s: Schema.optionalKey(WaitSeconds)
  }),
  output: replyOf({
    done: Schema.Array(TaskBrief),
    more_done: Omitted,
    groups: Schema.optionalKey(Schema.Array(GroupBrief)),
    chains: Schema.optionalKey(Schema.Array(ChainBrief)),
    review: Schema.optionalKey(Schema.Array(TaskBrief)).annotate({
      description: "Results to approve or reject before their work goes on"
    }),
    running: Schema.Array(Schema.String).annotate({ description: "Ids that have not finished" }),
    more_running: Omitted,
    timed_out: Schema.Boolean
  }),
  handler: Effect.fnUntraced(function*({ ids = [], mode = "all", wait_s }, call) {
    const subject = ids.length === 0 ? "all work" : ids.length === 1 ? ids[0] : `${ids.length} pieces of work`
    const reply = yield* waitUnlessHeld(call.held, { ids, mode, timeout: softDeadline(wait_s, call) }).pipe(
      withHeartbeat(call, ids, `waiting for ${subject}`)
    )
    const done = reply.done.slice(0, maxShown)
    const groups = (reply.groups ?? []).slice(0, maxShown)
    const chains = (reply.chains ?? []).slice(0, maxShown)
    const review = (reply.review ?? []).slice(0, maxShown)
    yield* call.unseen.show([...done, ...groups, ...chains, ...review].map(({ id }) => asWorkId(id)))
    return {
      done: done.map((view) => briefTask(view)),
      ...more("more_done", reply.done.length),
      ...(groups.length === 0 ? {} : { groups: groups.map(briefGroup) }),
      ...(chains.length === 0 ? {} : { chains: chains.map(briefChain) }),
      ...(review.length === 0 ? {} : { review: review.map((view) => briefTask(view)) }),
      running: reply.running.slice(0, maxShown),
      ...more("more_running", reply.running.length),
      timed_out: reply.timed_out
    }
  })
})
