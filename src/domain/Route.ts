/**
 * How a request is handed out: what a router decides, and what a caller may tell it.
 */
import { Schema, Struct } from "effect"
import { StepName } from "./ChainDefinition.ts"
import { Prompt } from "./TaskRequest.ts"

/** The shapes that work may be given. */
export const RouteKind = Schema.Literals(["single", "parallel", "parallel-combine", "chain"])
export type RouteKind = typeof RouteKind.Type

/** What the caller knows; all of it is enforced, and none of it is merely said to a model. */
export const RouteHints = Schema.Struct({
  /** The most tasks side by side; 8 where nothing is said. */
  maxParallel: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 })),
  /** The most steps of a chain; 8 where nothing is said. */
  maxSteps: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 32 })),
  /** What is chosen where it is a close call. */
  prefer: RouteKind,
  /** What the work is about, as context for a model that is asked. */
  domain: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  /** The parts that the caller sees in it: they are the parts, where there is more than one. */
  parts: Schema.Array(Prompt),
  /** `never`: only the rules decide. `always`: the model is asked even if the rules are sure. */
  model: Schema.Literals(["if-unsure", "never", "always"])
}).mapFields(Struct.map(Schema.optionalKey))
export type RouteHints = typeof RouteHints.Type

/** What is to be run. A single prompt is the caller's, word for word. */
export const RoutePlan = Schema.TaggedUnion({
  Single: { prompt: Prompt },
  Parallel: { prompts: Schema.NonEmptyArray(Prompt) },
  /** `combine` gets all answers where it says `{outcomes}`. */
  ParallelCombine: { prompts: Schema.NonEmptyArray(Prompt), combine: Prompt },
  /** Each step but the first may use `{previous_output}` and the outputs of the steps before it. */
  Chain: { steps: Schema.NonEmptyArray(Schema.Struct({ name: StepName, prompt: Prompt })) }
})
export type RoutePlan = typeof RoutePlan.Type

export const Route = Schema.Struct({
  kind: RouteKind,
  plan: RoutePlan,
  /** Why, in a line. */
  reason: Schema.String,
  /** From 0 to 1. */
  confidence: Schema.Finite,
  decidedBy: Schema.Literals(["rules", "model", "fallback", "caller"]),
  /** Why a model was asked and did not decide; the route is then single. */
  fallback: Schema.optionalKey(Schema.String),
  /** What asking has cost, in US dollars, and the task that it was booked on. */
  costUsd: Schema.Finite,
  task: Schema.optionalKey(Schema.String)
})
export type Route = typeof Route.Type
