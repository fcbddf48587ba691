/**
 * A store whose disk fails for a while, at each statement of each kind of write.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, DateTime, Duration, Effect, Layer, Option, Queue, Result } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import type { Failure } from "../src/domain/Failure.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { IllegalTransition } from "../src/domain/Task.ts"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import { type HoldRequest, Holds } from "../src/services/Holds.ts"
import { Store } from "../src/services/Store.ts"
import * as StoreHold from "../src/services/store/StoreHold.ts"
import { type Fault, faults, judgeStatements } from "./support/FaultySqlite.ts"
import { sampleChain, sampleGroup, sampleMembers } from "./support/SampleGroup.ts"
import { at, cancelled, completed, cost, retried, sampleId, sampleTask, started } from "./support/SampleTask.ts"

const inMemory = Store.layerNoDeps({ directory: "here" }).pipe(
  Layer.provideMerge(NodeSqlite.layer({ file: ":memory:" }))
)

const letter = {
  from: { _tag: "Coordinator" },
  to: { _tag: "Coordinator" },
  text: "hello",
  sentAt: at(1),
  expiresAt: DateTime.makeUnsafe(1e12)
} as const

type Write = Effect.Effect<unknown, Failure | IllegalTransition, Store>

const write = (call: (store: Store["Service"]) => Effect.Effect<unknown, Failure | IllegalTransition>): Write =>
  Effect.flatMap(Store, call)

/** The whole life of a task, a group and a chain, each step a kind of write; numbers make them others each time. */
const writesOf = (number: number): Readonly<Record<string, Write>> => {
  const task = sampleTask(number * 10, { key: `key ${number}`, options: { tags: ["t"], name: "n" } })
  const first = started(task)
  const again = retried(first.task, cost(7))
  const second = started(again.task)
  const group = sampleGroup(number % 250, 2)
  const members = sampleMembers(group, number * 10 + 1)
  const stopped = Result.getOrThrow(group.cancel("enough", at(5)))
  const chain = sampleChain(number % 250)
  const ended = Result.getOrThrow(chain.complete(at(5)))
  const record = {
    key: "one",
    step: "one",
    hash: "h",
    outcome: { _tag: "Skipped", why: "so" },
    task: null,
    group: null,
    rounds: 1,
    recovered: false,
    startedAt: at(1),
    finishedAt: at(2)
  } as const
  const finished = PoolEvent.cases.ChainFinished.make({ id: chain.id, state: "Done" })
  return {
    "accept": write((store) => store.accept(task)),
    "start": write((store) => store.commit(first)),
    "retry": write((store) => store.commit(again)),
    "start again": write((store) => store.commit(second)),
    "complete": write((store) => store.commit(completed(second.task, { output: "the answer", spend: cost(12) }))),
    "accept a group": write((store) => store.groups.accept(group, members)),
    "cancel a member": write((store) =>
      Effect.forEach(members, (member) => store.commit(cancelled(member.task)), { discard: true })
    ),
    "end a group": write((store) =>
      store.groups.commit({
        group: stopped,
        event: PoolEvent.cases.GroupFinished.make({ id: group.id, state: "Cancelled" })
      })
    ),
    "accept a chain": write((store) => store.chains.accept(chain)),
    "record": write((store) => store.chains.record(chain.id, record, finished)),
    "forget": write((store) => store.chains.forget(chain.id, ["one"])),
    "end a chain": write((store) => store.chains.commit({ chain: ended, event: finished })),
    "set context": write((store) => store.context.set({ scope: chain.id, key: "k", value: "v", setAt: at(1) })),
    "delete context": write((store) => store.context.delete(chain.id, "k")),
    "send": write((store) => store.messages.send([letter])),
    "settle": write((store) => store.messages.settle([1], { _tag: "Expired", at: at(1) })),
    "prune": write((store) => store.prune({ olderThan: Duration.zero, keepBytes: null, dryRun: false }))
  }
}

