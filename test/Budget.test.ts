import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { BudgetState } from "../src/domain/BudgetState.ts"
import { fromUsd, MicroUsd, zeroUsd } from "../src/domain/MicroUsd.ts"
import { Budget } from "../src/services/Budget.ts"

const amount = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2_000_000 }))

/** What happens to a budget: a reservation, or the settlement of the oldest open one, at a share of what was promised. */
const Step = Schema.Union([
  Schema.TaggedStruct("Reserve", { amount }),
  Schema.TaggedStruct("Settle", { share: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })) })
])

describe("BudgetState", () => {
  it.prop("never has more spent and promised than its cap", [Schema.Array(Step), amount], ([steps, cap]) => {
    let state = BudgetState.start(MicroUsd.make(cap), zeroUsd)
    const open: Array<MicroUsd> = []
    for (const step of steps) {
      if (step._tag === "Reserve") {
        const next = state.reserve(MicroUsd.make(step.amount))
        if (Result.isFailure(next)) continue
        open.push(MicroUsd.make(step.amount))
        state = next.success
      } else {
        const promised = open.shift()
        if (promised !== undefined) {
          state = state.settle(promised, MicroUsd.make(Math.floor(promised * step.share / 100)))
        }
      }
      assert.isAtMost(state.settled + state.reserved, cap)
      assert.strictEqual(state.reserved, open.reduce((sum, each) => sum + each, 0))
    }
  })

  it("books an overshoot as it is, and promises nothing more beyond the cap", () => {
    const one = fromUsd(1)
    const promised = Result.getOrThrow(BudgetState.start(one, zeroUsd).reserve(one))
    const after = promised.settle(one, fromUsd(1.4))
    assert.strictEqual(after.settled, fromUsd(1.4))
    assert.isTrue(Result.isFailure(after.reserve(MicroUsd.make(1))))
  })

  it("names the figures of a refusal", () => {
    const refused = BudgetState.start(fromUsd(2), fromUsd(1.5)).reserve(fromUsd(1))
    assert.isTrue(Result.isFailure(refused))
    if (Result.isFailure(refused)) {
      assert.strictEqual(
        refused.failure.message,
        "the pool's budget has no room for $1.00: cap $2.00, spent $1.50, reserved $0.00"
      )
    }
  })
})

describe("Budget", () => {
  it.effect("settles a reservation once", () =>
    Effect.gen(function*() {
      const budget = yield* Budget
      const reservation = yield* budget.reserve(fromUsd(1))
      yield* reservation.settle(fromUsd(0.25))
      yield* reservation.settle(fromUsd(0.75))
      const state = yield* budget.state
      assert.strictEqual(state.settled, fromUsd(0.25))
      assert.strictEqual(state.reserved, zeroUsd)
    }).pipe(Effect.provide(Budget.layer({ cap: fromUsd(1), settled: zeroUsd }))))

  it.effect("promises the last dollar once, whoever asks first", () =>
    Effect.gen(function*() {
      const budget = yield* Budget
      const asked = yield* Effect.forEach(
        Array.from({ length: 20 }),
        () => Effect.result(budget.reserve(fromUsd(1))),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(asked.filter(Result.isSuccess).length, 3)
      const refused = asked.filter(Result.isFailure)
      assert.isTrue(refused.every(({ failure }) => failure.reason._tag === "BudgetRefused" && failure.exitCode === 3))
    }).pipe(Effect.provide(Budget.layer({ cap: fromUsd(3.5), settled: zeroUsd }))))

  it.effect("has no cap unless it is given one", () =>
    Effect.gen(function*() {
      const budget = yield* Budget
      yield* budget.reserve(fromUsd(1_000_000))
      assert.isNull(yield* budget.hopeless(fromUsd(1_000_000)))
    }).pipe(Effect.provide(Budget.layer({ cap: null, settled: zeroUsd }))))
})
