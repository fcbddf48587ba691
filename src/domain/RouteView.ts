/**
 * A route as every surface shows it. Snake case, as `TaskView`.
 */
import { Schema } from "effect"
import { type Route, RouteKind, RoutePlan } from "./Route.ts"

export const RouteView = Schema.Struct({
  route: RouteKind,
  reason: Schema.String,
  confidence: Schema.Finite,
  decided_by: Schema.Literals(["rules", "model", "fallback", "caller"]),
  fallback: Schema.optionalKey(Schema.String),
  prompts: Schema.optionalKey(Schema.Array(Schema.String)),
  combine: Schema.optionalKey(Schema.String),
  steps: Schema.optionalKey(Schema.Array(Schema.Struct({ name: Schema.String, prompt: Schema.String }))),
  cost_usd: Schema.Finite,
  task: Schema.optionalKey(Schema.String)
})
export type RouteView = typeof RouteView.Type

const viewPlan = (plan: RoutePlan): Partial<RouteView> =>
  RoutePlan.match(plan, {
    Single: ({ prompt }) => ({ prompts: [prompt] }),
    Parallel: ({ prompts }) => ({ prompts }),
    ParallelCombine: ({ combine, prompts }) => ({ prompts, combine }),
    Chain: ({ steps }) => ({ steps })
  })

/** A route as every surface shows it. */
export const viewRoute = (
  { confidence, costUsd, decidedBy, fallback, kind, plan, reason, task }: Route
): RouteView => ({
  route: kind,
  reason,
  confidence,
  decided_by: decidedBy,
  ...(fallback === undefined ? {} : { fallback }),
  ...viewPlan(plan),
  cost_usd: costUsd,
  ...(task === undefined ? {} : { task })
})
