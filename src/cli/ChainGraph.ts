/**
 * What a chain would do, as a picture for people: its steps in their order, with lines from each to those after it, and
 * what each may cost at most.
 */
import { CliOutput } from "effect/cli"
import type { ChainForecast } from "../domain/ChainView.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import { type GraphRow, graphRows } from "./GraphLanes.ts"
import { oneLine } from "./Printable.ts"
import { fit } from "./Table.ts"

type Step = ChainForecast["steps"][number]

/** The lines take at most this part of the width; a graph with more of them is a list that says what comes before. */
const graphShare = 1 / 3

const usd = (amount: number): string => formatUsd(fromUsd(amount))

const costOf = ({ kind, reserve_usd, reused }: Step): string => {
  if (reused) return "done before, not run again"
  if (reserve_usd === undefined) return "cost known when its items are"
  return kind === "check" && reserve_usd === 0 ? "free" : `at most ${usd(reserve_usd)}`
}

/** Broken at spaces, where they are. */
const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last !== undefined && CliOutput.displayWidth(`${last} ${word}`) <= width) {
      lines[lines.length - 1] = `${last} ${word}`
    } else lines.push(word)
  }
  return lines.map((line) => fit(line, width))
}

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - text.length))

const plainRow: GraphRow = { node: "●", above: [], below: "", forks: [] }

const totalOf = (forecast: ChainForecast): string => {
  const { budget_usd, reserve_complete, reserve_usd } = forecast
  const sum = `at most ${usd(reserve_usd)}${reserve_complete ? "" : ", and what the items cost that are not known yet"}`
  if (budget_usd === undefined) return `in all: ${sum}`
  return `in all: ${sum}; it is stopped at ${usd(budget_usd)}`
}

/** Lines of at most `width` columns. */
export const chainGraph = (forecast: ChainForecast, width: number): string => {
  const drawn = graphRows(forecast.steps)
  const widest = Math.max(0, ...drawn.flatMap((row) => [row.node, ...row.above, ...row.forks]).map((row) => row.length))
  const isList = widest > width * graphShare
  const margin = isList ? 1 : widest
  const names = Math.max(0, ...forecast.steps.map(({ name }) => name.length))

  const lines = forecast.steps.flatMap((step, index) => {
    const row = isList ? plainRow : drawn[index] ?? plainRow
    const title = `${pad(step.name, names)}  ${pad(step.kind, "prompt".length)}  ${costOf(step)}`
    const details = [
      ...isList && step.after.length > 0 ? [`after ${step.after.join(", ")}`] : [],
      ...step.details === undefined ? [] : [oneLine(step.details)]
    ].join("; ")
    return [
      ...row.above,
      fit(`${pad(row.node, margin)} ${title}`, width),
      ...wrap(details, width - margin - 3).filter((line) => line !== "").map((line) =>
        `${pad(row.below, margin)}   ${line}`
      ),
      ...row.forks
    ]
  })
  return [...lines, "", ...wrap(totalOf(forecast), width)].map((line) => line.trimEnd()).join("\n")
}
