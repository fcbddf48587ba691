/**
 * What has come to its end or to its review after a number of the log, as digests that fit into one reply. The same number
 * gives the same again; what did not fit comes after the number that is handed back.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { GroupId } from "../domain/GroupId.ts"
import type { InboxEntry } from "../domain/Inbox.ts"
import type { WaitReply } from "../domain/PoolView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { briefChain, type ChainBrief } from "./ChainBrief.ts"
import { briefGroup, type GroupBrief } from "./GroupBrief.ts"
import { briefTask, type TaskBrief } from "./TaskBrief.ts"
import { tokensOf } from "./Tokens.ts"
import { isTold } from "./Unseen.ts"

export type Digest =
  | { readonly kind: "done"; readonly brief: TaskBrief }
  | { readonly kind: "review"; readonly brief: TaskBrief }
  | { readonly kind: "groups"; readonly brief: GroupBrief }
  | { readonly kind: "chains"; readonly brief: ChainBrief }

export interface News {
  readonly digests: ReadonlyArray<Digest>
  /** Where to go on from. */
  readonly seq: number
  /** What there is after it already, as far as that is known. */
  readonly left: number
}

export interface NewsOptions {
  readonly since: number
  /** Only these, and the reviews that are parts of them. */
  readonly ids: ReadonlyArray<WorkId>
  /** In tokens, of all digests. */
  readonly room: number
}

const pageSize = 100
/** Of a chain, in tokens: its steps are a call away. */
const chainSize = 400

/** What has gone since is no news. */
const ifThere = <A>(view: Effect.Effect<A, Failure>): Effect.Effect<A | undefined, Failure> =>
  Effect.catchIf(view, ({ reason }) => reason._tag === "NotFound", () => Effect.undefined)

const digestTask = (view: TaskView): Digest => ({
  kind: view.state === "review" ? "review" : "done",
  brief: briefTask(view)
})

/** Of what a wait came to, as much as there is room for, in the order of what has to be done about it. */
export const digestsOf = ({ chains = [], done, groups = [], review = [] }: WaitReply, room: number) => {
  const makers: ReadonlyArray<() => Digest> = [
    ...review.map((view) => () => digestTask(view)),
    ...groups.map((view) => (): Digest => ({ kind: "groups", brief: briefGroup(view) })),
    ...chains.map((view) => (): Digest => ({ kind: "chains", brief: briefChain(view, chainSize) })),
    ...done.map((view) => () => digestTask(view))
  ]
  const digests: Array<Digest> = []
  let size = 0
  for (const make of makers) {
    const made = make()
    size += tokensOf(made.brief) + 1
    if (size > room) break
    digests.push(made)
  }
  return { digests, left: makers.length - digests.length }
}

const digest = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<Digest | undefined, Failure, Pool> {
  const pool = yield* Pool
  if (isTaskId(id)) {
    const view = yield* ifThere(pool.result(id))
    return view && digestTask(view)
  }
  if (isGroupId(id)) {
    const view = yield* ifThere(pool.group(id))
    return view && { kind: "groups", brief: briefGroup(view) }
  }
  if (!isChainId(id)) return undefined
  const view = yield* ifThere(pool.chain(id))
  return view && { kind: "chains", brief: briefChain(view, chainSize) }
})

/** Whether an entry is asked for: by itself, or as the review of a part. */
const isWanted = Effect.fnUntraced(function*(ids: ReadonlyArray<WorkId>, entry: InboxEntry) {
  if (ids.length === 0) return isTold(entry)
  const isAmong = (id: string | undefined) => ids.some((one) => one === id)
  if (isAmong(entry.id)) return true
  const { part_of } = entry
  if (entry.state !== "review" || part_of === undefined) return false
  if (isAmong(part_of) || !isGroupId(part_of)) return isAmong(part_of)
  return isAmong((yield* ifThere((yield* Pool).group(GroupId.make(part_of))))?.part_of)
})

export const newsSince = Effect.fn("mcp.newsSince")(
  function*({ ids, room, since }: NewsOptions): Effect.fn.Return<News, Failure, Pool> {
    const pool = yield* Pool
    const digests = new Map<WorkId, Digest>()
    let seq = since
    let size = 0
    for (;;) {
      const page = yield* pool.inbox({ since: seq, limit: pageSize })
      const wanted = yield* Effect.filter(page.entries, (entry) => isWanted(ids, entry))
      for (const [index, entry] of wanted.entries()) {
        const found = digests.has(entry.id) ? undefined : yield* digest(entry.id)
        const cost = found === undefined ? 0 : tokensOf(found.brief) + 1
        if (size + cost > room) {
          return { digests: [...digests.values()], seq: entry.seq - 1, left: wanted.length - index }
        }
        if (found !== undefined) digests.set(entry.id, found)
        size += cost
      }
      seq = page.seq
      if (!page.more) return { digests: [...digests.values()], seq, left: 0 }
    }
  }
)

/** As they stand in a reply. */
export const digestFields = (digests: ReadonlyArray<Digest>) => {
  const done = digests.flatMap((one) => (one.kind === "done" ? [one.brief] : []))
  const review = digests.flatMap((one) => (one.kind === "review" ? [one.brief] : []))
  const groups = digests.flatMap((one) => (one.kind === "groups" ? [one.brief] : []))
  const chains = digests.flatMap((one) => (one.kind === "chains" ? [one.brief] : []))
  return {
    done,
    ...(groups.length === 0 ? {} : { groups }),
    ...(chains.length === 0 ? {} : { chains }),
    ...(review.length === 0 ? {} : { review })
  }
}
