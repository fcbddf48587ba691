/**
 * Random histories of a pool: whatever happens, in whatever order, every task ends once, nothing illegal is written, and
 * no more money is spent and promised than there is. And the same under schedulers that let fibers go on in other orders.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { poolHistory, Step } from "./faults/PoolHistory.ts"
import { playSchedule, schedules, shrink } from "./faults/Schedules.ts"
import { seedOr } from "./faults/Seed.ts"

describe("a pool, whatever happens to it,", () => {
  it.effect.prop(
    "ends every task once, and keeps its money together",
    [Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(40))],
    ([steps]) => poolHistory(steps),
    { arbitrary: { runs: 150, size: 40 } }
  )

  it.effect("decides a review once, whoever comes first and however often", () =>
    Effect.gen(function*() {
      const submit = { _tag: "Submit", timeout: "long", reviewed: true } as const
      const finish = { _tag: "Finish", which: 0 } as const
      const approve = { _tag: "Approve", which: 0, times: 2 } as const
      const reject = { _tag: "Reject", which: 0 } as const
      const cancel = { _tag: "Cancel", which: 0 } as const
      yield* poolHistory([submit, finish, approve, reject, approve])
      yield* poolHistory([submit, reject, finish, reject, reject, finish, reject, approve])
      yield* poolHistory([submit, finish, cancel, approve, reject])
      yield* poolHistory([submit, finish, { _tag: "Crash" }, reject, finish, { _tag: "Restart" }, approve])
    }))

  it.effect("loses nothing when it is killed again and again in the middle of a task", () =>
    Effect.gen(function*() {
      const crash = { _tag: "Crash" } as const
      const submit = { _tag: "Submit", timeout: "long", reviewed: false } as const
      yield* poolHistory([submit, crash, submit, crash, { _tag: "Finish", which: 0 }, crash, crash])
    }))
})

const count = 100
const seed = seedOr(1)

describe("a pool, in whatever order its fibers go on,", () => {
  it.live(`ends every task once, in ${count} schedules`, () =>
    Effect.gen(function*() {
      const report = yield* schedules({ seed, isOver: (played) => played >= count })
      assert.deepStrictEqual(report.failures, [])
      assert.strictEqual(report.played, count)
      assert.isAbove(report.choices, count)
    }))

  it.live("goes the same way again with the same seed, and another with another", () =>
    Effect.gen(function*() {
      const traces = yield* Effect.forEach([3, 3, 4], (one) => Effect.map(playSchedule(one), ({ trace }) => trace))
      assert.strictEqual(traces[0], traces[1])
      assert.notStrictEqual(traces[0], traces[2])
    }))

  it.live("shrinks what fails to the steps that it takes", () =>
    Effect.gen(function*() {
      const all = Array.from({ length: 30 }, (_, n) => n)
      const fails = (some: ReadonlyArray<number>) => Effect.succeed(some.includes(4) && some.includes(21))
      assert.deepStrictEqual(yield* shrink(all, fails), [4, 21])
    }))
})
