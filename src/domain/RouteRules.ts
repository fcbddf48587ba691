/**
 * The rules by which a request is handed out, without asking a model: the same answer each time, and none where they are
 * unsure. The parts are in `routing/`: what a prompt says, the test that weighs it, and the plan that is made of its text.
 */
import type { RouteHints, RouteKind, RoutePlan } from "./Route.ts"
import { collectionPrompts, piecePrompts, planChain, planParallel, planSingle, pointAt } from "./RoutePlans.ts"
import { type Evidence, readEvidence } from "./routing/Evidence.ts"
import { groupSteps } from "./routing/Steps.ts"
import { judge, type Verdict } from "./routing/Verdict.ts"

export interface Decision {
  readonly kind: RouteKind
  readonly plan: RoutePlan
  readonly reason: string
  readonly confidence: number
}

export interface RuleDecision {
  /** Null where the rules are unsure. */
  readonly decision: Decision | null
  /** What has been seen, for whoever wants to know why. */
  readonly signals: ReadonlyArray<string>
}

const fewest = { maxParallel: 8, maxSteps: 8 }

const kindOf = { Single: "single", Parallel: "parallel", ParallelCombine: "parallel-combine", Chain: "chain" } as const

/** What a plan came to, after the caps: one part alone is the request itself. */
export const decisionOf = (plan: RoutePlan, reason: string, confidence: number): Decision => ({
  kind: kindOf[plan._tag],
  plan,
  reason,
  confidence
})

/** A plan out of texts that say which part each is: from the caller, or from a model. */
export const planParts = (
  prompt: string,
  kind: RouteKind,
  parts: ReadonlyArray<string>,
  hints: RouteHints = {}
): RoutePlan => {
  const { maxParallel, maxSteps } = { ...fewest, ...hints }
  if (kind === "single") return planSingle(prompt)
  if (kind === "chain") return planChain(prompt, parts, maxSteps)
  return planParallel(prompt, pointAt(prompt, parts, maxParallel), kind === "parallel-combine")
}

/** The parts that the caller has named; null where there is no more than one. */
export const decideByCaller = (prompt: string, hints: RouteHints = {}): Decision | null => {
  const { parts = [], prefer } = hints
  if (parts.length < 2) return null
  const kind = prefer === undefined || prefer === "single" ? "parallel" : prefer
  return decisionOf(planParts(prompt, kind, parts, hints), `the caller has named ${parts.length} parts`, 1)
}

/** The plan of a route; null where the text cannot be split into it. */
const planFor = (
  kind: RouteKind,
  prompt: string,
  { layout, sequence }: Evidence,
  { collection, pieces }: Verdict,
  hints: RouteHints
): RoutePlan | null => {
  const { maxParallel, maxSteps } = { ...fewest, ...hints }
  if (kind === "single") return planSingle(prompt)
  if (layout.clipped) return null
  if (kind === "chain") {
    const steps = groupSteps(layout.said, sequence).map(({ from, to }) => prompt.slice(from, to))
    return steps.length < 2 ? null : planChain(prompt, steps, maxSteps)
  }
  const combines = kind === "parallel-combine"
  if (collection !== null) return planParallel(prompt, collectionPrompts(prompt, collection, maxParallel), combines)
  return pieces === null ? null : planParallel(prompt, piecePrompts(prompt, pieces, maxParallel), combines)
}

const signalsOf = ({ count, pieces: { best, collection }, sequence }: Evidence): ReadonlyArray<string> => [
  ...(best === null ? [] : [`${best.items.length} ${best.isCounted ? "counted " : ""}pieces (${best.form})`]),
  ...(collection === null ? [] : [`${collection.value} things of one kind`]),
  ...(sequence.links === 0
    ? []
    : [`${sequence.links} of ${sequence.steps.length} steps follow, ${sequence.needs} need`]),
  ...(["apart", "divide", "serial", "each", "gather", "weighty", "slight"] as const).flatMap((concept) => {
    const times = count(concept)
    return times === 0 ? [] : [`${concept} ${times}`]
  })
]

/** Never fails, whatever the text is. */
export const decideByRules = (prompt: string, hints: RouteHints = {}): RuleDecision => {
  const evidence = readEvidence(prompt)
  const verdict = judge(evidence)
  const { among, confidence, kind, reason } = verdict
  const preferred = hints.prefer !== undefined && among.includes(hints.prefer) ? hints.prefer : null
  const chosen = kind ?? preferred
  const plan = chosen === null ? null : planFor(chosen, prompt, evidence, verdict, hints)
  const why = kind === null ? `a close call, and ${chosen} is preferred` : reason
  return {
    decision: plan === null ? null : decisionOf(plan, why, kind === null ? 0.6 : confidence),
    signals: signalsOf(evidence)
  }
}
