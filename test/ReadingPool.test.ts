/**
 * A pool that only reads: it changes nothing, and decides what needs no worker.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { ShuttingDown } from "../src/domain/RequestFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { testPool } from "./support/TestPool.ts"

const reading = Pool.layerReader({ refusal: new ShuttingDown(), owned: false, taskBudget: fromUsd(2) }).pipe(
  Layer.provide(StoreDirectory.layerMemory)
)

describe("a pool that only reads", () => {
  it.effect("foresees a chain, and starts none", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const request = { definition: { steps: [{ name: "a", prompt: "a" }, { name: "b", check: "true" }] } }
      const forecast = yield* pool.forecast({ request })
      assert.deepStrictEqual(forecast.steps.map(({ name, reserve_usd }) => [name, reserve_usd]), [["a", 2], ["b", 0]])
      assert.strictEqual((yield* Effect.flip(pool.submitChain(request))).reason._tag, "ShuttingDown")
    }).pipe(Effect.provide(reading)))

  it.effect("routes by the rules alone", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const sure = yield* pool.route("Review each of these files on its own: a.ts, b.ts and c.ts")
      assert.deepStrictEqual([sure.route, sure.decided_by], ["parallel", "rules"])
      const unsure = yield* pool.route("Update the parser, the printer and the linter, each with new tests", {
        model: "always"
      })
      assert.deepStrictEqual([unsure.route, unsure.cost_usd], ["single", 0])
    }).pipe(Effect.provide(reading)))
})

describe("a chain with a small budget", () => {
  it.effect("gives its tasks no more than it has, where their steps do not say", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const definition = { steps: [{ name: "a", prompt: "a" }] }
      const chain = yield* pool.runChain({ definition, budget: fromUsd(0.5) })
      assert.deepStrictEqual([chain.state, chain.cost_usd], ["done", 0.01])
    }).pipe(Effect.provide(testPool())))
})
