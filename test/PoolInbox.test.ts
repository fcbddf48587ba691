/**
 * The inbox: what came to its end or to its review, by the numbers of the log, for readers that come and go.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, FileSystem, Layer, Option } from "effect"
import type { InboxOptions } from "../src/domain/Inbox.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { sampleId } from "./support/SampleTask.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { onEachStore } from "./support/StoreLayers.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

const asId = ({ id }: { readonly id: string }) => TaskId.make(id)

/** What there is, page by page, and where it goes on. */
const readAll = Effect.fnUntraced(function*(options: Omit<InboxOptions, "limit">, limit = 100) {
  const pool = yield* Pool
  let reply = yield* pool.inbox({ ...options, limit })
  const entries = [...reply.entries]
  while (reply.more) {
    reply = yield* pool.inbox({ since: reply.seq, limit })
    entries.push(...reply.entries)
  }
  return { entries, seq: reply.seq, ids: entries.map(({ id }) => id as string) }
})

onEachStore("the readers of a store", (test) => {
  test(
    "have read what they acknowledged, never less again and never more than there is",
    Effect.gen(function*() {
      const { log, readers } = yield* Store
      for (const number of [1, 2, 3]) yield* log(PoolEvent.cases.Renewed.make({ id: sampleId(number) }))
      assert.isTrue(Option.isNone(yield* readers.seqOf("a")))
      const seqs: Array<number> = []
      for (const seq of [2, 1, 99]) {
        yield* readers.acknowledge("a", seq)
        seqs.push(Option.getOrThrow(yield* readers.seqOf("a")))
      }
      assert.deepStrictEqual(seqs, [2, 2, 3])
      assert.isTrue(Option.isNone(yield* readers.seqOf("b")))
    })
  )

  test(
    "are given ends alone, in pieces",
    Effect.gen(function*() {
      const { log, readers } = yield* Store
      const happen = (number: number) =>
        Effect.andThen(
          log(PoolEvent.cases.Renewed.make({ id: sampleId(number) })),
          log(PoolEvent.cases.Presented.make({ id: sampleId(number) }))
        )
      for (const number of [1, 2, 3]) yield* happen(number)
      const first = yield* readers.ends(0, 2)
      assert.deepStrictEqual([first.events.map(({ seq }) => seq), first.seq, first.more], [[2, 4], 4, true])
      const rest = yield* readers.ends(first.seq, 2)
      assert.deepStrictEqual([rest.events.map(({ seq }) => seq), rest.seq, rest.more], [[6], 6, false])
      assert.deepStrictEqual(yield* readers.ends(6, 2), { events: [], seq: 6, more: false })
    })
  )
})

describe("an inbox", () => {
  it.effect("has what finished, in its order, each once, from any number on", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const ids: Array<string> = []
      for (const prompt of ["a", "b", "c", "d"]) ids.push((yield* pool.run({ prompt })).id)
      const all = yield* readAll({})
      assert.deepStrictEqual([all.ids, all.entries.map(({ state }) => state)], [ids, ["done", "done", "done", "done"]])
      assert.deepStrictEqual((yield* readAll({}, 1)).ids, ids)
      assert.deepStrictEqual((yield* readAll({ since: all.entries[1]!.seq })).ids, ids.slice(2))
      assert.deepStrictEqual((yield* readAll({ since: all.seq })).ids, [])
      const failure = yield* Effect.flip(pool.inbox({ since: all.seq + 1, limit: 1 }))
      assert.deepStrictEqual(failure.reason._tag, "InvalidRequest")
    }).pipe(Effect.provide(testPool())))

  it.effect("begins now for a reader whom nobody knows, and then where he has read to", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "before" })
      const { entries, seq } = yield* pool.inbox({ reader: "r", limit: 9 })
      assert.deepStrictEqual(entries, [])
      yield* pool.acknowledge("r", seq)
      const { id } = yield* pool.run({ prompt: "after" })
      const next = yield* readAll({ reader: "r" })
      assert.deepStrictEqual(next.ids, [id])
      yield* pool.acknowledge("r", next.seq)
      assert.deepStrictEqual((yield* readAll({ reader: "r" })).ids, [])
    }).pipe(Effect.provide(testPool())))

  it.effect("tells of parts what they are parts of, and ends of groups and chains by themselves", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const group = yield* pool.runFanOut([{ prompt: "a" }, { prompt: "b" }])
      const chain = yield* pool.runChain({ definition: { steps: [{ name: "one", prompt: "c" }] } })
      const { entries } = yield* readAll({})
      assert.deepStrictEqual(entries.map(({ part_of }) => part_of), [
        group.id,
        group.id,
        undefined,
        chain.id,
        undefined
      ])
      assert.deepStrictEqual([entries[2]?.id, entries[4]?.id] as ReadonlyArray<unknown>, [group.id, chain.id])
    }).pipe(Effect.provide(testPool())))

  it.effect("leaves out what is not so any more: a review that was decided, and what was pruned", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.submit({ prompt: "a", review: { maxRejections: 3 } }))
      yield* pass("1 minute")
      const states = Effect.map(readAll({}), ({ entries }) => entries.map(({ state }) => state))
      assert.deepStrictEqual(yield* states, ["review"])
      yield* pool.reject(id, "again")
      assert.deepStrictEqual(yield* states, [])
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* states, ["review"])
      yield* pool.approve(id)
      assert.deepStrictEqual(yield* states, ["done"])
      yield* pass("1 hour")
      yield* pool.prune({ dryRun: false, olderThan: Duration.minutes(1), keepBytes: null })
      assert.deepStrictEqual(yield* states, [])
    }).pipe(Effect.provide(testPool({
      script: { run: ({ prompt }) => Effect.as(Effect.sleep("1 second"), answer(prompt)) }
    }))))

  it.effect("loses nothing, and has nothing twice, over pools that open and close", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const store = Layer.provide(StoreDirectory.layer({ directory, owner: "test" }), NodeServices.layer)
      /** A life in which so many tasks finish, and the first of what is unread is read. */
      const life = (name: string, tasks: number) =>
        Effect.gen(function*() {
          const pool = yield* Pool
          const { entries, seq } = yield* pool.inbox({ reader: "r", limit: 3 })
          yield* pool.acknowledge("r", seq)
          const made = yield* Effect.forEach(
            Array.from({ length: tasks }, (_, index) => `${name} ${index}`),
            (prompt) => pool.run({ prompt })
          )
          return { read: entries.map(({ id }) => id as string), made: made.map(({ id }) => id) }
        }).pipe(Effect.provide(testPool({ store: Layer.fresh(store) })))
      const lives = yield* Effect.forEach([4, 2, 0, 1, 0, 0], (tasks, index) => life(`life ${index}`, tasks))
      assert.deepStrictEqual(lives.flatMap(({ read }) => read), lives.flatMap(({ made }) => made))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
