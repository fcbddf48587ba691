import { assert, describe, it } from "@effect/vitest"
import { Array, Cause, Effect, Exit, Fiber, Ref, Result, Scope } from "effect"
import { SqlClient } from "effect/sql"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import { makeGroupCommit } from "../src/services/store/GroupCommit.ts"

/** A table of numbers, none of which is twice in it. */
const open = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  yield* sql`CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT`
  const write = (n: number) => ({
    durable: true,
    apply: Effect.as(sql`INSERT INTO numbers VALUES (${n})`, Result.succeed(n))
  })
  const written = Effect.map(sql<{ readonly n: number }>`SELECT n FROM numbers`, (rows) => rows.map((row) => row.n))
  return { write, written }
})

const inMemory = Effect.provide(NodeSqlite.layer({ file: ":memory:" }))
const together = { concurrency: "unbounded" } as const

describe("GroupCommit", () => {
  it.effect("answers all that came together after the one commit of them all", () =>
    Effect.gen(function*() {
      const { write, written } = yield* open
      const { submit } = yield* makeGroupCommit
      const applied = yield* Ref.make(0)
      const counted = (n: number) => ({
        ...write(n),
        apply: Effect.tap(write(n).apply, () => Ref.update(applied, (count) => count + 1))
      })
      const seen = yield* Effect.forEach(
        Array.range(1, 100),
        (n) => Effect.andThen(submit(counted(n)), Ref.get(applied)),
        together
      )
      assert.deepStrictEqual(new Set(seen), new Set([100]))
      assert.strictEqual((yield* written).length, 100)
    }).pipe(inMemory))

  it.effect("fails the one that cannot be written, and writes the others", () =>
    Effect.gen(function*() {
      const { write, written } = yield* open
      const { submit } = yield* makeGroupCommit
      const exits = yield* Effect.forEach([1, 2, 1, 3], (n) => Effect.exit(submit(write(n))), together)
      assert.deepStrictEqual(exits.map(Exit.isSuccess), [true, true, false, true])
      assert.deepStrictEqual(yield* written, [1, 2, 3])
    }).pipe(inMemory))

  it.effect("lets a refusal be one caller's answer, and a defect be one caller's defect", () =>
    Effect.gen(function*() {
      const { write, written } = yield* open
      const { submit } = yield* makeGroupCommit
      const refused = { durable: true, apply: Effect.succeed(Result.fail("no")) }
      const broken = { durable: true, apply: Effect.die("broken") }
      const [first, second, third] = yield* Effect.all([
        Effect.exit(submit(refused)),
        Effect.exit(submit(broken)),
        Effect.exit(submit(write(1)))
      ], together)
      assert.deepStrictEqual(first, Exit.fail("no"))
      assert.deepStrictEqual(second, Exit.die("broken"))
      assert.deepStrictEqual(third, Exit.succeed(1))
      assert.deepStrictEqual(yield* written, [1])
    }).pipe(inMemory))

  it.effect("lets an interrupted caller know how it ended before it goes", () =>
    Effect.gen(function*() {
      const { write, written } = yield* open
      const { submit } = yield* makeGroupCommit
      const known = yield* Ref.make<ReadonlyArray<number>>([])
      const callers = yield* Effect.forEach([1, 2, 3], (n) =>
        submit(write(n)).pipe(
          Effect.tap((n) => Ref.update(known, (all) => [...all, n])),
          Effect.uninterruptible,
          Effect.forkChild({ startImmediately: true })
        ))
      yield* Fiber.interruptAll(callers)
      assert.deepStrictEqual(yield* Ref.get(known), [1, 2, 3])
      assert.deepStrictEqual(yield* written, [1, 2, 3])
    }).pipe(inMemory))

  it.effect("writes what was asked for before the end, and refuses what comes after", () =>
    Effect.gen(function*() {
      const { write, written } = yield* open
      const scope = yield* Scope.make()
      const { submit } = yield* Scope.provide(makeGroupCommit, scope)
      const before = yield* Effect.forkChild(submit(write(1)), { startImmediately: true })
      yield* Scope.close(scope, Exit.void)
      const after = yield* Effect.exit(submit(write(2)))

      assert.deepStrictEqual(yield* Fiber.await(before), Exit.succeed(1))
      assert.isTrue(Exit.isFailure(after) && Cause.pretty(after.cause).includes("closed"))
      assert.deepStrictEqual(yield* written, [1])
    }).pipe(inMemory))
})
