/**
 * One look at a pool, for the dashboard: a few calls at once, each of them bounded, however much there is.
 */
import { DateTime, Effect, Option, Schema } from "effect"
import metadata from "../../../package.json" with { type: "json" }
import type { ChainView } from "../../domain/ChainView.ts"
import type { Failure } from "../../domain/Failure.ts"
import { GroupId } from "../../domain/GroupId.ts"
import type { GroupView } from "../../domain/GroupView.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { isGroupId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { type Dashboard, deniedOf, type GroupNode } from "./Dashboard.ts"

/** So many of each are looked at: more than fits on most screens. */
const most = { reviews: 30, queue: 60, ended: 30, groups: 12, chains: 8, failed: 5, denied: 30 } as const

/** So many groups and chains at work are looked for beside the newest ones. */
const mostOthers = 8

const together = { concurrency: "unbounded" } as const

const isOpenGroup = ({ state }: GroupView): boolean => state === "running" || state === "reducing"

const isOpenChain = ({ state }: ChainView): boolean => state === "running"

/** Groups at work that are older than the newest ones: their tasks name them. */
const otherGroups = (
  known: ReadonlyArray<GroupView>,
  chains: ReadonlyArray<ChainView>,
  tasks: ReadonlyArray<TaskView>
): ReadonlyArray<GroupId> => {
  const steps = chains.filter(isOpenChain).flatMap((chain) => chain.steps)
    .filter(({ state }) => state === "running" || state === "review")
  const named = [...steps.map(({ group }) => group), ...tasks.map((task) => task.part_of)]
  const ids = new Set(named.filter((id) => id !== undefined && !known.some((group) => group.id === id)))
  return [...ids].filter(Schema.is(GroupId)).slice(0, mostOthers)
}

/** With the items that a person has to know of. */
const nodeOf = Effect.fnUntraced(
  function*(group: GroupView, running: ReadonlyArray<TaskView>): Effect.fn.Return<GroupNode, Failure, Pool> {
    const pool = yield* Pool
    if (!isOpenGroup(group)) return { group, items: [] }
    const { failed, review } = group.counts
    const found = failed + review === 0
      ? []
      : (yield* pool.list({ tag: group.id, states: ["failed", "review"], limit: most.failed })).tasks
    const items = [...running.filter((task) => task.part_of === group.id), ...found]
    return { group, items: items.toSorted((one, other) => (one.index ?? 0) - (other.index ?? 0)) }
  }
)

/** Those at work first; each kind the newest first. */
const openFirst = <A>(all: ReadonlyArray<A>, isOpen: (one: A) => boolean): ReadonlyArray<A> => [
  ...all.filter(isOpen),
  ...all.filter((one) => !isOpen(one))
]

export const look: Effect.Effect<Dashboard, Failure, Pool> = Effect.gen(function*() {
  const pool = yield* Pool
  const { chains, ended, groups, queue, reviews, status } = yield* Effect.all({
    status: pool.status,
    reviews: pool.list({ states: ["review"], limit: most.reviews, order: "oldest" }),
    queue: pool.list({ states: ["queued"], limit: most.queue, order: "oldest" }),
    ended: pool.list({ order: "ended", limit: most.ended }),
    groups: pool.groups({ limit: most.groups }),
    chains: pool.chains({ limit: most.chains })
  }, together)
  const { running } = status

  const others = yield* Effect.forEach(
    otherGroups(groups.groups, chains.chains, [...running, ...reviews.tasks, ...queue.tasks]),
    // It may have been thrown away since it was named.
    (id) => Effect.option(pool.group(id)),
    together
  )
  const allGroups = [...groups.groups, ...others.flatMap(Option.toArray)]
  const nodes = yield* Effect.forEach(openFirst(allGroups, isOpenGroup), (group) => nodeOf(group, running), together)
  return {
    at: DateTime.formatIso(yield* DateTime.now),
    version: metadata.version,
    status,
    reviews: { tasks: reviews.tasks, total: reviews.total },
    denied: deniedOf([...running, ...reviews.tasks, ...ended.tasks], most.denied),
    queue: { tasks: queue.tasks, total: queue.total },
    groups: nodes.filter(({ group }) => !chains.chains.some((chain) => chain.id === group.part_of)),
    chains: openFirst(chains.chains, isOpenChain).map((chain) => ({
      chain,
      groups: nodes.filter(({ group }) => group.part_of === chain.id && isGroupId(group.id) && isOpenGroup(group))
    })),
    finished: ended.tasks
  }
})
