/**
 * A chain seen through the pool: what its text is, and what each of its steps has cost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import type { ChainStep } from "../src/domain/ChainDefinition.ts"
import { ChainId } from "../src/domain/ChainId.ts"
import { Pool } from "../src/services/Pool.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"

const page = { offset: 0, limit: 1000 }

const run = (steps: readonly [ChainStep, ...Array<ChainStep>]) =>
  Effect.flatMap(Pool, (pool) => pool.runChain({ definition: { steps } }))

const textOf = (id: string) =>
  Effect.flatMap(Pool, (pool) => Effect.map(pool.output(ChainId.make(id), page), ({ text }) => text))

const look: ChainStep = { name: "look", prompt: "look" }
const fails: ChainStep = { name: "test", check: "npm test" }

describe("the text of a chain", () => {
  it.effect("is the answer of its last step that is done, as its summary says", () =>
    Effect.gen(function*() {
      const failed = yield* run([look, fails, { name: "report", prompt: "report" }])
      assert.deepStrictEqual([failed.state, failed.failed_step], ["failed", "test"])
      assert.strictEqual(failed.summary, "did look")
      assert.strictEqual(yield* textOf(failed.id), "did look")
    }).pipe(Effect.provide(testChains({ check: () => exits(1, "2 tests failed") }))))

  it.effect("may be what a command said, even where that looks like a task", () =>
    Effect.gen(function*() {
      const done = yield* run([look, fails])
      assert.strictEqual(done.state, "done")
      assert.strictEqual(yield* textOf(done.id), "t_0123456789abcdef")
    }).pipe(Effect.provide(testChains({ check: () => exits(0, "t_0123456789abcdef") }))))

  it.effect("is missing as long as no step is done", () =>
    Effect.gen(function*() {
      const failed = yield* run([fails])
      const { reason } = yield* Effect.flip(textOf(failed.id))
      assert.deepInclude(reason, { _tag: "InvalidRequest", issues: [`${failed.id} has no text of its own`] })
    }).pipe(Effect.provide(testChains({ check: () => exits(1) }))))
})

describe("what a chain has cost", () => {
  it.effect("is what its steps have cost, groups of earlier runs too", () => {
    const list: ChainStep = {
      name: "list",
      prompt: "list",
      schema: { type: "object", properties: { files: { type: "array" } } }
    }
    const each: ChainStep = { name: "each", forEach: "{steps.list.files}", prompt: "read {item}" }
    const script = { run: () => Effect.succeed({ ...answer("done"), structured: { files: ["a", "b"] } }) }
    return Effect.gen(function*() {
      const pool = yield* Pool
      const first = yield* run([list, each])
      const id = ChainId.make(first.id)
      yield* pool.resumeChain(id, { from: "each" })
      yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
      const again = yield* pool.chain(id)
      assert.deepStrictEqual(again.steps.map(({ cost_usd }) => cost_usd), [0.01, 0.04])
      assert.strictEqual(again.cost_usd, 0.05)
    }).pipe(Effect.provide(testChains({ script })))
  })
})
