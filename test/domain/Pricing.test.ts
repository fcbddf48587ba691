/**
 * Prices are found out from what was paid, to the micro-dollar, or it is said that they are not known.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import type { ModelCost, ModelUsage } from "../../src/domain/ModelUsage.ts"
import { priceOf } from "../../src/domain/Pricing.ts"

const tokens = (maximum: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum }))

const Usage = Schema.Struct({
  inputTokens: tokens(20_000),
  outputTokens: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20_000 })),
  cacheReadTokens: tokens(60_000),
  cacheWriteTokens: tokens(20_000),
  cacheWriteHourTokens: tokens(5000)
})

/** In dollars for a million tokens in, and for a million from the cache. */
const Price = Schema.Literals(
  [[4, 0.2], [8, 0.2], [10, 0.25], [2, 0.1], [0.1, 0.01], [0.8, 0.08], [15, 1.5]].map((it) => it.join(":"))
)

const of = (usage: typeof Usage.Type, model = "m"): ModelUsage => ({ model, ...usage })

const paid = (usage: ModelUsage, price: string): ModelCost => {
  const [input = 0, read = 0] = price.split(":").map(Number)
  const usd = usage.inputTokens * input + usage.outputTokens * 5 * input + usage.cacheReadTokens * read +
    usage.cacheWriteTokens * 1.25 * input + usage.cacheWriteHourTokens * 2 * input
  return { ...usage, usd: usd / 1e6 }
}

/** As the CLI's figures become the ledger's. */
const micros = ({ usd }: ModelCost): number => Math.round(Math.round(usd * 1e9) / 1e3)

const plain = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cacheWriteHourTokens: 0 }

describe("the price of tokens", () => {
  it.effect.prop(
    "is that of others of the same model, or no more than that where nothing proves it",
    [Price, Price, Schema.Array(Usage).check(Schema.isMaxLength(15)), Usage, Usage],
    ([price, other, before, first, second]) =>
      Effect.sync(() => {
        const samples = before.flatMap((usage) => [paid(of(usage), price), paid(of(usage, "other"), other)])
        const asked = [of(first), of(second, "other")]
        const right = micros({ ...asked[0]!, usd: paid(asked[0]!, price).usd + paid(asked[1]!, other).usd })
        const { cost, isSure } = priceOf(asked, samples)
        if (isSure) assert.approximately(cost, right, 1)
        else assert.isAtMost(cost, right + 1)
        const isProven = before.some((a) =>
          before.some((b) => a.cacheReadTokens > b.cacheReadTokens + 5000 && a.outputTokens === b.outputTokens)
        )
        if (isProven) assert.isTrue(isSure)
      }),
    { arbitrary: { runs: 500, size: 15 } }
  )

  it("is known after two tasks, one of which read from the cache", () => {
    const samples = [
      paid(of({ ...plain, inputTokens: 100, outputTokens: 20, cacheReadTokens: 5000 }), "2:0.1"),
      paid(of({ ...plain, inputTokens: 1000, outputTokens: 10, cacheWriteTokens: 2000 }), "2:0.1")
    ]
    const usage = of({ ...plain, inputTokens: 100, outputTokens: 12, cacheReadTokens: 900, cacheWriteTokens: 400 })
    assert.deepStrictEqual(priceOf([usage], samples), { cost: 1410 as never, isSure: true })
  })

  it("is none where nothing was ever paid, and nothing for nothing", () => {
    const usage = of({ ...plain, inputTokens: 100 })
    assert.deepStrictEqual(priceOf([usage], []), { cost: 0 as never, isSure: false })
    assert.deepStrictEqual(priceOf([usage], [paid({ ...usage, model: "other" }, "2:0.1")]), {
      cost: 0 as never,
      isSure: false
    })
    assert.deepStrictEqual(priceOf([of(plain)], []), { cost: 0 as never, isSure: true })
  })

  it("is that of the model with the long context, too", () => {
    const usage = of({ ...plain, inputTokens: 100 })
    const samples = [paid(of({ ...plain, outputTokens: 100 }, "m[1m]"), "2:0.1")]
    assert.deepStrictEqual(priceOf([usage], samples), { cost: 200 as never, isSure: true })
  })

  it("is not sure where the model has had several", () => {
    const once = of({ ...plain, inputTokens: 1000, cacheReadTokens: 100 })
    const twice = of({ ...plain, inputTokens: 3000 })
    const samples = [paid(once, "2:0.1"), paid(twice, "2:0.1"), paid(twice, "4:0.2")]
    assert.isFalse(priceOf([once], samples).isSure)
  })
})
