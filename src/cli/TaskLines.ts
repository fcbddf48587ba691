/**
 * Tasks as lines for people: the table of many, and the closing line of one.
 */
import { Duration } from "effect"
import { formatDuration } from "../domain/DurationText.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { counted } from "./Count.ts"
import { linesText } from "./EvidenceLines.ts"
import { oneLine } from "./Printable.ts"
import { phaseText } from "./ProgressLine.ts"

/** Of any work: where the figure is a lower bound, it says so. */
export const cost = (work: { readonly cost_usd: number; readonly cost_exact?: false }): string =>
  `${work.cost_exact === false ? "≥" : ""}${formatUsd(fromUsd(work.cost_usd))}`

export const seconds = (amount: number): string =>
  amount < 60 ? `${amount}s` : formatDuration(Duration.seconds(Math.round(amount)))

/** `queued (slot)`, `done (verified)` */
export const stateOf = ({ state, verification, waits_for }: TaskView): string => {
  if (state === "queued" && waits_for !== undefined) return `queued (${waits_for})`
  const isTold = verification !== undefined && verification !== "unverified" && state !== "running"
  return isTold ? `${state} (${verification})` : state
}

/** What people call it by, how much it has changed, and how its answer or its failure begins. */
export const about = (task: TaskView): string =>
  [
    task.name,
    task.diff === undefined || task.diff.files === 0 ? undefined : linesText(task.diff),
    task.error?.message ?? task.summary
  ].filter((part) => part !== undefined).map(oneLine).join(": ")

/** What its worker does just now; empty where it is not known. */
export const doing = ({ progress }: { readonly progress?: TaskView["progress"] }): string =>
  progress === undefined
    ? ""
    : oneLine(
      [phaseText(progress.phase, progress.tool ?? null), progress.said].filter((part) => part !== undefined).join(": ")
    )

export const taskHeader = ["ID", "STATE", "TIME", "COST", "ABOUT"]

export const taskRow = (task: TaskView): ReadonlyArray<string> => [
  task.id,
  stateOf(task),
  seconds(task.s),
  cost(task),
  about(task)
]

/** `t_… done · $0.0123 · 3 turns · 12s · claude-sonnet-4-5` */
export const closingLine = (task: TaskView): string =>
  [
    `${task.id} ${stateOf(task)}`,
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

/** What a reviewer has to know, and how the work goes on. */
export const reviewLines = ({ id, review }: TaskView): ReadonlyArray<string> =>
  review === undefined ? [] : [
    `in review: rejected ${review.rejections} of at most ${
      counted(review.max_rejections, "time")
    }; hash ${review.hash}`,
    ...(review.criteria === undefined ? [] : [`criteria: ${oneLine(review.criteria)}`]),
    `\`claude-pool approve ${id} --hash ${review.hash}\` accepts this result`,
    `\`claude-pool reject ${id} --feedback "…"\` sends it back with what is wrong with it`
  ]
