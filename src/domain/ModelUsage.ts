/**
 * Tokens of one model, as the provider counted them, and what the CLI said that they cost.
 */
import { Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const ModelUsage = Schema.Struct({
  model: Schema.String,
  inputTokens: Count,
  outputTokens: Count,
  cacheReadTokens: Count,
  /** Written to the cache for five minutes, and for an hour: they are paid differently. */
  cacheWriteTokens: Count,
  cacheWriteHourTokens: Count
})
export type ModelUsage = typeof ModelUsage.Type

/** In dollars, unrounded, as the CLI has it: prices are found out from it. */
export const ModelCost = Schema.Struct({ ...ModelUsage.fields, usd: Schema.Finite })
export type ModelCost = typeof ModelCost.Type

const plus = (a: ModelUsage, b: ModelUsage): ModelUsage => ({
  model: a.model,
  inputTokens: a.inputTokens + b.inputTokens,
  outputTokens: a.outputTokens + b.outputTokens,
  cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
  cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
  cacheWriteHourTokens: a.cacheWriteHourTokens + b.cacheWriteHourTokens
})

/** One for each model. */
export const sumUsage = (all: Iterable<ModelUsage>): ReadonlyArray<ModelUsage> => {
  const byModel = new Map<string, ModelUsage>()
  for (const usage of all) {
    const before = byModel.get(usage.model)
    byModel.set(usage.model, before === undefined ? usage : plus(before, usage))
  }
  return [...byModel.values()]
}
