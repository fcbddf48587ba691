/**
 * How well the rules choose a route, and how fast: over each part of the labelled prompts. A decision is right if it is one of
 * those that are accepted; every other one counts as wrong. Where the rules are unsure, a model is left to decide.
 */
import { Array, Console, Effect } from "effect"
import { RouteKind, type RoutePlan } from "../../src/domain/Route.ts"
import { decideByRules } from "../../src/domain/RouteRules.ts"
import { type Half, readHalf, type RoutingPrompt } from "../routing/RoutingSet.ts"
import { type Figure, median } from "./Figure.ts"
import { formatProportion, type Proportion } from "./Proportion.ts"

interface Outcome {
  readonly row: RoutingPrompt
  /** Null where the rules are unsure. */
  readonly kind: RouteKind | null
  readonly isRight: boolean
  /** Null where nothing was split. */
  readonly parts: number | null
}

/** More than any prompt names, so that every piece is a prompt of its own. */
const uncapped = { maxParallel: 64, maxSteps: 32 }

const sideBySide = (plan: RoutePlan): number | null =>
  plan._tag === "Parallel" || plan._tag === "ParallelCombine" ? plan.prompts.length : null

const decide = (row: RoutingPrompt): Outcome => {
  const { decision } = decideByRules(row.prompt, uncapped)
  return {
    row,
    kind: decision?.kind ?? null,
    isRight: decision !== null && row.accept.includes(decision.kind),
    parts: decision === null ? null : sideBySide(decision.plan)
  }
}

const count = (outcomes: ReadonlyArray<Outcome>, counts: (outcome: Outcome) => boolean): number =>
  outcomes.filter(counts).length

const decidedOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<Outcome> =>
  outcomes.filter(({ kind }) => kind !== null)

const precisionOf = (outcomes: ReadonlyArray<Outcome>): Proportion => ({
  count: count(outcomes, ({ isRight }) => isRight),
  of: decidedOf(outcomes).length
})

const coverageOf = (outcomes: ReadonlyArray<Outcome>): Proportion => ({
  count: decidedOf(outcomes).length,
  of: outcomes.length
})

/** Of the right decisions to split whose number of pieces is known, those that have that number. */
const partsOf = (outcomes: ReadonlyArray<Outcome>): Proportion => {
  const known = outcomes.filter(({ isRight, parts, row }) => isRight && parts !== null && typeof row.parts === "number")
  return { count: count(known, ({ parts, row }) => parts === row.parts), of: known.length }
}

const table = (rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const [header, ...rest] = rows.map((row) => `| ${row.join(" | ")} |`)
  return [header, `|${" --- |".repeat(rows[0]!.length)}`, ...rest].join("\n")
}

/** Rows are the best labels, columns what the rules said. */
const confusion = (outcomes: ReadonlyArray<Outcome>): string =>
  table([
    ["label \\ rules", ...RouteKind.literals, "unsure"],
    ...RouteKind.literals.map((label) => {
      const labelled = outcomes.filter(({ row }) => row.accept[0] === label)
      return [label, ...[...RouteKind.literals, null].map((said) => `${count(labelled, ({ kind }) => kind === said)}`)]
    })
  ])

const proportions = (outcomes: ReadonlyArray<Outcome>): string => {
  const languages = Object.entries(Array.groupBy(outcomes, ({ row }) => row.language))
    .toSorted(([, one], [, other]) => other.length - one.length)
  const coverage = coverageOf(outcomes)
  return table([
    ["", "share, with its 95 % interval"],
    ["precision of what the rules decide", formatProportion(precisionOf(outcomes))],
    ["decided by the rules", formatProportion(coverage)],
    ["left to the model", formatProportion({ count: coverage.of - coverage.count, of: coverage.of })],
    ["right number of pieces", formatProportion(partsOf(outcomes))],
    ...RouteKind.literals.map((route) => [
      `precision where the rules say ${route}`,
      formatProportion(precisionOf(outcomes.filter(({ kind }) => kind === route)))
    ]),
    ...languages.map(([language, own]) => [
      `precision in ${language} (${own.length} prompts)`,
      formatProportion(precisionOf(own))
    ])
  ])
}

const rounds = 30

/** The median time of a call, in microseconds. */
const timeOf = (call: () => unknown): number =>
  median(Array.makeBy(rounds, () => {
    const start = performance.now()
    call()
    return (performance.now() - start) * 1000
  }))

const half = Effect.fnUntraced(function*(name: Half) {
  const rows = yield* readHalf(name)
  const outcomes = rows.map(decide)
  yield* Console.log(`\n### ${name}, ${rows.length} prompts\n\n${confusion(outcomes)}\n\n${proportions(outcomes)}\n`)
  const times = rows.map(({ prompt }) => timeOf(() => decideByRules(prompt)))
  const parses = rows.map(({ prompt }) => {
    const json = JSON.stringify({ prompt })
    return timeOf(() => JSON.parse(json))
  })
  const baseline = (value: number) => ({ name: "JSON.parse of the same", value })
  const share = ({ count, of }: Proportion): number => 100 * count / of
  return [
    { name: `route: precision, ${name}`, value: share(precisionOf(outcomes)), unit: "%", aim: "at least 98 %" },
    { name: `route: decided by rules, ${name}`, value: share(coverageOf(outcomes)), unit: "%", aim: "at least 80 %" },
    {
      name: `route: time of a decision, p50, ${name}`,
      value: median(times),
      unit: "µs",
      baseline: baseline(median(parses)),
      aim: "well below 1000 µs"
    },
    {
      name: `route: time of a decision, worst prompt, ${name}`,
      value: Math.max(...times),
      unit: "µs",
      baseline: baseline(Math.max(...parses)),
      aim: "below 1000 µs"
    }
  ] satisfies ReadonlyArray<Figure>
})

const longest = 1_000_000

export const routeFigures = Effect.gen(function*() {
  const development = yield* half("development")
  const more = yield* half("development-more")
  const heldOut = yield* half("held-out")
  const long = "Read the five reports in in/ (a, b, c, d, e), then write one on each. ".repeat(longest / 70)
  const json = JSON.stringify(long)
  return [...development, ...more, ...heldOut, {
    name: "route: time of a decision, 1 MB",
    value: timeOf(() => decideByRules(long)),
    unit: "µs",
    baseline: { name: "JSON.parse of the same", value: timeOf(() => JSON.parse(json)) }
  }] satisfies ReadonlyArray<Figure>
})
