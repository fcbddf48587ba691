/**
 * Groups and chains in the dashboard, as trees: a group with those of its items that a person has to know of, a chain with
 * its steps, each with a mark for its state.
 */
import type { ChainView, StepView } from "../../domain/ChainView.ts"
import type { GroupView } from "../../domain/GroupView.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { chainLine, isOver, stepRow } from "../ChainLines.ts"
import { counted, digits } from "../Count.ts"
import { groupProgress } from "../GroupLines.ts"
import { fit } from "../Table.ts"
import { about, doing, seconds, stateOf } from "../TaskLines.ts"
import type { ChainNode, Dashboard, GroupNode } from "./Dashboard.ts"
import { margin, type Row, type Section, type Tone } from "./Section.ts"
import { workIdOf } from "./SlotSection.ts"
import { tidy } from "./Tidy.ts"

type State = StepView["state"] | TaskView["state"] | GroupView["state"]

const marks: { readonly [S in State]: readonly [mark: string, tone: Tone] } = {
  waiting: ["·", "faint"],
  queued: ["·", "faint"],
  running: ["▶", "plain"],
  reducing: ["▶", "plain"],
  review: ["?", "warn"],
  done: ["✓", "good"],
  failed: ["✗", "bad"],
  skipped: ["–", "faint"],
  cancelled: ["✗", "faint"]
}

interface Leaf {
  readonly key: string
  readonly id: string | undefined
  readonly state: State
  readonly text: string
  readonly detail: string
  readonly under: ReadonlyArray<Leaf>
}

const errorText = (error: TaskView["error"]): string => error === undefined ? "" : `${error.message} · ${error.hint}`

const itemLeaf = (task: TaskView): Leaf => ({
  key: `tree ${task.id}`,
  id: task.id,
  state: task.state,
  text: [
    `item ${task.index ?? ""}`,
    task.name ?? task.id,
    seconds(task.s),
    task.state === "running" ? doing(task) : about({ ...task, name: "" }).replace(/^: /, "")
  ].filter((part) => part !== "").join(" "),
  detail: [task.id, errorText(task.error)].filter((part) => part !== "").join(" · "),
  under: []
})

const groupLeaf = ({ group, items }: GroupNode): Leaf => ({
  key: `tree ${group.id}`,
  id: group.id,
  state: group.state,
  text: [group.name ?? "", groupProgress(group)].filter((part) => part !== "").join(" "),
  detail: errorText(group.error) || (group.summary ?? ""),
  under: items.map(itemLeaf)
})

/** Steps in front that are over are told in one line, where they are many. */
const mostInFront = 2

/** A step is at work from when its task was handed in: that may still wait. */
const waitingTask = ({ queue }: Dashboard, { state, task }: StepView): TaskView | undefined =>
  state === "running" ? queue.tasks.find(({ id }) => id === task) : undefined

const stepLeaf = (chain: ChainView, step: StepView, groups: ReadonlyArray<GroupNode>, dashboard: Dashboard): Leaf => {
  const [name, state, , time, , aboutIt] = stepRow(step)
  const waiting = waitingTask(dashboard, step)
  return {
    key: `tree ${chain.id} ${step.name}`,
    id: step.task ?? step.group,
    state: waiting?.state ?? step.state,
    text: [name, waiting === undefined ? state : stateOf(waiting), time, aboutIt].filter((part) =>
      part !== undefined && part !== ""
    ).join(" "),
    detail: [step.task ?? step.group ?? "", errorText(step.error) || (step.summary ?? step.why ?? "")].filter((part) =>
      part !== ""
    ).join(" · "),
    under: groups.filter(({ group }) => group.id === step.group).flatMap(({ items }) => items.map(itemLeaf))
  }
}

const chainLeaf = ({ chain, groups }: ChainNode, dashboard: Dashboard): Leaf => {
  const over = chain.steps.findIndex((step) => !isOver(step))
  const folded = over > mostInFront ? over - 1 : 0
  const steps = chain.state === "running"
    ? chain.steps.slice(folded)
    : chain.steps.filter(({ state }) => state === "failed")
  const front: ReadonlyArray<Leaf> = folded === 0 || chain.state !== "running" ? [] : [{
    key: `tree ${chain.id} in front`,
    id: chain.id,
    state: "done",
    text: `${counted(folded, "step")} over`,
    detail: chain.steps.slice(0, folded).map(({ name, state }) => `${name} ${state}`).join(", "),
    under: []
  }]
  return {
    key: `tree ${chain.id}`,
    id: chain.id,
    state: chain.state,
    text: [chain.name ?? "", chainLine(chain)].filter((part) => part !== "").join(" "),
    detail: errorText(chain.error) || (chain.summary ?? ""),
    under: [...front, ...steps.map((step) => stepLeaf(chain, step, groups, dashboard))]
  }
}

const rowsOf = (leaf: Leaf, before: string, joint: string, width: number): ReadonlyArray<Row> => {
  const [mark, tone] = marks[leaf.state]
  const below = joint === "" ? "" : before + (joint === "└ " ? "  " : "│ ")
  return [
    {
      key: leaf.key,
      id: workIdOf(leaf.id),
      line: fit(`${before}${joint}${mark} ${tidy(leaf.text)}`, width),
      tone,
      detail: tidy(leaf.detail)
    },
    ...leaf.under.flatMap((child, index) => rowsOf(child, below, index === leaf.under.length - 1 ? "└ " : "├ ", width))
  ]
}

const isAtWork = ({ state }: Leaf): boolean => state === "running" || state === "reducing"

export const treeSection = (dashboard: Dashboard, width: number): Section => {
  const { chains, groups } = dashboard
  const leaves = [...chains.map((chain) => chainLeaf(chain, dashboard)), ...groups.map(groupLeaf)]
  const ordered = [...leaves.filter(isAtWork), ...leaves.filter((leaf) => !isAtWork(leaf))]
  const rows = ordered.flatMap((leaf) => rowsOf(leaf, "", "", width - margin))
  return {
    title: fit(`GROUPS AND CHAINS ${digits(leaves.length)}`, width - margin),
    rows,
    total: rows.length,
    givesWay: 4
  }
}
