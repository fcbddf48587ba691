/**
 * What a live table shows of a group: how many of its items have ended, and the first of those that have not. Of a large
 * group only a window is looked at; it moves on as the items in front of it end.
 */
import { Effect, Ref } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { GroupView, ItemsReply } from "../domain/GroupView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"
import { digits } from "./Count.ts"
import { groupProgress } from "./GroupLines.ts"
import type { LiveView, Size } from "./LiveTable.ts"
import { oneLine } from "./Printable.ts"
import { table } from "./Table.ts"
import { cost, doing, seconds, stateOf } from "./TaskLines.ts"

const windowLength = 100

/** How many windows one look may move on by. */
const mostMoves = 5

const isOpen = ({ state }: TaskView): boolean => state === "queued" || state === "running" || state === "review"

/** How many items in front of the window have ended. */
const endedInFront = (page: ItemsReply): number => {
  const open = page.items.findIndex(isOpen)
  return open === -1 ? page.items.length : open
}

const row = (task: TaskView): ReadonlyArray<string> => [
  String(task.index ?? ""),
  stateOf(task),
  seconds(task.s),
  cost(task),
  [task.name ?? "", doing(task)].filter((part) => part !== "").map(oneLine).join(": ")
]

/** `window` are items from the first that has not ended on. */
export const groupFrame = (
  group: GroupView,
  window: ReadonlyArray<TaskView>,
  { columns, lines }: Size
): ReadonlyArray<string> => {
  const { counts: { queued, review, running } } = group
  const open = window.filter(isOpen)
  const title = groupProgress(group)
  if (open.length === 0) return [title]
  const all = Math.max(queued + running + review, open.length)
  // The title, the header, and a line for those that are left out.
  const shown = open.slice(0, Math.max(0, open.length === all && open.length <= lines - 2 ? open.length : lines - 3))
  const left = all - shown.length
  return [
    title,
    ...table([["ITEM", "STATE", "TIME", "COST", "DOING"], ...shown.map(row)], columns),
    ...(left === 0 ? [] : [`… ${digits(left)} more`])
  ]
}

export const liveGroup = (id: GroupId): Effect.Effect<LiveView> =>
  Effect.map(Ref.make(0), (front) => (size: Size) =>
    Effect.gen(function*() {
      const pool = yield* Pool

      const look = (from: number, moves: number): Effect.Effect<ItemsReply, Failure> =>
        Effect.flatMap(pool.items(id, { from, limit: windowLength }), (page) => {
          const ended = endedInFront(page)
          return ended === 0 || moves === 0
            ? Effect.as(Ref.set(front, from), page)
            : look(from + ended, moves - 1)
        })

      const group = yield* pool.group(id)
      const { items } = yield* look(yield* Ref.get(front), mostMoves)
      return groupFrame(group, items, size)
    }))
