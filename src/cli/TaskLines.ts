/**
 * Tasks as lines for people: the table of many, and the closing line of one.
 */
import { Duration } from "effect"
import { formatDuration } from "../domain/DurationText.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { oneLine } from "./Printable.ts"

export const cost = (task: TaskView): string =>
  `${task.cost_exact === false ? "≥" : ""}${formatUsd(fromUsd(task.cost_usd))}`

export const seconds = (amount: number): string =>
  amount < 60 ? `${amount}s` : formatDuration(Duration.seconds(Math.round(amount)))

const state = (task: TaskView): string =>
  task.state === "queued" && task.waits_for !== undefined ? `queued (${task.waits_for})` : task.state

/** What people call it by, or how its answer or its failure begins. */
const about = (task: TaskView): string =>
  [task.name, task.error?.message ?? task.summary].filter((part) => part !== undefined).map(oneLine).join(": ")

export const taskHeader = ["ID", "STATE", "TIME", "COST", "ABOUT"]

export const taskRow = (task: TaskView): ReadonlyArray<string> => [
  task.id,
  state(task),
  seconds(task.s),
  cost(task),
  about(task)
]

/** `t_… done · $0.0123 · 3 turns · 12s · claude-sonnet-4-5` */
export const closingLine = (task: TaskView): string =>
  [
    `${task.id} ${state(task)}`,
    cost(task),
    ...(task.turns === undefined ? [] : [`${task.turns} ${task.turns === 1 ? "turn" : "turns"}`]),
    seconds(task.s),
    ...(task.model === undefined ? [] : [task.model])
  ].join(" · ")

/** What the worker wanted and was not allowed: often why an answer is not what was hoped for. */
export const deniedLine = (task: TaskView): string | null => {
  const tools = (task.denials ?? []).map(({ tool }) => oneLine(tool))
  return tools.length === 0
    ? null
    : `denied: ${
      [...new Set(tools)].map((tool) => `${tool} × ${tools.filter((other) => other === tool).length}`).join(", ")
    }; --permissions or --allowed-tool allow more`
}
