/**
 * How chains are stopped, left and taken up again, and what their money has to do with it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Effect, Exit, Layer, Ref, Scope } from "effect"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Budget } from "../src/services/Budget.ts"
import { Chains } from "../src/services/Chains.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answers, look, play, rejected } from "./support/ChainScript.ts"
import { answer, spendOf, StartedWorkers } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"
import { settle } from "./support/Time.ts"

const pool = (words: Parameters<typeof answers>[0] = {}, more: Parameters<typeof testChains>[0] = {}) =>
  Effect.provide(testChains({ script: { run: answers(words) }, ...more }))

describe("a chain that is cancelled", () => {
  it.effect("has nothing that runs when that is told, and stays cancelled", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const { id } = yield* chains.submit({
        definition: {
          variables: { words: { type: "list", default: ["hang", "hang"] } },
          steps: [
            { name: "a", prompt: "hang", after: [] },
            { name: "b", prompt: "{item}", forEach: "{vars.words}", after: [] },
            { name: "c", prompt: "c", after: ["a", "b"] }
          ]
        }
      })
      yield* settle
      assert.strictEqual((yield* (yield* StartedWorkers).live).length, 3)
      assert.isTrue(yield* chains.cancel(id, "enough"))
      assert.deepStrictEqual(yield* (yield* StartedWorkers).live, [])
      assert.isFalse(yield* chains.cancel(id, "again"))
      const { chain, journal } = yield* look(yield* chains.ended(id))
      assert.deepInclude(chain.state, { _tag: "Cancelled", note: "enough" })
      assert.deepStrictEqual(Object.keys(journal), ["b/group"])
      assert.deepStrictEqual(yield* (yield* Store).groups.open, [])
    }).pipe(pool({ hang: Effect.never })))

  it.effect("can be one that nobody runs", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const { id } = yield* chains.submit({ definition: { steps: [{ name: "a", prompt: "a" }] } })
      yield* settle
      assert.strictEqual((yield* chains.find(id)).state._tag, "Running")
      assert.isTrue(yield* chains.cancel(id, ""))
      assert.strictEqual((yield* chains.ended(id)).state._tag, "Cancelled")
    }).pipe(pool({}, { run: false })))

  it.effect("is told so where only one of its tasks was", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const { id } = yield* chains.submit({ definition: { steps: [{ name: "a", prompt: "hang" }] } })
      yield* settle
      const [task] = yield* (yield* Store).chains.tasks(id)
      yield* (yield* Tasks).cancel(task!.id, "not this")
      const { chain, why } = yield* look(yield* chains.ended(id))
      assert.strictEqual(chain.state._tag, "Failed")
      assert.deepInclude(why("a"), { _tag: "Cancelled", note: "not this" })
    }).pipe(pool({ hang: Effect.never })))
})

describe("a chain whose pool ends", () => {
  it.effect("goes on in the next one where it was", () =>
    Effect.gen(function*() {
      const world = yield* Effect.scope
      const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
      const asked: Array<string> = []
      const held = yield* Deferred.make<void>()
      const open = Effect.fnUntraced(function*() {
        const scope = yield* Scope.make()
        const run = ({ prompt }: { readonly prompt: string }) =>
          Effect.sync(() => asked.push(prompt)).pipe(
            Effect.andThen(prompt === "b" ? Deferred.await(held) : Effect.void),
            Effect.as(answer(`did ${prompt}`))
          )
        const layer = testChains({ store: Layer.succeed(Store, store), script: { run } })
        return { scope, chains: Context.get(yield* Layer.buildWithScope(layer, scope), Chains) }
      })
      const first = yield* open()
      const { id } = yield* first.chains.submit({
        definition: { steps: [{ name: "a", prompt: "a" }, { name: "b", prompt: "b" }, { name: "c", prompt: "c" }] }
      })
      yield* settle
      yield* Scope.close(first.scope, Exit.void)
      const left = yield* store.chains.tasks(id)
      assert.deepStrictEqual(left.map(({ state }) => state._tag), ["Done", "Queued"])
      yield* Deferred.succeed(held, undefined)
      const second = yield* open()
      assert.strictEqual((yield* second.chains.ended(id)).state._tag, "Done")
      assert.deepStrictEqual(asked, ["a", "b", "b", "c"])
      assert.strictEqual((yield* store.chains.tasks(id)).length, 3)
      yield* Scope.close(second.scope, Exit.void)
    }).pipe(Effect.scoped))
})

describe("a chain that is taken up again", () => {
  const flaky = Effect.gen(function*() {
    const broken = yield* Ref.make(true)
    const asked: Array<string> = []
    const run = ({ prompt }: { readonly prompt: string }) =>
      Effect.gen(function*() {
        asked.push(prompt)
        return prompt.startsWith("flaky") && (yield* Ref.get(broken)) ? yield* rejected : answer(`did ${prompt}`)
      })
    return { asked, run, mend: Ref.set(broken, false) }
  })

  const steps = [
    { name: "a", prompt: "a" },
    { name: "b", prompt: "flaky {previous_output}" },
    { name: "c", prompt: "c {previous_output}" }
  ] as const

  it.effect("runs what had failed and what comes after, and nothing that was done", () =>
    Effect.gen(function*() {
      const { asked, mend, run } = yield* flaky
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const { chain } = yield* play(steps)
        assert.deepInclude(chain.state, { _tag: "Failed", step: "b" })
        yield* mend
        assert.deepInclude(yield* chains.resume(chain.id), { resumes: 1 })
        assert.strictEqual((yield* chains.ended(chain.id)).state._tag, "Done")
        assert.deepStrictEqual(asked, ["a", "flaky did a", "flaky did a", "c did flaky did a"])
        yield* chains.resume(chain.id)
        yield* chains.ended(chain.id)
        assert.strictEqual(asked.length, 4)
      }).pipe(Effect.provide(testChains({ script: { run } })))
    }))

  it.effect("runs a step again that is named, and all that come after it", () =>
    Effect.gen(function*() {
      const { asked, mend, run } = yield* flaky
      yield* mend
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const { chain } = yield* play([...steps, { name: "d", prompt: "d", after: ["a"] }])
        asked.length = 0
        yield* chains.resume(chain.id, { from: "b" })
        yield* chains.ended(chain.id)
        assert.deepStrictEqual(asked, ["flaky did a", "c did flaky did a"])
        const wrong = yield* Effect.flip(chains.resume(chain.id, { from: "x" }))
        assert.match(wrong.message, /has no step x/)
      }).pipe(Effect.provide(testChains({ script: { run } })))
    }))

  it.effect("runs of its items only those that are not done", () =>
    Effect.gen(function*() {
      const { asked, mend, run } = yield* flaky
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const { chain } = yield* play([{ name: "each", prompt: "{item}", forEach: "{vars.words}" }], {
          chain: { variables: { words: { type: "list", default: ["x", "flaky", "y"] } } }
        })
        assert.strictEqual(chain.state._tag, "Failed")
        yield* mend
        asked.length = 0
        yield* chains.resume(chain.id)
        const { record, state } = yield* look(yield* chains.ended(chain.id))
        assert.strictEqual(state, "Done")
        assert.deepInclude(record("each")?.outcome, {
          result: { output: `"did x"\n"did flaky"\n"did y"`, outputChars: 27, value: ["did x", "did flaky", "did y"] }
        })
        assert.deepStrictEqual(asked, ["flaky"])
      }).pipe(Effect.provide(testChains({ script: { run } })))
    }))

  it.effect("says how much of it is run again: what its condition passes over stays so, and is kept", () =>
    Effect.gen(function*() {
      const { asked, mend, run } = yield* flaky
      yield* Effect.gen(function*() {
        const { chain, journal } = yield* play([
          { name: "a", prompt: "a" },
          { name: "never", prompt: "never", after: ["a"], when: { value: "{steps.a.output}", is: "x" } },
          { name: "b", prompt: "flaky", after: ["a"] },
          { name: "after", prompt: "after", after: ["never", "b"] }
        ])
        assert.deepStrictEqual(journal, { a: "Done", never: "Skipped", b: "Failed" })
        yield* mend
        asked.length = 0
        assert.deepStrictEqual(yield* (yield* Pool).retry(chain.id), { id: chain.id, rerun: 2, kept: 2 })
        yield* (yield* Chains).ended(chain.id)
        assert.deepStrictEqual(asked, ["flaky", "after"])
      }).pipe(Effect.provide(testChains({ script: { run } })))
    }))

  it.effect("plays all rounds of a loop again that had come to no end", () =>
    Effect.gen(function*() {
      const { asked, run } = yield* flaky
      const passes = yield* Ref.make(false)
      const check = () => Effect.flatMap(Ref.get(passes), (now) => exits(now ? 0 : 1, "still"))
      yield* Effect.gen(function*() {
        const chains = yield* Chains
        const { chain } = yield* play([{ name: "a", prompt: "a {loop.round}", loop: { check: "test", max: 2 } }])
        assert.strictEqual(chain.state._tag, "Failed")
        yield* Ref.set(passes, true)
        yield* chains.resume(chain.id)
        assert.strictEqual((yield* chains.ended(chain.id)).state._tag, "Done")
        assert.deepStrictEqual(asked, ["a 1", "a 2", "a 1"])
      }).pipe(Effect.provide(testChains({ check, script: { run } })))
    }))

  it.effect("must have ended", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const { id } = yield* chains.submit({ definition: { steps: [{ name: "a", prompt: "hang" }] } })
      const refused = yield* Effect.flip(chains.resume(id))
      assert.match(refused.message, /is running/)
      yield* settle
      yield* Effect.forkChild(chains.cancel(id, ""))
      while ((yield* chains.find(id)).state._tag === "Running") yield* Effect.yieldNow
      yield* chains.resume(id)
      yield* settle
      assert.strictEqual((yield* (yield* StartedWorkers).live).length, 1)
      yield* chains.cancel(id, "")
    }).pipe(pool({ hang: Effect.never })))
})

describe("the purse of a chain", () => {
  it.effect("ends it when there is no money left, and a larger one mends that", () =>
    Effect.gen(function*() {
      const chains = yield* Chains
      const money = yield* Budget
      const { chain, why } = yield* play([
        { name: "a", prompt: "a", budget: fromUsd(1) },
        { name: "b", prompt: "b", budget: fromUsd(1), onFailure: "continue" },
        { name: "c", prompt: "c", budget: fromUsd(1) }
      ], { budget: fromUsd(2) })
      assert.deepInclude(chain.state, { _tag: "Failed", step: "c" })
      assert.deepInclude(why("c"), { _tag: "BudgetRefused", of: chain.id, cap: fromUsd(2), settled: fromUsd(1.2) })
      yield* chains.resume(chain.id, { budget: fromUsd(3) })
      const { state, tasks } = yield* look(yield* chains.ended(chain.id))
      assert.strictEqual(state, "Done")
      assert.deepStrictEqual(tasks.map(({ prompt }) => prompt), ["a", "b", "c"])
      const { reserved, settled } = yield* money.state
      assert.deepStrictEqual([reserved, settled], [fromUsd(0), fromUsd(1.8)])
    }).pipe(Effect.provide(testChains({ script: { run: answers({}), spend: spendOf(0.6) } }))))
})
