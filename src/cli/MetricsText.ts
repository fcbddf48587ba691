/**
 * The numbers of a pool as people read them, in columns that end where their figures do, and as Prometheus does.
 */
import { Duration } from "effect"
import { CliOutput } from "effect/cli"
import { formatDuration } from "../domain/DurationText.ts"
import type { MetricsReply, MetricsRow } from "../domain/Metrics.ts"
import { oneLine } from "./Printable.ts"
import { fit } from "./Table.ts"

/** 1234567 is `1.23M`. */
const short = (count: number): string => {
  const unit = [["G", 1e9], ["M", 1e6], ["k", 1e4]] as const
  const found = unit.find(([, size]) => count >= size)
  if (found === undefined) return `${count}`
  const [mark, size] = found
  return `${(count / (mark === "k" ? 1000 : size)).toPrecision(3).replace(/e.*$/, "")}${mark}`
}

/** A lower bound says so. */
const money = ({ cost_exact, cost_usd }: MetricsRow): string =>
  `${cost_exact === false ? "≥" : ""}$${cost_usd.toFixed(2)}`

const columns: ReadonlyArray<readonly [name: string, cell: (row: MetricsRow) => string]> = [
  ["cost", money],
  ["tasks", ({ tasks }) => `${tasks}`],
  ["done", ({ done }) => `${done}`],
  ["failed", ({ failed }) => `${failed}`],
  ["cancelled", ({ cancelled }) => `${cancelled}`],
  ["attempts", ({ attempts }) => `${attempts}`],
  ["turns", ({ turns }) => short(turns)],
  ["in", (row) => short(row.input_tokens)],
  ["out", (row) => short(row.output_tokens)],
  ["cache read", (row) => short(row.cache_read_tokens)],
  ["cache write", (row) => short(row.cache_write_tokens)],
  ["time", ({ worker_s }) => formatDuration(Duration.seconds(Math.round(worker_s)))]
]

/** A row for each, and the total below them. */
export const metricsLines = ({ by, rows, total }: MetricsReply, width: number): ReadonlyArray<string> => {
  const header = [by === "all" ? "" : by].concat(columns.map(([name]) => name))
  const cellsOf = (row: MetricsRow) => [fit(oneLine(row.key), 40)].concat(columns.map(([, cell]) => cell(row)))
  const cells = [header].concat(rows.map(cellsOf), [cellsOf({ ...total, key: "total" })])
  const widths = cells[0]!.map((_, at) => Math.max(...cells.map((row) => CliOutput.displayWidth(row[at]!))))
  const padded = (cell: string, at: number) => {
    const space = " ".repeat(widths[at]! - CliOutput.displayWidth(cell))
    return at === 0 ? cell + space : space + cell
  }
  return cells.map((row) => fit(row.map(padded).join("  "), width))
}

const families: ReadonlyArray<readonly [name: string, help: string, value: (row: MetricsRow) => number]> = [
  ["cost_usd", "What attempts have cost, in US dollars", (row) => row.cost_usd],
  ["tasks", "Tasks of which an attempt has ended", (row) => row.tasks],
  ["attempts", "Attempts that have ended", (row) => row.attempts],
  ["turns", "Turns that they took", (row) => row.turns],
  ["input_tokens", "Tokens in, without the cache's", (row) => row.input_tokens],
  ["output_tokens", "Tokens out", (row) => row.output_tokens],
  ["cache_read_tokens", "Tokens read from the cache", (row) => row.cache_read_tokens],
  ["cache_write_tokens", "Tokens written to the cache", (row) => row.cache_write_tokens],
  ["worker_seconds", "Time of workers", (row) => row.worker_s]
]

const escaped = (value: string): string => oneLine(value).replaceAll("\\", "\\\\").replaceAll("\"", "\\\"")

/** Gauges, for `--since` and a prune may make them smaller. */
export const prometheusText = ({ by, rows, total }: MetricsReply): string =>
  families.flatMap(([name, help, value]) => {
    const full = `claude_pool_${name}`
    const line = (row: MetricsRow) => `${full}${by === "all" ? "" : `{${by}="${escaped(row.key)}"}`} ${value(row)}`
    return [`# HELP ${full} ${help}`, `# TYPE ${full} gauge`].concat((by === "all" ? [total] : rows).map(line))
  }).join("\n")
