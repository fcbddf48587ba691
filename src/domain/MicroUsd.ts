/**
 * Money, in whole micro-dollars: sums of many small costs stay exact, which they do not in floating point.
 */
import { Schema } from "effect"

export const MicroUsd = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.brand("MicroUsd"))
export type MicroUsd = typeof MicroUsd.Type

/** Nothing. */
export const zeroUsd: MicroUsd = MicroUsd.make(0)

/** From dollars, as the CLI reports and people write them; rounded to the nearest micro-dollar. */
export const fromUsd = (usd: number): MicroUsd => MicroUsd.make(Math.max(0, Math.round(usd * 1_000_000)))

/** In dollars, for people and for the CLI. */
export const toUsd = (amount: MicroUsd): number => amount / 1_000_000

/** Their sum. */
export const addUsd = (a: MicroUsd, b: MicroUsd): MicroUsd => MicroUsd.make(a + b)

/** `a - b`, and never below zero. */
export const lessUsd = (a: MicroUsd, b: MicroUsd): MicroUsd => MicroUsd.make(Math.max(0, a - b))

/** `$1.50`; small amounts keep the digits that matter: `$0.0014`. */
export const formatUsd = (amount: MicroUsd): string => {
  const usd = toUsd(amount)
  return `$${usd === 0 || usd >= 0.1 ? usd.toFixed(2) : usd.toFixed(usd >= 0.001 ? 4 : 6)}`
}
