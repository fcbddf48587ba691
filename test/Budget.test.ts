import { assert, describe, it } from "@effect/vitest"
import { Effect, HashMap, Option, Result, Schema } from "effect"
import { BudgetState } from "../src/domain/BudgetState.ts"
import { ChainId } from "../src/domain/ChainId.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { fromUsd, MicroUsd, zeroUsd } from "../src/domain/MicroUsd.ts"
import { type Promised, Purses } from "../src/domain/Purses.ts"
import type { WorkId } from "../src/domain/WorkId.ts"
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
  }, { arbitrary: { size: 60 } })

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

const owners = [GroupId.make("g_0000000000000000"), ChainId.make("c_0000000000000000")] as const
const [group, chain] = owners
const which = Schema.NullOr(Schema.Literals(owners))

/** What happens to purses: the group's may be within the chain's. */
const PurseStep = Schema.Union([
  Schema.TaggedStruct("Open", { id: Schema.Literals(owners), cap: Schema.NullOr(amount) }),
  Schema.TaggedStruct("Close", { id: Schema.Literals(owners) }),
  Schema.TaggedStruct("Reserve", { amount, of: which }),
  Schema.TaggedStruct("Settle", { share: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })) })
])

describe("Purses", () => {
  it.prop(
    "keep every budget that an amount is promised in, whatever is opened, closed and settled meanwhile",
    [Schema.Array(PurseStep).check(Schema.isMinLength(5), Schema.isMaxLength(60)), amount],
    ([steps, cap]) => {
      let all = Purses.start(MicroUsd.make(cap), zeroUsd)
      const open: Array<Promised> = []
      // A cap that is lowered below what is booked already bounds only what comes after.
      const booked = new Map<WorkId, number>()
      const states = () => [...HashMap.values(all.purses)].map(({ state }) => state)
      for (const step of steps) {
        switch (step._tag) {
          case "Open":
            all = all.open(step.id, {
              cap: step.cap === null ? null : MicroUsd.make(step.cap),
              settled: zeroUsd,
              within: step.id === group ? chain : null
            })
            break
          case "Close":
            all = all.close(step.id)
            break
          case "Reserve": {
            const next = all.reserve(MicroUsd.make(step.amount), step.of)
            if (Result.isFailure(next)) {
              assert.include(["pool", ...HashMap.keys(all.purses)], next.failure.of)
              break
            }
            open.push(next.success[0])
            all = next.success[1]
            for (const id of next.success[0].purses) {
              const state = Option.getOrThrow(HashMap.get(all.purses, id)).state
              assert.isTrue(state.cap === null || state.settled + state.reserved <= state.cap, id)
            }
            break
          }
          case "Settle": {
            const promised = open.shift()
            if (promised === undefined) break
            all = all.settle(promised, MicroUsd.make(Math.floor(promised.amount * step.share / 100)))
          }
        }
        assert.isAtMost(all.pool.settled + all.pool.reserved, cap)
        assert.strictEqual(all.pool.reserved, open.reduce((sum, each) => sum + each.amount, 0))
        for (const state of states()) {
          const own = open.filter(({ purses }) => purses.some((id) => id === state.of))
          assert.strictEqual(state.reserved, own.reduce((sum, each) => sum + each.amount, 0))
          const before = booked.get(state.of as WorkId) ?? 0
          assert.isTrue(
            state.cap === null || state.settled + state.reserved <= Math.max(state.cap, before),
            `${state.of} has booked more than it may`
          )
          booked.set(state.of as WorkId, state.settled + state.reserved)
        }
        for (const id of owners) if (!HashMap.has(all.purses, id)) booked.delete(id)
      }
    },
    { arbitrary: { size: 60 } }
  )

  it("are closed once what was promised in them is settled", () => {
    const opened = Purses.start(null, zeroUsd).open(group, { cap: fromUsd(2), settled: zeroUsd, within: null })
    const [promised, reserved] = Result.getOrThrow(opened.reserve(fromUsd(1), group))
    const closed = reserved.close(group)
    assert.strictEqual(closed.hopeless(fromUsd(3), group)?.of, group)
    const settled = closed.settle(promised, fromUsd(1))
    assert.isNull(settled.hopeless(fromUsd(3), group))
    assert.strictEqual(settled.pool.settled, fromUsd(1))
  })

  it("name the one that refuses, and promise in none if one of them does", () => {
    const all = Purses.start(fromUsd(5), zeroUsd)
      .open(chain, { cap: fromUsd(2), settled: fromUsd(1), within: null })
      .open(group, { cap: fromUsd(3), settled: zeroUsd, within: chain })
    const refusedBy = (usd: number) => Result.getOrThrow(Result.flip(all.reserve(fromUsd(usd), group))).of
    assert.deepStrictEqual([refusedBy(4), refusedBy(2)], [group, chain])
    const [, reserved] = Result.getOrThrow(all.reserve(fromUsd(1), group))
    assert.deepStrictEqual([...HashMap.values(reserved.purses)].map(({ state }) => state.reserved), [
      fromUsd(1),
      fromUsd(1)
    ])
    const poor = Purses.start(fromUsd(1), zeroUsd).open(group, { cap: null, settled: zeroUsd, within: null })
    assert.strictEqual(poor.hopeless(fromUsd(2), group)?.of, "pool")
    assert.isTrue(Result.isFailure(poor.reserve(fromUsd(2), group)))
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
