/**
 * What stands above everything else in the dashboard: which pool it is, what it may spend, how much there is of what, and
 * what keeps work from being started, with the way out.
 */
import { roughBytes } from "../../domain/ByteSize.ts"
import { type FailureView } from "../../domain/TaskView.ts"
import { counted } from "../Count.ts"
import { holdLines } from "../HoldLines.ts"
import { budgetText, countsText, usd, whereabouts } from "../StatusText.ts"
import { fit } from "../Table.ts"
import type { Dashboard } from "./Dashboard.ts"
import type { Tone } from "./Section.ts"
import { tidy, wrap } from "./Tidy.ts"

export interface HeaderLine {
  readonly text: string
  readonly tone: Tone
}

const longestBar = 30

/** `█` is spent, `▒` reserved, `░` left. Whatever there is of something is seen. */
export const budgetBar = (spent: number, reserved: number, cap: number, width: number): string => {
  const part = (amount: number): number =>
    cap <= 0 ? width : Math.min(width, amount <= 0 ? 0 : Math.max(1, Math.floor((amount / cap) * width)))
  const full = part(spent)
  const held = Math.min(part(reserved), width - full)
  return "█".repeat(full) + "▒".repeat(held) + "░".repeat(width - full - held)
}

const budgetLine = ({ status: { budget } }: Dashboard, width: number): string => {
  const whole = budgetText(budget)
  const { cap_usd, reserved_usd, spent_usd } = budget
  const text = whole.length + 7 <= width
    ? whole
    : `${usd(spent_usd)} + ${usd(reserved_usd)}${cap_usd === undefined ? "" : ` / ${usd(cap_usd)}`}`
  const room = Math.min(longestBar, width - text.length - 10)
  if (budget.cap_usd === undefined || room < 4) return `budget ${text}`
  return `budget [${budgetBar(budget.spent_usd, budget.reserved_usd, budget.cap_usd, room)}] ${text}`
}

const factsLine = ({ status }: Dashboard): string => {
  const { free_memory_bytes, overlaps = [], restarts } = status
  return [
    `tasks ${countsText(status.tasks)}`,
    ...(restarts === undefined || restarts.total === 0 ? [] : [counted(restarts.total, "restart")]),
    ...(overlaps.length === 0 ? [] : [`${counted(overlaps.length, "overlap")} (see status)`]),
    ...(free_memory_bytes === undefined ? [] : [`${roughBytes(free_memory_bytes)} memory free`])
  ].join(" · ")
}

/** A way out that is cut is none: these lines are broken instead, but do not take more than their part of the screen. */
const heldLines = ({ status }: Dashboard, width: number, most: number): ReadonlyArray<HeaderLine> => {
  const lines = holdLines(status.holds).flatMap((line) => wrap(tidy(line), width))
  const left = lines.length - most
  const shown = left <= 0
    ? lines
    : [...lines.slice(0, most - 1), `… ${counted(left + 1, "line")} more in \`claude-pool status\``]
  return shown.map((text) => ({ text: fit(text, width), tone: "warn" }))
}

const overdrawn = ({ status: { budget } }: Dashboard): boolean =>
  budget.cap_usd !== undefined && budget.spent_usd + budget.reserved_usd >= budget.cap_usd

/** `lost`: why the pool cannot be asked just now. What is shown is as it was. */
export const headerLines = (
  dashboard: Dashboard | null,
  lost: FailureView | null,
  { columns, lines }: { readonly columns: number; readonly lines: number }
): ReadonlyArray<HeaderLine> => {
  const gone: ReadonlyArray<HeaderLine> = lost === null ? [] : wrap(
    tidy(`the pool does not answer: ${lost.message}; it is looked for, and below is what was known last`),
    columns
  ).map((text) => ({ text, tone: "bad" }))
  if (dashboard === null) return [{ text: fit("claude-pool", columns), tone: "strong" }, ...gone]
  const { status, version } = dashboard
  const isSmall = lines < 16
  return [
    {
      text: fit(tidy(`claude-pool ${version} · pool ${whereabouts(status)} · store ${status.store}`), columns),
      tone: "strong"
    },
    { text: fit(budgetLine(dashboard, columns), columns), tone: overdrawn(dashboard) ? "warn" : "plain" },
    { text: fit(factsLine(dashboard), columns), tone: "plain" },
    ...gone,
    ...heldLines(dashboard, columns, isSmall ? 2 : 6)
  ]
}
