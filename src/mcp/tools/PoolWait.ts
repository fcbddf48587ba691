/**
 * `pool_wait`: what has become of work, as soon as there is something to tell.
 */
import { Clock, Duration, Effect, Schema } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { WaitReply } from "../../domain/PoolView.ts"
import { WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { beginWait } from "../background/WaitId.ts"
import type { Call } from "../Call.ts"
import { ChainBrief } from "../ChainBrief.ts"
import { softDeadline, WaitSeconds } from "../Deadline.ts"
import { GroupBrief } from "../GroupBrief.ts"
import { withHeartbeat } from "../Heartbeat.ts"
import { waitUnlessHeld } from "../Held.ts"
import { type Digest, digestFields, digestsOf, newsSince } from "../News.ts"
import { openReviews } from "../OpenReviews.ts"
import { TaskBrief } from "../TaskBrief.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"
import { WorkIds } from "../WorkIds.ts"

/** In tokens, of all digests of a reply: beside them is room for what every reply may carry. */
const roomSince = 3000
const room = 9000

const mostRunning = 50
const mostReviews = 50
const mostRunningSince = 20

const more = <K extends string>(key: K, count: number) =>
  count <= 0 ? {} : { [key]: count } as { readonly [_ in K]?: number }

const asWorkId = Schema.decodeSync(Schema.String.pipe(Schema.decodeTo(WorkId)))

const idsOf = (digests: ReadonlyArray<Digest>) => digests.map(({ brief }) => asWorkId(brief.id))

/** Each as what it was shown: a review may have been decided since. */
const showAll = ({ unseen }: Call, digests: ReadonlyArray<Digest>) =>
  Effect.andThen(
    unseen.show(idsOf(digests.filter(({ kind }) => kind === "review")), "review"),
    unseen.show(idsOf(digests.filter(({ kind }) => kind !== "review")))
  )

const Omitted = Schema.optionalKey(Schema.Int.annotate({ description: "How many more there are" }))

interface Asked {
  readonly ids: ReadonlyArray<WorkId>
  readonly mode?: "all" | "any" | undefined
  readonly timeout: Duration.Duration
}

/** Where nothing goes on, and no work is named: all reviews there are. Nobody is told of them by an event any more. */
const withReviews = Effect.fnUntraced(function*(reply: WaitReply, ids: ReadonlyArray<WorkId>) {
  if (ids.length > 0 || reply.running.length > 0) return reply
  const { tasks } = yield* (yield* Pool).status
  const { review = [] } = reply
  const { first } = yield* openReviews(tasks.review, mostReviews)
  const others = first.filter(({ id }) => review.every((one) => one.id !== id))
  return { ...reply, ...(review.length + others.length === 0 ? {} : { review: [...review, ...others] }) }
})

/** What has become of work that was going on when the wait began. */
const waitNow = Effect.fnUntraced(function*({ ids, mode = "all", timeout }: Asked, call: Call) {
  const reply = yield* withReviews(yield* waitUnlessHeld(call.held, { ids, mode, timeout }), ids)
  const { digests, left } = digestsOf(reply, room)
  yield* showAll(call, digests)
  const seq = yield* call.unseen.seq
  return {
    ...digestFields(digests),
    ...more("more_done", left),
    running: reply.running.slice(0, mostRunning),
    ...more("more_running", reply.running.length - mostRunning),
    ...(seq === undefined ? {} : { seq }),
    timed_out: reply.timed_out
  }
})

/** What came after a number, at once where there is something; else the first thing that comes. */
const waitSince = Effect.fnUntraced(function*({ ids, mode = "any", timeout }: Asked, since: number, call: Call) {
  const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(timeout)
  const stand = waitUnlessHeld(call.held, { ids, mode: "all", timeout: Duration.zero })

  const next: (last: WaitReply) => Effect.Effect<
    { readonly news: Effect.Success<ReturnType<typeof newsSince>>; readonly standing: WaitReply },
    Failure,
    Pool
  > = Effect.fnUntraced(function*(last: WaitReply) {
    // Looked at before: what has not finished then, or is news after it, is not passed over.
    const standing = yield* stand
    const news = yield* newsSince({ since, ids, room: roomSince })
    const left = deadline - (yield* Clock.currentTimeMillis)
    if (news.digests.length > 0 || standing.running.length === 0 || left <= 0 || last.timed_out) {
      return { news, standing }
    }
    return yield* next(
      yield* waitUnlessHeld(call.held, {
        ids: standing.running.map((id) => asWorkId(id)),
        mode: "any",
        timeout: Duration.millis(left)
      })
    )
  })

  const nothing: WaitReply = { done: [], running: [], timed_out: false }
  const { news, standing } = yield* next(
    mode === "all" ? yield* waitUnlessHeld(call.held, { ids, mode, timeout }) : nothing
  )
  yield* ids.length === 0 ? call.unseen.showBetween(since, news.seq) : showAll(call, news.digests)
  // What goes on only with a review is told again: there is nothing else to wait for.
  const isQuiet = news.digests.length === 0 && standing.running.length === 0
  const { review = [] } = isQuiet ? yield* withReviews(standing, ids) : nothing
  const { digests, left } = isQuiet ? digestsOf({ ...nothing, review }, roomSince) : news
  const told = new Set<string>(idsOf(news.digests))
  const running = standing.running.filter((id) => !told.has(id))
  return {
    ...digestFields(digests),
    ...more("more_done", left),
    running: running.slice(0, mostRunningSince),
    ...more("more_running", running.length - mostRunningSince),
    seq: news.seq,
    timed_out: digests.length === 0 && running.length > 0
  }
})

export const PoolWait = structuredTool({
  name: "pool_wait",
  title: "Wait for work",
  description:
    "Use once after handing out work: waits until all of it (or any) has finished or needs your review. Without ids: all " +
    "that is unfinished. With since, the seq of a reply: what came after it, else the next to come.",
  hints: readsOnly,
  input: Schema.Struct({
    since: Schema.optionalKey(Schema.Int.check(Schema.makeFilter((seq) => seq >= 0 || "must not be below zero"))),
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
    seq: Schema.optionalKey(
      Schema.Int.annotate({ description: "Give it as since: what comes after it is what you have not been shown" })
    ),
    timed_out: Schema.Boolean
  }),
  background: beginWait,
  handler: Effect.fnUntraced(function*({ ids = [], mode, since, wait_s }, call) {
    const subject = ids.length === 0 ? "all work" : ids.length === 1 ? ids[0] : `${ids.length} pieces of work`
    const asked: Asked = { ids, mode, timeout: softDeadline(wait_s, call) }
    const wait = since === undefined ? waitNow(asked, call) : waitSince(asked, since, call)
    return yield* wait.pipe(withHeartbeat(call, ids, `waiting for ${subject}`))
  })
})
