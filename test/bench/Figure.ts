/**
 * A figure: what was measured, what it is held against, and what it should be.
 */
import { Array, Order } from "effect"

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The same by other means, measured in the same run and in the same unit. */
  readonly baseline?: { readonly name: string; readonly value: number }
  /** In words. */
  readonly aim?: string
}

export const quantile = (values: ReadonlyArray<number>, q: number): number =>
  Array.sort(values, Order.Number)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

export const median = (values: ReadonlyArray<number>): number => quantile(values, 0.5)

const rounded = (value: number): string => String(Number(value.toPrecision(3)))

/** How many times the larger is the smaller: a rate is better for being above its baseline, a time for being below. */
const ratio = ({ baseline, value }: Figure): string => {
  if (baseline === undefined) return ""
  const times = value / baseline.value
  return times >= 1 ? `${rounded(times)} x` : `1/${rounded(1 / times)}`
}

const header = ["figure", "value", "baseline", "ratio", "aim"]

const cells = (figure: Figure): ReadonlyArray<string> => [
  figure.name,
  `${rounded(figure.value)} ${figure.unit}`,
  figure.baseline === undefined ? "" : `${rounded(figure.baseline.value)} ${figure.unit} (${figure.baseline.name})`,
  ratio(figure),
  figure.aim ?? ""
]

/** All of them, as one table that Markdown understands. */
export const figureTable = (figures: ReadonlyArray<Figure>): string => {
  const rows = [header, ...figures.map(cells)]
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: ReadonlyArray<string>) => `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`
  const [first, ...rest] = rows.map(line)
  return [first, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rest].join("\n")
}
