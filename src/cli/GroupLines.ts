/**
 * Groups as lines for people: the table of many, the closing line of one, and the table of its items.
 */
import type { GroupView, ItemCountsView } from "../domain/GroupView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { counted, digits } from "./Count.ts"
import { oneLine } from "./Printable.ts"
import { about, cost, seconds, stateOf } from "./TaskLines.ts"

/** `3 running, 2 failed`: what there is of each state. */
const countsText = (counts: Partial<ItemCountsView>): string =>
  Object.entries(counts).filter(([, count]) => count > 0).map(([state, count]) => `${digits(count)} ${state}`).join(
    ", "
  )

const aboutGroup = ({ error, name, summary }: GroupView): string =>
  [name, error?.message ?? summary].filter((part) => part !== undefined).map(oneLine).join(": ")

export const groupHeader = ["ID", "STATE", "DONE", "TIME", "COST", "ABOUT"]

export const groupRow = (group: GroupView): ReadonlyArray<string> => [
  group.id,
  group.state,
  `${digits(group.counts.done)} of ${digits(group.items)}`,
  seconds(group.s),
  cost(group),
  aboutGroup(group)
]

/** `g_… done · 12 items: 11 done, 1 failed · $0.12 · 42s` */
export const groupLine = (group: GroupView): string =>
  [
    `${group.id} ${group.state}`,
    `${counted(group.items, "item")}: ${countsText(group.counts)}`,
    cost(group),
    seconds(group.s)
  ].join(" · ")

/** The same while it is at work, the most important first, because the end may be cut: what waits is what is left. */
export const groupProgress = (group: GroupView): string => {
  const { queued: _, done, ...counts } = group.counts
  return [
    `${group.id} ${group.state}`,
    seconds(group.s),
    cost(group),
    [`${digits(done)} of ${digits(group.items)} done`, countsText(counts)].filter((part) => part !== "").join(", ")
  ].join(" · ")
}

export const itemHeader = ["ITEM", "ID", "STATE", "TIME", "COST", "ABOUT"]

export const itemRow = (task: TaskView): ReadonlyArray<string> => [
  String(task.index ?? ""),
  task.id,
  stateOf(task),
  seconds(task.s),
  cost(task),
  about(task)
]
