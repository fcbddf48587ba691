/**
 * What is said of a chain before anything of it is run, and how it is shown once it is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { ChainRequest } from "../src/domain/ChainDefinition.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Chains } from "../src/services/Chains.ts"
import { makeChainReading } from "../src/services/pool/ChainReading.ts"
import { SharedContext } from "../src/services/SharedContext.ts"
import { Store } from "../src/services/Store.ts"
import { answers, play, rejected, structured } from "./support/ChainScript.ts"
import { spendOf, StartedWorkers } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"
import { pass, settle } from "./support/Time.ts"

const pool = (words: Parameters<typeof answers>[0] = {}, more: Parameters<typeof testChains>[0] = {}) =>
  Effect.provide(testChains({ script: { run: answers(words), spend: spendOf(0.5) }, ...more }))

const refusal = Effect.fnUntraced(function*(request: ChainRequest) {
  const { reason } = yield* Effect.flip((yield* Chains).submit(request))
  assert.deepStrictEqual((yield* (yield* Store).chains.list({ limit: 1 })).chains, [])
  return reason
})

const a = { name: "a", prompt: "a" } as const

describe("a chain that is not accepted", () => {
  it.effect("says everything that is wrong with its plan", () =>
    Effect.gen(function*() {
      const reason = yield* refusal({
        definition: { steps: [a, { name: "b", prompt: "{steps.x.output}", after: ["y"] }] }
      })
      assert.strictEqual(reason._tag, "InvalidPlan")
      assert.match(reason.message, /there is no step x[^]*there is no step y|there is no step y[^]*there is no step x/)
    }).pipe(pool()))

  it.effect("has a variable without a value", () =>
    Effect.gen(function*() {
      const reason = yield* refusal({ definition: { variables: { word: {} }, steps: [a] } })
      assert.match(reason.message, /the variable word has no value/)
    }).pipe(pool()))

  it.effect("works where there is no directory", () =>
    Effect.gen(function*() {
      assert.match((yield* refusal({ definition: { steps: [a] }, cwd: "/no/where" })).message, /not a directory/)
    }).pipe(pool()))

  it.effect("asks for more than the pool allows, in a step or by a command", () =>
    Effect.gen(function*() {
      const full = yield* refusal({ definition: { steps: [{ ...a, permissions: "full" }] } })
      const command = yield* refusal({ definition: { steps: [a, { name: "b", check: "true" }] } })
      const loop = yield* refusal({ definition: { steps: [{ ...a, loop: { check: "true", max: 2 } }] } })
      for (const reason of [full, command, loop]) {
        assert.deepInclude(reason, { _tag: "PermissionRefused", asked: "full", ceiling: "edit" })
      }
    }).pipe(pool({}, { maxPermissions: "edit" })))

  it.effect("has a step that may cost more than the whole", () =>
    Effect.gen(function*() {
      const reason = yield* refusal({ definition: { steps: [{ ...a, budget: fromUsd(3) }] }, budget: fromUsd(2) })
      assert.match(reason.message, /steps.a: one of its tasks may cost \$3.00, and the whole chain \$2.00/)
    }).pipe(pool()))

  it.effect("has variables that its commands could not tell apart", () =>
    Effect.gen(function*() {
      const reason = yield* refusal({
        definition: {
          variables: { "a-b": { default: "" }, a_b: { default: "" } },
          steps: [{ name: "c", check: "true" }]
        }
      })
      assert.match(reason.message, /a-b and a_b are both CLAUDE_POOL_VAR_A_B/)
    }).pipe(pool()))
})

describe("an accepted chain", () => {
  it.effect("works with the context as it was then", () =>
    Effect.gen(function*() {
      const context = yield* SharedContext
      yield* context.set("pool", "style", "short")
      const { tasks } = yield* play([a])
      assert.deepStrictEqual(tasks[0]?.options.context, { style: "short" })
    }).pipe(pool()))

  it.effect("is foreseen, with what its journal has", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const steps = [
        { name: "plan", prompt: "plan", schema: { type: "object", properties: { files: { type: "array" } } } },
        { name: "each", prompt: "{item}", forEach: "{steps.plan.files}" },
        { name: "end", prompt: "end" }
      ] as const
      const before = yield* chains.forecast({ request: { definition: { steps } } })
      assert.deepStrictEqual([before.reserve_usd, before.reserve_complete], [2, false])
      assert.deepStrictEqual(yield* (yield* StartedWorkers).started, [])
      const { chain } = yield* play(steps)
      const after = yield* chains.forecast({ id: chain.id })
      assert.deepStrictEqual(after.steps.map(({ reserve_usd, reused }) => [reused, reserve_usd]), [
        [true, 0],
        [false, 2],
        [false, 1]
      ])
    }).pipe(pool({ plan: Effect.succeed(structured({ files: ["fail", "b"] })), fail: rejected })))

  it.effect("is shown step by step, as the store has it", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const reading = yield* makeChainReading(() => ({}))
      const { id } = yield* chains.submit({
        definition: {
          name: "release",
          variables: { words: { type: "list", default: ["x", "y"] } },
          steps: [
            { name: "test", check: "test" },
            { name: "each", prompt: "{item}", forEach: "{vars.words}" },
            { name: "fix", prompt: "fail", onFailure: { recover: "mend" } },
            { name: "look", prompt: "look", review: { maxRejections: 1 } },
            { name: "end", prompt: "end" }
          ]
        },
        budget: fromUsd(20)
      })
      yield* pass("10 seconds")
      const view = yield* reading.chain(id)
      assert.deepStrictEqual(view.steps.map(({ cost_usd, kind, name, state }) => [name, kind, state, cost_usd]), [
        ["test", "check", "done", 0],
        ["each", "items", "done", 1],
        ["fix", "prompt", "done", 1],
        ["look", "prompt", "review", 0.5],
        ["end", "prompt", "waiting", 0]
      ])
      const [test, each, fix, look, end] = view.steps
      assert.deepInclude(test, { summary: "fine", output_chars: 4, after: [], s: 0 })
      assert.deepInclude(each, { items: 2, items_done: 2, after: ["test"], structured: ["did x", "did y"] })
      assert.deepInclude(fix, { recovered: true, summary: "did mend", attempts: 2 })
      assert.deepStrictEqual(end, { name: "end", kind: "prompt", state: "waiting", after: ["look"], cost_usd: 0 })
      assert.deepInclude(view, {
        state: "running",
        name: "release",
        cost_usd: 2.5,
        budget_usd: 20,
        summary: "did mend"
      })

      yield* chains.cancel(id, "enough")
      yield* settle
      const ended = yield* reading.chain(id)
      assert.deepInclude(ended, { state: "cancelled", summary: "enough", cost_usd: 2.5 })
      assert.deepStrictEqual(ended.steps.slice(3).map(({ state, task }) => [state, task]), [
        ["cancelled", look?.task],
        ["waiting", undefined]
      ])
      assert.deepStrictEqual((yield* reading.chains({ limit: 5 })).chains.map(({ id }) => id), [id])
    }).pipe(pool({ fail: rejected }, { check: () => exits(0, "fine") })))

  it.effect("says which step ended it, and why", () =>
    Effect.gen(function*() {
      const reading = yield* makeChainReading(() => ({}))
      const { chain } = yield* play([a, { name: "b", check: "test" }, { name: "c", prompt: "c" }])
      const view = yield* reading.view(chain)
      assert.deepInclude(view, { state: "failed", failed_step: "b" })
      assert.strictEqual(view.error?.code, "CheckFailed")
      assert.deepStrictEqual(view.steps.map(({ error, state }) => [state, error?.code]), [
        ["done", undefined],
        ["failed", "CheckFailed"],
        ["waiting", undefined]
      ])
    }).pipe(pool({}, { check: () => exits(1, "no") })))
})
