import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { fromUsd, toUsd } from "../src/domain/MicroUsd.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { ProviderFailed } from "../src/domain/WorkerFailure.ts"
import { Budget } from "../src/services/Budget.ts"
import { Pool } from "../src/services/Pool.ts"
import { answer, spendOf } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

const fail = (reason: Reason) => Effect.fail(new Failure({ reason }))
const overloaded = fail(new ProviderFailed({ status: 529, detail: "overloaded" }))
const asId = (view: TaskView) => TaskId.make(view.id)

describe("money", () => {
  it.effect("is reserved before a task starts: what does not fit waits, and says for what", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = yield* pool.submit({ prompt: "a", budget: fromUsd(1) })
      const second = yield* pool.submit({ prompt: "b", budget: fromUsd(1) })
      yield* pass("1 second")
      assert.strictEqual((yield* pool.result(asId(second))).waits_for, "budget")
      assert.strictEqual((yield* pool.status).budget.reserved_usd, 1)
      yield* pass("1 minute")
      const states = yield* Effect.forEach([first, second], (each) => pool.result(asId(each)))
      assert.deepStrictEqual(states.map(({ state }) => state), ["done", "running"])
      yield* pass("1 minute")
      assert.strictEqual((yield* (yield* Budget).state).settled, fromUsd(0.4))
    }).pipe(Effect.provide(testPool({
      cap: fromUsd(1.5),
      script: { run: () => Effect.as(Effect.sleep("1 minute"), answer("")), spend: spendOf(0.2) }
    }))))

  it.effect("that can never be there refuses the task at the door, and names the figures", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip((yield* Pool).submit({ prompt: "a", budget: fromUsd(3) }))
      assert.strictEqual(failure.exitCode, 3)
      assert.include(failure.message, "no room for $3.00: cap $2.00, spent $0.50")
      assert.strictEqual((yield* (yield* Pool).list({ limit: 1 })).total, 0)
    }).pipe(Effect.provide(testPool({ cap: fromUsd(2), settled: fromUsd(0.5) }))))

  it.effect("that is used up by an earlier task fails the waiting one", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const [, second] = yield* Effect.forEach(["a", "b"], (prompt) => pool.submit({ prompt, budget: fromUsd(1) }))
      yield* pass("1 minute")
      const refused = yield* pool.result(asId(second!))
      assert.deepStrictEqual([refused.state, refused.error?.code, refused.attempts], ["failed", "BudgetRefused", 0])
    }).pipe(Effect.provide(testPool({
      cap: fromUsd(1.5),
      script: { run: () => Effect.as(Effect.sleep("1 second"), answer("")), spend: spendOf(0.9) }
    }))))

  it.effect("of a task is shared by its attempts", () => {
    const caps: Array<number> = []
    return Effect.gen(function*() {
      const running = yield* Effect.forkChild((yield* Pool).run({ prompt: "a", budget: fromUsd(0.5) }))
      yield* pass("10 minutes")
      const failed = yield* Fiber.join(running)
      assert.deepStrictEqual(caps, [0.5, 0.3, 0.1])
      assert.deepStrictEqual([failed.state, failed.cost_usd], ["failed", 0.6])
    }).pipe(Effect.provide(testPool({
      maxAttempts: 5,
      script: {
        run: (_, { launch }) => Effect.andThen(Effect.sync(() => caps.push(toUsd(launch.budget))), overloaded),
        spend: spendOf(0.2)
      }
    })))
  })
})
