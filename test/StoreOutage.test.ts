/**
 * A whole pool over a disk that fails again and again: everything is done in the end, nothing of it twice, and what it has
 * cost is what the workers have said.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Console, Effect, Fiber, Option, Ref } from "effect"
import { TestClock } from "effect/testing"
import { ChainId } from "../src/domain/ChainId.ts"
import type { Failure } from "../src/domain/Failure.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { type Fault, judgeStatements } from "./support/FaultySqlite.ts"
import { answer, spendOf, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"

/** Numbers from 0 to below 1, the same for the same seed. */
const numbers = (seed: number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

const passing: ReadonlyArray<Fault> = ["ENOSPC", "EIO", "EDQUOT", "EROFS", "EMFILE", "SQLITE_BUSY"]

const isWrite = (statement: string) => /^(INSERT|UPDATE|DELETE|COMMIT|BEGIN|PRAGMA sync)/i.test(statement.trim())

/** Asks again until the store takes it: a request with a key is the same one each time. */
const untilAccepted = <A>(call: Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
  Effect.catch(call, (failure) => {
    assert.strictEqual(failure.reason._tag, "StoreUnusable", failure.message)
    return Effect.andThen(Effect.sleep("1 second"), untilAccepted(call))
  })

/** One by one: what a second brings has its consequences before the next one comes. */
const seconds = (count: number) =>
  Effect.replicateEffect(
    Effect.andThen(TestClock.adjust("1 second"), Effect.replicateEffect(Effect.yieldNow, 20, { discard: true })),
    count,
    { discard: true }
  )

const seeds = Array.range(1, 25)

describe("a pool whose disk fails again and again", () => {
  for (const seed of seeds) {
    it.effect(`does all that it was asked for, once (seed ${seed})`, () =>
      Effect.gen(function*() {
        const random = numbers(seed)
        const rate = yield* Ref.make(0)
        let failed = 0
        yield* judgeStatements((statement) => {
          if (!isWrite(statement) || random() >= Ref.getUnsafe(rate)) return null
          failed++
          return passing[Math.floor(random() * passing.length)] ?? null
        })
        const runs = yield* Ref.make<ReadonlyArray<string>>([])
        const run = ({ prompt }: { readonly prompt: string }) =>
          Effect.as(Ref.update(runs, (all) => [...all, prompt]), answer(`did ${prompt}`))

        yield* Effect.gen(function*() {
          const pool = yield* Pool
          const store = yield* Store
          yield* Ref.set(rate, 0.15)
          const asked = yield* Effect.forkChild(Effect.all([
            Effect.forEach(Array.range(1, 4), (number) =>
              untilAccepted(pool.submit({ prompt: `task ${number}`, key: `t${number}` }))),
            untilAccepted(pool.fanOut(["a", "b", "c"].map((prompt) => ({ prompt })), { key: "g" })),
            untilAccepted(pool.submitChain({
              definition: {
                steps: [{ name: "one", prompt: "first" }, { name: "two", prompt: "then {previous_output}" }]
              },
              key: "c"
            }))
          ], { concurrency: "unbounded" }))
          yield* seconds(180)
          yield* Ref.set(rate, 0)
          yield* seconds(120)

          const [tasks, group, chain] = yield* Fiber.join(asked)
          for (const { id } of tasks) {
            assert.strictEqual((yield* pool.result(TaskId.make(id))).state, "done")
          }
          assert.strictEqual((yield* pool.group(GroupId.make(group.id))).state, "done")
          assert.strictEqual((yield* pool.chain(ChainId.make(chain.id))).state, "done")
          assert.strictEqual((yield* store.chains.journal(ChainId.make(chain.id))).length, 2)
          assert.isNull(yield* store.health.trouble)
          const { tasks: all } = yield* store.list({ limit: 100 })
          assert.strictEqual(all.length, 9)

          // Each attempt is on record once, and so is its cost.
          const prompts = yield* Ref.get(runs)
          const attempts = yield* Effect.forEach(all, ({ id }) =>
            store.attempts(id))
          assert.strictEqual(attempts.flat().length, prompts.length)
          assert.strictEqual(prompts.length, 9)
          assert.strictEqual((yield* store.spent).cost, spendOf(0.01).cost * 9)
          assert.deepStrictEqual(
            Option.map(
              yield* store.output(all[0]!.id, { offset: 0, limit: 100 }),
              ({ text }) => text.startsWith("did")
            ),
            Option.some(true)
          )
          assert.isTrue((yield* (yield* StartedWorkers).live).length <= 4)
          yield* Console.log(`seed ${seed}: ${failed} statements failed`)
        }).pipe(Effect.provide(testPool({ script: { run }, slots: 4 })))
      }).pipe(Effect.scoped))
  }
})
