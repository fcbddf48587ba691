/**
 * The newest works of a pool: what a client is shown to choose from.
 */
import { Effect } from "effect"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"

export interface RecentWork {
  readonly id: WorkId
  readonly kind: "task" | "group" | "chain"
  readonly state: string
  /** What whoever handed it in calls it. The parts of a whole have none: a worker may have named them. */
  readonly name?: string
}

const mostNameChars = 60

interface View {
  readonly id: string
  readonly state: string
  readonly name?: string
  readonly part_of?: string
  readonly submitted_at: string
}

export const ownName = ({ name, part_of }: Pick<View, "name" | "part_of">): { readonly name?: string } =>
  name === undefined || part_of !== undefined ? {} : { name: cleanLine(name, mostNameChars) }

const toRecent = (view: View): ReadonlyArray<RecentWork> => {
  const { id, state } = view
  const name = ownName(view)
  if (isTaskId(id)) return [{ id, kind: "task", state, ...name }]
  if (isGroupId(id)) return [{ id, kind: "group", state, ...name }]
  return isChainId(id) ? [{ id, kind: "chain", state, ...name }] : []
}

/** Wholes and tasks by themselves, the newest first. What is a part of something is found through it. */
export const recentWorks = Effect.fnUntraced(function*(limit: number) {
  const pool = yield* Pool
  const { tasks } = yield* pool.list({ limit })
  const { groups } = yield* pool.groups({ limit })
  const { chains } = yield* pool.chains({ limit })
  const views: ReadonlyArray<View> = [...tasks, ...groups, ...chains]
  return views
    .filter(({ part_of }) => part_of === undefined)
    .toSorted((one, other) => other.submitted_at.localeCompare(one.submitted_at))
    .slice(0, limit)
    .flatMap(toRecent)
})
