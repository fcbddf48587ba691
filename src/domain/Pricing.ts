/**
 * What tokens have cost, told from what the same model's tokens have cost before: for work whose worker did not live to
 * say it. No price list is kept: the CLI's own figures are the only source.
 *
 * A provider's prices of one model hang together: a token out costs five times a token in, one that is written to the
 * cache a quarter more than one in, for an hour twice as much. So two figures say all: the price of a token in, and that
 * of a token read from the cache, which is at most a tenth of it.
 */
import { fromUsd, type MicroUsd } from "./MicroUsd.ts"
import type { ModelCost, ModelUsage } from "./ModelUsage.ts"

export interface Priced {
  readonly cost: MicroUsd
  /** Whether it is what the CLI would have said; else it is no more than that. */
  readonly isSure: boolean
}

/** In micro-dollars for a token. */
interface Rate {
  readonly unit: number
  readonly read: number
}

/** What is known of a model's prices; `read` is null where nothing was ever read from the cache. */
interface Known {
  readonly unit: number
  readonly read: number | null
  readonly isSure: boolean
}

/** The newest figures count: prices change. */
const mostSamples = 12

/** The most that a token from the cache may cost, in tokens in. */
const mostRead = 0.1

/** A variant of a model, such as that with the long context, is written in brackets behind its name. */
const nameOf = (model: string): string => model.replace(/\[[^\]]*\]$/u, "")

/** All that is paid at the price of a token in, as so many of those. */
const units = (usage: ModelUsage): number =>
  usage.inputTokens + 5 * usage.outputTokens + 1.25 * usage.cacheWriteTokens + 2 * usage.cacheWriteHourTokens

const micros = ({ usd }: ModelCost): number => usd * 1e6

/** Prices are said for a million tokens, with a few decimals at most: the rest is the CLI's arithmetic. */
const snap = (price: number): number => Math.round(price * 1e4) / 1e4

const at = ({ read, unit }: Rate, usage: ModelUsage): number => units(usage) * unit + usage.cacheReadTokens * read

const agrees = (rate: Rate) => (sample: ModelCost): boolean => Math.abs(at(rate, sample) - micros(sample)) <= 0.05

/** The prices at which two samples cost what they did, where they are not of one kind. */
const rateOf = (a: ModelCost, b: ModelCost): ReadonlyArray<Rate> => {
  const [x, y] = [units(a), units(b)]
  const apart = x * b.cacheReadTokens - y * a.cacheReadTokens
  if (Math.abs(apart) < 1e-3 * (x + a.cacheReadTokens) * (y + b.cacheReadTokens)) return []
  const unit = snap((micros(a) * b.cacheReadTokens - micros(b) * a.cacheReadTokens) / apart)
  const read = snap((x * micros(b) - y * micros(a)) / apart)
  return unit > 0 && read >= 0 && read <= unit * mostRead + 1e-4 ? [{ unit, read }] : []
}

/** The least that a token in can have cost. */
const leastUnit = (one: ModelCost): number => micros(one) / (units(one) + mostRead * one.cacheReadTokens)

const known = (samples: ReadonlyArray<ModelCost>): Known | null => {
  const [first] = samples
  if (first === undefined) return null
  const found = samples.flatMap((a, index) => samples.slice(index + 1).flatMap((b) => rateOf(a, b)))
    .map((rate) => ({ rate, agreeing: samples.filter(agrees(rate)).length }))
    .reduce<{ readonly rate: Rate; readonly agreeing: number } | null>(
      (best, next) => best === null || next.agreeing > best.agreeing ? next : best,
      null
    )
  if (found !== null && found.agreeing > 1) {
    return { ...found.rate, isSure: found.agreeing === samples.length }
  }
  // Nothing was ever read from the cache, or always in the same proportion.
  const unread = samples.find(({ cacheReadTokens }) => cacheReadTokens === 0)
  if (unread !== undefined) {
    const unit = snap(micros(unread) / units(unread))
    return {
      unit,
      read: null,
      isSure: samples.filter((one) => one.cacheReadTokens === 0).every(agrees({ unit, read: 0 }))
    }
  }
  return { unit: Math.min(...samples.map(leastUnit)), read: null, isSure: false }
}

/** `samples` are what other work has cost, exactly, the newest first. */
export const priceOf = (usages: ReadonlyArray<ModelUsage>, samples: ReadonlyArray<ModelCost>): Priced => {
  let usd = 0
  let isSure = true
  for (const usage of usages) {
    const same = samples.filter((sample) => nameOf(sample.model) === nameOf(usage.model) && units(sample) > 0)
    const rate = known(same.slice(0, mostSamples))
    if (rate === null) {
      isSure &&= units(usage) + usage.cacheReadTokens === 0
      continue
    }
    // To a billionth of a dollar, so that a sum of prices with few decimals is what it would be on paper.
    usd += Math.round(at({ unit: rate.unit, read: rate.read ?? 0 }, usage) * 1e3) / 1e9
    isSure &&= rate.isSure && (rate.read !== null || usage.cacheReadTokens === 0)
  }
  return { cost: fromUsd(Math.round(usd * 1e9) / 1e9), isSure }
}
