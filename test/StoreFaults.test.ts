/**
 * A store whose SQLite fails. A limit on the pages of the file plays the disk that is full.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem, Layer, Option, Path } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Failure } from "../src/domain/Failure.ts"
import type { IllegalTransition } from "../src/domain/Task.ts"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import { Store } from "../src/services/Store.ts"
import { completed, cost, sampleId, sampleTask, started } from "./support/SampleTask.ts"

const storeFile = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  return path.join(yield* fs.makeTempDirectoryScoped(), "store.db")
})

/** A store, and the client underneath it. */
const storeIn = (file: string, options: { readonly readOnly?: boolean } = {}) =>
  Store.layerNoDeps({ directory: "here" }).pipe(Layer.provideMerge(NodeSqlite.layer({ file, ...options })))

/** Leaves so many pages of 4 KiB free. */
const leaveFree = Effect.fnUntraced(function*(pages: number) {
  const sql = yield* SqlClient.SqlClient
  const [file] = yield* sql<{ readonly used: number }>`SELECT page_count AS used FROM pragma_page_count`
  yield* sql.unsafe(`PRAGMA max_page_count = ${(file?.used ?? 0) + pages}`).unprepared
})

const problemOf = (error: Failure | SqlError | IllegalTransition) =>
  error._tag === "Failure" && error.reason._tag === "StoreUnusable" ? error.reason.problem : error._tag

const large = (number: number) => sampleTask(number, { prompt: "long ".repeat(20_000) })

layer(NodeServices.layer)("a store", (it) => {
  it.effect("on a full disk refuses what does not fit, keeps what it has, and works again when there is space", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const store = yield* Store
        yield* store.accept(sampleTask(1))
        yield* leaveFree(10)
        assert.strictEqual(problemOf(yield* Effect.flip(store.accept(large(2)))), "full")
        assert.deepStrictEqual(yield* store.find(sampleId(2)), Option.none())
        assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(sampleTask(1)))

        yield* leaveFree(1000)
        yield* store.accept(large(2))
        assert.deepStrictEqual(yield* store.find(sampleId(2)), Option.some(large(2)))
        assert.strictEqual((yield* store.counts).Queued, 2)
        assert.strictEqual((yield* store.events(0, 10)).length, 2)
      }).pipe(Effect.provide(storeIn(yield* storeFile)))
    }))

  it.effect("on a full disk still takes what fits, also where it comes together with what does not", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const store = yield* Store
        yield* leaveFree(10)
        const tasks = [sampleTask(1), large(2), sampleTask(3), large(4)]
        const exits = yield* Effect.forEach(tasks, (task) => Effect.exit(store.accept(task)), {
          concurrency: "unbounded"
        })
        assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, false, true, false])
        assert.strictEqual((yield* store.list({ limit: 10 })).total, 2)
      }).pipe(Effect.provide(storeIn(yield* storeFile)))
    }))

  it.effect("that cannot be made for want of space is not half made", () =>
    Effect.gen(function*() {
      const file = yield* storeFile
      const cramped = NodeSqlite.layer({ file, pragmas: ["journal_mode = WAL", "max_page_count = 5"] })
      const failure = yield* Store.pipe(
        Effect.provide(Store.layerNoDeps({ directory: "here" }).pipe(Layer.provide(cramped))),
        Effect.flip
      )
      assert.strictEqual(problemOf(failure), "full")

      const store = yield* Effect.provide(Effect.flatMap(Store, (store) => store.counts), storeIn(file))
      assert.strictEqual(store.Queued, 0)
    }))

  it.effect("that is read-only says so, and can be read", () =>
    Effect.gen(function*() {
      const file = yield* storeFile
      yield* Effect.provide(Effect.flatMap(Store, (store) => store.accept(sampleTask(1))), storeIn(file))
      yield* Effect.gen(function*() {
        const store = yield* Store
        assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(sampleTask(1)))
        assert.strictEqual(problemOf(yield* Effect.flip(store.accept(sampleTask(2)))), "read-only")
        assert.strictEqual(problemOf(yield* Effect.flip(store.commit(started(sampleTask(1))))), "read-only")
      }).pipe(Effect.provide(storeIn(file, { readOnly: true })))
    }))

  it.effect("with a row that is not a task names the damage, and serves the others", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const sql = yield* SqlClient.SqlClient
      yield* Effect.forEach([1, 2], (number) => store.accept(sampleTask(number)))
      yield* sql`UPDATE tasks SET body = '{"id":"t_"}' WHERE id = ${sampleId(1)}`
      assert.strictEqual(problemOf(yield* Effect.flip(store.find(sampleId(1)))), "corrupt")
      assert.deepStrictEqual(yield* store.find(sampleId(2)), Option.some(sampleTask(2)))
    }).pipe(Effect.provide(storeIn(":memory:"))))

  it.effect("does not overlook a running task that has lost its attempt", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const { event, task } = started(yield* store.accept(sampleTask(1)))
      yield* store.commit({ task, event })
      assert.strictEqual(problemOf(yield* Effect.flip(store.running)), "corrupt")
    }).pipe(Effect.provide(storeIn(":memory:"))))

  it.effect("never changes a line of its ledger", () =>
    Effect.gen(function*() {
      const store = yield* Store
      const sql = yield* SqlClient.SqlClient
      const start = started(yield* store.accept(sampleTask(1)))
      yield* store.commit(start)
      yield* store.commit(completed(start.task, { output: "", spend: cost(1) }))
      for (const statement of [sql`UPDATE ledger SET cost = 0`, sql`DELETE FROM ledger`]) {
        const { reason } = yield* Effect.flip(statement)
        assert.strictEqual(reason._tag, "ConstraintError")
      }
    }).pipe(Effect.provide(storeIn(":memory:"))))
})
