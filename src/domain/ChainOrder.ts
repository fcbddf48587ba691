/**
 * Which steps of a chain come before which: names become places, and what waits for itself is found.
 */
import { Graph, Option } from "effect"
import type { ChainStep } from "./ChainDefinition.ts"
import { type ChainIssue, issueAt } from "./ChainIssue.ts"
import { didYouMean } from "./Suggestion.ts"

export interface PlacedStep {
  /** Where it stands in the definition. */
  readonly index: number
  readonly step: ChainStep
  /** The names of the steps right before it, each once. */
  readonly after: ReadonlyArray<string>
  /** Where the steps stand that come before it, the ones before those included. */
  readonly before: ReadonlySet<number>
}

export interface ChainOrder {
  /** Each after all that it needs, and otherwise as they are written; those that wait for each other are missing. */
  readonly steps: ReadonlyArray<PlacedStep>
  /** As they are written. */
  readonly written: ReadonlyArray<PlacedStep>
  readonly issues: ReadonlyArray<ChainIssue>
}

/** Where each name stands first. */
const findPlaces = (steps: ReadonlyArray<ChainStep>): ReadonlyMap<string, number> => {
  const names = steps.map(({ name }) => name)
  return new Map(names.map((name) => [name, names.indexOf(name)]))
}

const findDuplicates = (
  steps: ReadonlyArray<ChainStep>,
  places: ReadonlyMap<string, number>
): ReadonlyArray<ChainIssue> =>
  steps.flatMap(({ name }, index) => {
    const first = places.get(name)
    return first === undefined || first === index ? [] : [issueAt(
      ["steps", index, "name"],
      `there are two steps ${name}`,
      `the other is step ${first + 1} of the chain; each name is there once`
    )]
  })

const findUnknown = (
  steps: ReadonlyArray<ChainStep>,
  places: ReadonlyMap<string, number>
): ReadonlyArray<ChainIssue> =>
  steps.flatMap(({ after, name }, index) =>
    (after ?? []).flatMap((wanted, at) =>
      places.has(wanted) ? [] : [issueAt(
        ["steps", index, "after", at],
        `there is no step ${wanted}`,
        didYouMean(wanted, [...places.keys()].filter((known) => known !== name))
      )]
    )
  )

/** Where the steps stand that each of them comes after by itself. */
const findPredecessors = (
  steps: ReadonlyArray<ChainStep>,
  places: ReadonlyMap<string, number>
): ReadonlyArray<ReadonlyArray<number>> =>
  steps.map(({ after }, index) => {
    if (after === undefined) return index === 0 ? [] : [index - 1]
    return [...new Set(after.flatMap((name) => places.get(name) ?? []))]
  })

/** Everything that can be reached by going back, a step itself only where it waits for itself. */
const findAllBefore = (predecessors: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<ReadonlySet<number>> =>
  predecessors.map((direct) => {
    const found = new Set(direct)
    for (const one of found) predecessors[one]?.forEach((next) => found.add(next))
    return found
  })

const formatCycle = (steps: ReadonlyArray<ChainStep>, cycle: ReadonlyArray<number>): ChainIssue => {
  const nodes = cycle.slice(1)
  const first = Math.min(...nodes)
  const from = nodes.indexOf(first)
  const round = [...nodes.slice(from), ...nodes.slice(0, from)]
  const names = [...round, first].map((index) => steps[index]!.name)
  const told = round.find((index) => steps[index]!.after !== undefined) ?? first
  const previous = steps[round.at(round.indexOf(told) - 1)!]!.name
  const untold = round.find((index) => steps[index]!.after === undefined)
  return issueAt(
    ["steps", told, "after", steps[told]!.after?.indexOf(previous) ?? 0],
    round.length === 1 ? `step ${names[0]} waits for itself` : `these steps wait for each other: ${names.join(" → ")}`,
    untold === undefined
      ? "take one of them out of after"
      : `step ${
        steps[untold]!.name
      } does not say after and comes after the one above it; a step that needs none says after: []`
  )
}

/** One cycle for each knot of steps that wait for each other. */
const findCycles = (
  steps: ReadonlyArray<ChainStep>,
  predecessors: ReadonlyArray<ReadonlyArray<number>>
): ReadonlyArray<ChainIssue> => {
  const graph = Graph.directed<number, null>((mutable) => {
    steps.forEach((_, index) => Graph.addNode(mutable, index))
    predecessors.forEach((direct, index) => direct.forEach((one) => Graph.addEdge(mutable, one, index, null)))
  })
  return Graph.stronglyConnectedComponents(graph).flatMap((knot) =>
    Option.match(Graph.findCycle(Graph.inducedSubgraph(graph, knot)), {
      onNone: () => [],
      onSome: ({ path }) => [formatCycle(steps, path)]
    })
  )
}

/** Again and again the first of the written ones that waits for nothing more. */
const sort = (predecessors: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const sorted = new Set<number>()
  const isReady = (index: number) => !sorted.has(index) && predecessors[index]!.every((one) => sorted.has(one))
  const all = predecessors.map((_, index) => index)
  for (let next = all.find(isReady); next !== undefined; next = all.find(isReady)) sorted.add(next)
  return [...sorted]
}

export const orderSteps = (steps: ReadonlyArray<ChainStep>): ChainOrder => {
  const places = findPlaces(steps)
  const predecessors = findPredecessors(steps, places)
  const before = findAllBefore(predecessors)
  const written = steps.map((step, index): PlacedStep => ({
    index,
    step,
    after: predecessors[index]!.map((one) => steps[one]!.name),
    before: before[index]!
  }))
  return {
    steps: sort(predecessors).map((index) => written[index]!),
    written,
    issues: [
      ...findDuplicates(steps, places),
      ...findUnknown(steps, places),
      ...findCycles(steps, predecessors)
    ]
  }
}
