import { assert, it } from "@effect/vitest"
import { Duration, Effect, Equal, Option, Result, Schema } from "effect"
import { Chain } from "../src/domain/Chain.ts"
import { Parent } from "../src/domain/Parent.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { Spend } from "../src/domain/Spend.ts"
import { StepRecord } from "../src/domain/StepRecord.ts"
import { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChain, sampleChainId, sampleDefinition, sampleGroup, sampleMember } from "./support/SampleGroup.ts"
import { at, completed, cost, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const together = { concurrency: "unbounded" } as const

const ended = (chain: Chain) => PoolEvent.cases.ChainFinished.make({ id: chain.id, state: "Done" })
const stepEnded = (chain: Chain, step: string) =>
  PoolEvent.cases.StepFinished.make({ id: chain.id, step, state: "Done" })

const record = (key: string, output: string): StepRecord => ({
  key,
  step: key,
  hash: "h",
  outcome: { _tag: "Done", result: { output, outputChars: output.length, value: { items: [1, null] } } },
  task: null,
  group: null,
  rounds: 1,
  recovered: false,
  startedAt: at(1),
  finishedAt: at(2)
})

/** A step's task, run to its end. */
const runStep = Effect.fnUntraced(function*(chain: Chain, number: number, spend: Spend) {
  const store = yield* Store
  const parent = Parent.cases.Step.make({ id: chain.id, step: "one", round: number })
  const start = started(yield* store.accept(new Task({ ...sampleTask(number), parent })))
  yield* store.commit(start)
  const end = completed(start.task, { output: "", spend })
  yield* store.commit(end)
  return end.task
})

/** A definition says its times as text, such as 20m, and so to the millisecond. */
const isToTheMillisecond = (value: unknown): boolean => {
  if (Duration.isDuration(value)) return Number.isInteger(Duration.toMillis(value))
  return typeof value !== "object" || value === null || Object.values(value).every(isToTheMillisecond)
}

onEachStore("Store, its chains", (test, layer) => {
  it.effect.prop("gives back every chain as it was", [Schema.Array(Chain)], ([chains]) =>
    Effect.gen(function*() {
      const store = yield* Store
      const kept = chains.filter(({ definition }) => isToTheMillisecond(definition)).map((chain, number) =>
        new Chain({ ...chain, id: sampleChainId(number), key: chain.key === null ? null : `${number} ${chain.key}` })
      )
      yield* Effect.forEach(kept, (chain) => store.chains.accept(chain), together)
      for (const chain of kept) {
        assert.isTrue(Equal.equals(yield* store.chains.find(chain.id), Option.some(chain)))
        if (chain.key !== null) assert.isTrue(Equal.equals(yield* store.chains.accept(chain), chain))
      }
    }).pipe(Effect.provide(layer)), { arbitrary: { runs: 30, maxDiscards: 50_000 } })

  it.effect.prop(
    "gives back every record as it was",
    [Schema.Array(StepRecord)],
    ([records]) =>
      Effect.gen(function*() {
        const store = yield* Store
        const chain = yield* store.chains.accept(sampleChain(1))
        const kept = records.map((record, number) => ({ ...record, key: `${number} ${record.key}` }))
        for (const record of kept) yield* store.chains.record(chain.id, record, stepEnded(chain, record.step))
        assert.isTrue(Equal.equals(yield* store.chains.journal(chain.id), kept))
      }).pipe(Effect.provide(layer)),
    { arbitrary: { maxDiscards: 50_000 } }
  )

  test(
    "keeps a chain from its acceptance to its end",
    Effect.gen(function*() {
      const store = yield* Store
      const chain = yield* store.chains.accept(sampleChain(1, { name: "c", vars: { a: [1, "\ud800"] } }))
      assert.deepStrictEqual(yield* store.chains.find(chain.id), Option.some(chain))
      assert.deepStrictEqual(yield* store.chains.find(sampleChainId(2)), Option.none())
      assert.deepStrictEqual(yield* store.chains.open, [chain])

      const end = Result.getOrThrow(chain.complete(at(9)))
      yield* store.chains.commit({ chain: end, event: ended(chain) })
      assert.deepStrictEqual(yield* store.chains.find(chain.id), Option.some(end))
      assert.deepStrictEqual(yield* store.chains.open, [])
      const late = yield* Effect.flip(store.chains.commit({ chain: end, event: ended(chain) }))
      assert.strictEqual(late._tag, "IllegalTransition")
      assert.deepStrictEqual((yield* store.events(0, 10)).map(({ event }) => event), [
        PoolEvent.cases.ChainSubmitted.make({ id: chain.id }),
        ended(chain)
      ])
    })
  )

  test(
    "knows a chain again by its key, and refuses the key with another definition",
    Effect.gen(function*() {
      const store = yield* Store
      const first = yield* store.chains.accept(sampleChain(1, { key: "k" }))
      assert.deepStrictEqual(yield* store.chains.accept(sampleChain(2, { key: "k", context: { a: "b" } })), first)

      const others = [
        sampleChain(2, { key: "k", vars: { a: 1 } }),
        sampleChain(2, { key: "k", definition: { ...sampleDefinition, name: "other" } })
      ]
      for (const other of others) {
        assert.strictEqual((yield* Effect.flip(store.chains.accept(other))).reason._tag, "KeyConflict")
      }
      assert.deepStrictEqual((yield* store.chains.list({ limit: 10 })).chains, [first])
    })
  )

  test(
    "has a journal in the order of its records, in which a record takes the place of an older one",
    Effect.gen(function*() {
      const store = yield* Store
      const chain = yield* store.chains.accept(sampleChain(1))
      const other = yield* store.chains.accept(sampleChain(2))
      const put = (chain: Chain, record: StepRecord) =>
        store.chains.record(chain.id, record, stepEnded(chain, record.key))
      const [a, b, again] = [record("a", "1"), record("b", "\u0000\ud800"), record("a", "2")]
      yield* Effect.forEach([a, b, again], (record) => put(chain, record))
      yield* put(other, a)

      assert.deepStrictEqual(yield* store.chains.journal(chain.id), [b, again])
      yield* store.chains.forget(chain.id, ["a", "none"])
      assert.deepStrictEqual(yield* store.chains.journal(chain.id), [b])
      assert.deepStrictEqual(yield* store.chains.journal(other.id), [a])
      assert.strictEqual((yield* store.events(0, 10)).length, 6)
    })
  )

  test(
    "counts the money of its steps and of the groups within it",
    Effect.gen(function*() {
      const store = yield* Store
      const chain = yield* store.chains.accept(sampleChain(1))
      const other = yield* store.chains.accept(sampleChain(2))
      const tasks = [yield* runStep(chain, 1, cost(1)), yield* runStep(chain, 2, cost(20))]
      yield* runStep(other, 3, cost(300))

      const group = sampleGroup(1, 1, { within: chain.id })
      const member = sampleMember(group, 0, 4)
      yield* store.groups.accept(group, [member])
      const start = started(member.task)
      yield* store.commit(start)
      yield* store.commit(completed(start.task, { output: "", spend: cost(4000) }))

      assert.deepStrictEqual(yield* store.chains.spent(chain.id), cost(1).plus(cost(20)).plus(cost(4000)))
      assert.deepStrictEqual(yield* store.chains.tasks(chain.id), tasks)
      assert.strictEqual((yield* store.list({ tag: chain.id, limit: 10 })).total, 2)
    })
  )

  test(
    "lists chains newest first, page by page",
    Effect.gen(function*() {
      const store = yield* Store
      const chains = yield* Effect.forEach([1, 2, 3], (number) => store.chains.accept(sampleChain(number)))
      const first = yield* store.chains.list({ limit: 2 })
      const second = yield* store.chains.list({ limit: 2, cursor: first.nextCursor ?? "" })
      assert.deepStrictEqual([first, second].map((page) => page.chains), [[chains[2]!, chains[1]!], [chains[0]!]])
      assert.strictEqual(second.nextCursor, null)
    })
  )
})
