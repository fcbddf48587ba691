import { assert, describe, it } from "@effect/vitest"
import { Array, Effect, Exit, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"

const inMemory = Effect.provide(NodeSqlite.layer({ file: ":memory:" }))

/** A client whose table `t` holds the numbers from 1 to `count`. */
const numbers = Effect.fnUntraced(function*(count: number) {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE t (n INTEGER UNIQUE)`
  yield* Effect.forEach(count === 0 ? [] : Array.range(1, count), (n) => sql`INSERT INTO t VALUES (${n})`)
  return sql
})

describe("NodeSqlite", () => {
  it.effect("binds and returns what SQLite knows", () =>
    Effect.gen(function*() {
      const sql = yield* numbers(0)
      const [row] = yield* sql`SELECT ${1.5} AS r, ${"é"} AS t, ${null} AS n, ${true} AS b, ${new Uint8Array([1])} AS x`
      assert.deepStrictEqual({ ...row }, { r: 1.5, t: "é", n: null, b: 1, x: new Uint8Array([1]) })
      assert.deepStrictEqual(yield* sql`SELECT 1 AS a, 2 AS a`.values, [[1, 2]])
    }).pipe(inMemory))

  it.effect("streams rows, and may be used for others meanwhile", () =>
    Effect.gen(function*() {
      const sql = yield* numbers(300)
      const rows = sql<{ readonly n: number }>`SELECT n FROM t ORDER BY n`
      const all = yield* Stream.runCollect(rows.stream)
      assert.deepStrictEqual(all.map((row) => row.n), Array.range(1, 300))
      const some = yield* rows.stream.pipe(Stream.take(2), Stream.runCollect)
      assert.strictEqual(some.length, 2)
      assert.strictEqual((yield* rows).length, 300)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(Stream.runDrain(sql`SELECT nothing`.stream))))
    }).pipe(inMemory))

  it.effect("undoes a transaction that fails, and of a nested one no more than itself", () =>
    Effect.gen(function*() {
      const sql = yield* numbers(1)
      const insert = (n: number) => sql`INSERT INTO t VALUES (${n})`
      const undone = Effect.andThen(insert(2), insert(1)).pipe(sql.withTransaction, Effect.flip)
      assert.strictEqual((yield* undone).reason._tag, "UniqueViolation")
      yield* Effect.andThen(insert(3), Effect.ignore(undone)).pipe(sql.withTransaction)
      assert.deepStrictEqual(yield* sql`SELECT n FROM t`.values, [[1], [3]])
    }).pipe(inMemory))

  it.effect("carries out a pragma each time it is told to", () =>
    Effect.gen(function*() {
      const sql = yield* numbers(0)
      const level = sql`SELECT synchronous FROM pragma_synchronous`.values
      for (const expected of [1, 2, 1, 2]) {
        yield* sql.unsafe(`PRAGMA synchronous = ${expected}`)
        assert.deepStrictEqual(yield* level, [[expected]])
      }
    }).pipe(inMemory))

  it.effect("forgets statements when there are too many, and prepares them again", () =>
    Effect.gen(function*() {
      const sql = yield* numbers(1)
      for (const round of [1, 2]) {
        for (const n of Array.range(1, 200)) {
          assert.deepStrictEqual({ ...(yield* sql.unsafe(`SELECT ${n} AS n, ${round} AS r`))[0] }, { n, r: round })
        }
      }
    }).pipe(inMemory))
})
