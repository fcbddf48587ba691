/**
 * The ledger against what the workers themselves said that they had cost, over pools that are killed again and again: the
 * same to the micro-dollar wherever it says that it is exact, and never more.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { SimulatedPool } from "./support/SimulatedPool.ts"

const rounds = 6
const seed = 41

/** Numbers from a seed (mulberry32): the same work in every run. */
const randomFrom = (start: number) => {
  let state = start
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

describe("the ledger of a pool that is killed", () => {
  it.live(`is what its workers came to, in ${rounds} kills`, () =>
    Effect.gen(function*() {
      const pool = yield* SimulatedPool.make("kill-ledger-")
      const random = randomFrom(seed)
      const models = ["opus", "sonnet", "haiku"]
      const work = () => `${"[[tool:Read]] ".repeat(random(4))}[[long:${1 + random(9000)}]]`
      for (const model of models) {
        for (const prompt of ["[[say:a]] one", "[[tool:Read]] [[say:b]] two"]) {
          yield* pool.ran("run", prompt, "--model", model)
        }
      }
      for (let round = 0; round < rounds; round++) {
        // Each second time the workers come to their ends, and nobody is there to hear of it.
        const isDeaf = round % 2 === 0
        const names = ["x", "y"].map((name) => `${name}${round}`)
        writeFileSync(
          join(pool.directory, "items.txt"),
          names.map((name) => `${work()} [[tool:Grep]] [[await:go${round}]] [[say:${name}]] do\n`).join("")
        )
        const before = pool.asked().length
        const model = models[random(models.length)]!
        const started = yield* pool.start([
          "fan-out",
          "{item}",
          "--over",
          "items.txt",
          "--slots",
          "2",
          "--model",
          model
        ])
        yield* pool.until(() => pool.asked().length === before + names.length)
        if (isDeaf) {
          started.child.kill("SIGSTOP")
          yield* pool.touch(`go${round}`)
          yield* pool.answered(...names)
        }
        yield* pool.kill(started)
        yield* pool.touch(`go${round}`)
        const waited = yield* pool.ran("wait")
        assert.strictEqual(waited.end, 0, waited.stderr)
      }

      const costs = pool.costs()
      const attempts = yield* Effect.gen(function*() {
        const store = yield* Store
        const { tasks } = yield* store.list({ limit: 100 })
        return (yield* Effect.forEach(tasks, ({ id }) => store.attempts(id))).flat()
      }).pipe(
        Effect.provide(
          StoreDirectory.layerReader({ directory: join(pool.directory, "store") }).pipe(
            Layer.provide(NodeServices.layer)
          )
        )
      )
      for (const { recovered, session, spend } of attempts) {
        const said = Math.round((costs.get(session ?? "") ?? 0) * 1e6)
        if (spend.exact) assert.strictEqual(spend.cost, said)
        else assert.isAtMost(spend.cost, said)
        if (recovered === true) assert.isTrue(spend.exact)
      }
      const recovered = attempts.filter((attempt) => attempt.recovered === true)
      assert.lengthOf(recovered, rounds)
      assert.isAbove(attempts.filter(({ spend }) => !spend.exact).length, 0)
    }))
})
