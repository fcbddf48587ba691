/**
 * The numbers of a pool: what attempts have cost, taken and come to, by something. They come from the ledger, which has a
 * line for each attempt that has ended and never loses one, and from the attempts and tasks that are still there.
 */
import { DateTime, Schema } from "effect"
import type { ModelCost } from "./ModelUsage.ts"

/** What the rows are made of. */
export const MetricsBy = Schema.Literals(["all", "model", "tag", "day"])
export type MetricsBy = typeof MetricsBy.Type

/** The figures of one row: dollars, tokens, seconds. */
export const MetricsRow = Schema.Struct({
  /** The model, the tag or the day (UTC) of the end; or one of `metricsKeys`. */
  key: Schema.String,
  /** Tasks of which an attempt is counted here, and how they stand now; one that was pruned stands nowhere. */
  tasks: Schema.Int,
  done: Schema.Int,
  failed: Schema.Int,
  cancelled: Schema.Int,
  attempts: Schema.Int,
  cost_usd: Schema.Finite,
  cost_exact: Schema.optionalKey(Schema.Literal(false)),
  input_tokens: Schema.Int,
  output_tokens: Schema.Int,
  cache_read_tokens: Schema.Int,
  cache_write_tokens: Schema.Int,
  turns: Schema.Int,
  /** Time of workers, in seconds: of attempts that overlap, each counts. It is not known any more of what was pruned. */
  worker_s: Schema.Finite
})
export type MetricsRow = typeof MetricsRow.Type

/** Keys of what has no model, tag or day of its own. */
export const metricsKeys = { all: "all", unknown: "(unknown)", untagged: "(untagged)", pruned: "(pruned)" } as const

/** The rows, and the total of everything. */
export const MetricsReply = Schema.Struct({
  by: MetricsBy,
  /**
   * By model and by day, the money, the tokens, the turns and the time of all rows are those of `total`. A task with two
   * tags is in two rows; a task or an attempt that used two models, or took two days, is counted in each.
   */
  rows: Schema.Array(MetricsRow),
  /** Of everything, each attempt once. */
  total: MetricsRow
})
export type MetricsReply = typeof MetricsReply.Type

/** By what, and since when. */
export interface MetricsOptions {
  readonly by: MetricsBy
  /** Only attempts that ended at this time or later. */
  readonly since?: string
}

/** What of an attempt is added up, in whole numbers. */
const figures = [
  "cost",
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "turns",
  "millis"
] as const

/** By their names; the cost in micro-dollars, the time in milliseconds. */
export type Figures = { readonly [K in typeof figures[number]]: number }

const noFigures = (): { -readonly [K in keyof Figures]: number } => ({
  cost: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  turns: 0,
  millis: 0
})

/** A line of the ledger, with what is left of the attempt and of the task that it is about. */
export interface MetricsLine extends Figures {
  /** The number of its task. */
  readonly task: number
  /** How that stands; null: it was pruned. */
  readonly state: string | null
  readonly at: number
  readonly exact: boolean
  readonly model: string | null
  readonly costs: ReadonlyArray<ModelCost>
  readonly tags: ReadonlyArray<string>
}

const costOf = (cost: ModelCost): Figures => ({
  ...noFigures(),
  cost: Math.max(0, Math.round(cost.usd * 1e6)),
  inputTokens: cost.inputTokens,
  outputTokens: cost.outputTokens,
  cacheReadTokens: cost.cacheReadTokens,
  cacheWriteTokens: cost.cacheWriteTokens + cost.cacheWriteHourTokens
})

/**
 * An attempt's figures, split by its models: no part is below zero, and together they are the whole. The model that cost
 * the most has the turns, the time, and what rounding has left over, a micro-dollar for each part; for what is left then
 * no model answers.
 */
const splitByModel = (line: MetricsLine): ReadonlyMap<string, Figures> => {
  const { costs, model, state } = line
  if (state === null) return new Map([[metricsKeys.pruned, line]])
  const [only] = costs
  if (only === undefined || costs.length === 1) return new Map([[only?.model ?? model ?? metricsKeys.unknown, line]])
  const rest = { ...noFigures() }
  for (const name of figures) rest[name] = line[name]
  const parts = new Map<string, ReturnType<typeof noFigures>>()
  const take = (model: string, wanted: Figures) => {
    const part = parts.get(model) ?? noFigures()
    for (const name of figures) {
      const taken = Math.min(rest[name], wanted[name])
      part[name] += taken
      rest[name] -= taken
    }
    parts.set(model, part)
  }
  const order = costs.toSorted((a, b) => b.usd - a.usd)
  for (const cost of order) take(cost.model, costOf(cost))
  const rounding = rest.cost <= costs.length ? rest.cost : 0
  for (const { model } of order.slice(0, 1)) {
    take(model, { ...noFigures(), cost: rounding, turns: rest.turns, millis: rest.millis })
  }
  if (figures.some((name) => rest[name] > 0)) take(metricsKeys.unknown, { ...rest })
  return parts
}

const dayOf = (at: number): string => DateTime.formatIsoDateUtc(DateTime.makeUnsafe(at))

const partsOf = (by: MetricsBy, line: MetricsLine): ReadonlyMap<string, Figures> => {
  switch (by) {
    case "all":
      return new Map()
    case "day":
      return new Map([[dayOf(line.at), line]])
    case "model":
      return splitByModel(line)
    case "tag": {
      const none = line.state === null ? metricsKeys.pruned : metricsKeys.untagged
      return new Map((line.tags.length === 0 ? [none] : line.tags).map((tag) => [tag, line]))
    }
  }
}

/** One row, while it is added up. */
class Sums {
  readonly figures = noFigures()
  readonly tasks = new Map<number, string | null>()
  attempts = 0
  exact = true

  add({ exact, state, task }: MetricsLine, part: Figures) {
    for (const name of figures) this.figures[name] += part[name]
    this.tasks.set(task, state)
    this.attempts++
    this.exact &&= exact
  }

  row(key: string): MetricsRow {
    const states = [...this.tasks.values()]
    const inState = (wanted: string) => states.filter((state) => state === wanted).length
    return {
      key,
      tasks: states.length,
      done: inState("Done"),
      failed: inState("Failed"),
      cancelled: inState("Cancelled"),
      attempts: this.attempts,
      cost_usd: this.figures.cost / 1e6,
      ...(this.exact ? {} : { cost_exact: false as const }),
      input_tokens: this.figures.inputTokens,
      output_tokens: this.figures.outputTokens,
      cache_read_tokens: this.figures.cacheReadTokens,
      cache_write_tokens: this.figures.cacheWriteTokens,
      turns: this.figures.turns,
      worker_s: this.figures.millis / 1000
    }
  }
}

/** Days in their order; of all else the most expensive first. */
const orderOf = (by: MetricsBy) => (a: MetricsRow, b: MetricsRow): number =>
  (by === "day" ? 0 : b.cost_usd - a.cost_usd) || (a.key < b.key ? -1 : 1)

/** Adds lines up, each of which is given once. */
export const addUp = (by: MetricsBy) => {
  const total = new Sums()
  const rows = new Map<string, Sums>()
  return {
    add: (line: MetricsLine): void => {
      total.add(line, line)
      for (const [key, part] of partsOf(by, line)) {
        const row = rows.get(key) ?? new Sums()
        rows.set(key, row)
        row.add(line, part)
      }
    },
    reply: (): MetricsReply => ({
      by,
      rows: [...rows].map(([key, row]) => row.row(key)).toSorted(orderOf(by)),
      total: total.row(metricsKeys.all)
    })
  }
}