/** All that is in it, as numbers. */
const state = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  return yield* sql`SELECT (SELECT json_group_array(id || version) FROM tasks) AS tasks,
    (SELECT json_group_array(id || version) FROM groups) AS groups,
    (SELECT json_group_array(id || version) FROM chains) AS chains,
    (SELECT count(*) FROM listings) AS listings, (SELECT sum(tasks) FROM tally) AS tally,
    (SELECT count(*) FROM attempts) AS attempts, (SELECT count(*) FROM outputs) AS outputs,
    (SELECT count(*) FROM members) AS members, (SELECT count(*) FROM journal) AS journal,
    (SELECT count(*) FROM context) AS context, (SELECT count(*) FROM messages) AS messages,
    (SELECT count(*) FROM events) AS events, (SELECT max(cost) FROM spending) AS cost,
    (SELECT count(*) FROM ledger) AS ledger`
})

const problemOf = (error: unknown) =>
  error instanceof Error && "reason" in error && error.reason instanceof Object && "problem" in error.reason
    ? error.reason.problem
    : error

describe("a store whose disk fails", () => {
  for (const fault of Object.keys(faults) as ReadonlyArray<Fault>) {
    it.effect(`with ${fault} at any statement of any write: that write is not done, and is done once later`, () =>
      Effect.gen(function*() {
        let seen = 0
        let failsAt = Infinity
        yield* judgeStatements(() => ++seen === failsAt ? fault : null)
        let injected = 0
        let number = 1
        for (const name of Object.keys(writesOf(0))) {
          // Until it has run through without an error: then there is no statement left that could fail.
          for (let statement = 1, failed = true; failed; statement++) {
            failed = yield* Effect.gen(function*() {
              const writes = Object.entries(writesOf(number++))
              const until = writes.findIndex(([known]) => known === name)
              yield* Effect.forEach(writes.slice(0, until), ([, one]) => one, { discard: true })
              const before = yield* state
              const one = writes[until]![1]
              seen = 0
              failsAt = statement
              const result = yield* Effect.result(one)
              failsAt = Infinity
              if (Result.isSuccess(result)) return false
              injected++
              assert.strictEqual(problemOf(result.failure), faults[fault].problem, `${name}, statement ${statement}`)
              // Those that go by several transactions may have done some.
              if (name !== "prune" && name !== "cancel a member") assert.deepStrictEqual(yield* state, before, name)
              const store = yield* Store
              yield* store.list({ limit: 1 })
              if (name !== "cancel a member") yield* one
              if (name === "complete") assert.strictEqual((yield* store.spent).cost, 19)
              if (name === "accept") assert.isTrue(Option.isSome(yield* store.find(sampleId((number - 1) * 10))))
              return true
            }).pipe(Effect.provide(Layer.fresh(inMemory)))
          }
        }
        assert.isAbove(injected, 80)
        yield* Console.log(`${fault}: ${injected} statements failed`)
      }).pipe(Effect.scoped))
  }

  it.effect("says so until a small write succeeds, which it finds out by itself, and holds work back for as long", () =>
    Effect.gen(function*() {
      let fault: Fault | null = null
      yield* judgeStatements((statement) => fault !== null && /^INSERT|^COMMIT/.test(statement.trim()) ? fault : null)
      const told = yield* Queue.unbounded<HoldRequest | string>()
      const holds = Layer.mock(Holds, {
        place: (hold) => Effect.asVoid(Queue.offer(told, hold)),
        lift: (cause) => Effect.asVoid(Queue.offer(told, cause)),
        heldBy: () => null
      })
      yield* Effect.gen(function*() {
        const store = yield* Store
        assert.strictEqual(yield* Queue.take(told), "store")
        for (const one of ["ENOSPC", "EIO", "EROFS"] as const) {
          fault = one
          assert.strictEqual(problemOf(yield* Effect.flip(store.accept(sampleTask(1)))), faults[one].problem)
          assert.deepInclude(yield* Queue.take(told), { cause: "store", probeAfter: null })
          assert.strictEqual((yield* store.health.trouble)?.problem, faults[one].problem)
          assert.strictEqual((yield* store.counts).Queued, 0)
          // As long as nobody could bear it, and it has not been forgotten.
          yield* TestClock.adjust("10 minutes")
          assert.isNotNull(yield* store.health.trouble)
          fault = null
          yield* TestClock.adjust("5 seconds")
          assert.strictEqual(yield* Queue.take(told), "store")
          assert.isNull(yield* store.health.trouble)
        }
        yield* store.accept(sampleTask(1))
        assert.strictEqual(yield* Queue.size(told), 0)
      }).pipe(Effect.provide(StoreHold.layer.pipe(Layer.provideMerge(inMemory), Layer.provide(holds))))
    }).pipe(Effect.scoped))
})
