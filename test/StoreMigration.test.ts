/**
 * A store that an older program has written is brought up to what this one knows, with all that is in it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, FileSystem, Layer, Option, Path } from "effect"
import { SqlClient, Statement } from "effect/sql"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { currentVersion } from "../src/services/store/Migrations.ts"
import { makeFirstStore } from "./support/FirstStore.ts"
import { sampleChainId, sampleGroup, sampleGroupId, sampleMembers } from "./support/SampleGroup.ts"
import { cancelled, completed, cost, retried, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { makeSecondStore } from "./support/SecondStore.ts"

const place = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = yield* fs.makeTempDirectoryScoped()
  return (name: string) => path.join(directory, name)
})

const storeIn = (file: string) =>
  Store.layerNoDeps({ directory: "here" }).pipe(Layer.provideMerge(NodeSqlite.layer({ file })))

const asFirst = (file: string) => Effect.provide(makeFirstStore, NodeSqlite.layer({ file }))

const userVersion = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [row] = yield* sql<{ readonly user_version: number }>`PRAGMA user_version`
  return row?.user_version
})

const firstTask = () => {
  const start = started(
    sampleTask(1, { key: "k", prompt: "\u0000 and \ud800 \"quoted\"", options: { name: "n", tags: ["t"] } })
  )
  return { start, end: completed(start.task, { output: "the answer \ud800", spend: cost(12), session: "s" }) }
}

const asSecond = (file: string) =>
  Effect.provide(makeSecondStore, NodeSqlite.layer({ file, pragmas: ["journal_mode = WAL"] }))

/** All that `makeSecondStore` has put in is there, and the store can be worked with. */
const holdsAllOfSecond = Effect.gen(function*() {
  const store = yield* Store
  const { end } = firstTask()
  assert.deepStrictEqual(yield* store.find(sampleId(1)), Option.some(end.task))
  assert.deepStrictEqual(yield* store.attempts(sampleId(1)), [end.attempt])
  assert.deepStrictEqual(yield* store.counts, { Queued: 4, Running: 1, InReview: 0, Done: 1, Failed: 0, Cancelled: 1 })
  assert.deepStrictEqual(yield* store.spent, cost(12).plus(cost(30)))
  assert.deepStrictEqual(
    yield* store.output(sampleId(1), { offset: 0, limit: 100 }),
    Option.some({ text: "the answer \ud800", offset: 0, total: 12 })
  )
  assert.strictEqual((yield* store.groups.members(sampleGroupId(1), { from: 0, limit: 5 })).length, 2)
  assert.strictEqual((yield* store.groups.within(sampleChainId(1))).length, 1)
  assert.deepStrictEqual((yield* store.chains.journal(sampleChainId(1))).map(({ key }) => key), ["one"])
  assert.strictEqual((yield* store.context.list(sampleChainId(1))).length, 1)
  assert.strictEqual((yield* store.messages.list({ since: 0, limit: 5 })).length, 1)

  // A task that waits goes on from the first one, as it has said before there was a column for it.
  const { tasks } = yield* store.prune({ olderThan: Duration.zero, keepBytes: 0, dryRun: false })
  assert.strictEqual(tasks, 1)
  assert.isTrue(Option.isSome(yield* store.find(sampleId(1))))
  assert.deepStrictEqual(yield* store.spent, cost(12).plus(cost(30)))
  yield* store.accept(sampleTask(100))
})

/** All that `makeFirstStore` has put in is there, and the store can be worked with. */
const holdsAll = Effect.gen(function*() {
  const store = yield* Store
  const { end } = firstTask()
  const second = retried(started(sampleTask(2)).task, cost(30))
  const third = cancelled(sampleTask(3))
  const fourth = started(sampleTask(4))
  assert.deepStrictEqual((yield* store.list({ limit: 10 })).tasks, [fourth.task, third.task, second.task, end.task])
  assert.deepStrictEqual((yield* store.list({ limit: 10, tag: "t", name: "n" })).tasks, [end.task])
  assert.deepStrictEqual(yield* store.counts, { Queued: 1, Running: 1, InReview: 0, Done: 1, Failed: 0, Cancelled: 1 })
  assert.deepStrictEqual(yield* store.attempts(sampleId(1)), [end.attempt])
  assert.deepStrictEqual(yield* store.attempts(sampleId(2)), [second.attempt])
  assert.deepStrictEqual(yield* store.running, [[fourth.task, fourth.attempt]])
  assert.deepStrictEqual((yield* store.queued).map(({ id }) => id), [sampleId(2)])
  assert.deepStrictEqual(
    yield* store.output(sampleId(1), { offset: 0, limit: 100 }),
    Option.some({ text: "the answer \ud800", offset: 0, total: 12 })
  )
  assert.deepStrictEqual(yield* store.spent, cost(12).plus(cost(30)))
  assert.deepStrictEqual((yield* store.events(0, 10)).map(({ seq }) => seq), [1, 2, 3, 4])

  yield* store.commit(completed(fourth.task, { output: "", spend: cost(1) }))
  const group = sampleGroup(1, 2)
  yield* store.groups.accept(group, sampleMembers(group, 5))
  assert.deepStrictEqual(yield* store.counts, { Queued: 3, Running: 0, InReview: 0, Done: 2, Failed: 0, Cancelled: 1 })
  assert.deepStrictEqual((yield* store.list({ limit: 1 })).tasks.map(({ id }) => id), [sampleId(6)])
})

layer(NodeServices.layer)("a store of the first version", (it) => {
  it.effect("is brought up with all that is in it, and worked with", () =>
    Effect.gen(function*() {
      const file = (yield* place)("store.db")
      yield* asFirst(file)
      yield* Effect.provide(holdsAll, storeIn(file))
    }))

  it.effect("is brought up once, and not again", () =>
    Effect.gen(function*() {
      const file = (yield* place)("store.db")
      yield* asFirst(file)
      const version = Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        const [row] = yield* sql<{ readonly version: number; readonly changes: number }>`
          SELECT user_version AS version, schema_version AS changes FROM pragma_user_version, pragma_schema_version`
        return row
      })
      const first = yield* Effect.provide(version, storeIn(file))
      assert.strictEqual(first?.version, currentVersion)
      assert.deepStrictEqual(yield* Effect.provide(version, Layer.fresh(storeIn(file))), first)
    }))

  it.effect("has the same tables afterwards as one that is made new", () =>
    Effect.gen(function*() {
      const at = yield* place
      yield* asFirst(at("old.db"))
      const schema = Effect.gen(function*() {
        const sql = yield* SqlClient.SqlClient
        return yield* sql`SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name`
      })
      assert.deepStrictEqual(
        yield* Effect.provide(schema, storeIn(at("old.db"))),
        yield* Effect.provide(schema, storeIn(at("new.db")))
      )
    }))

  it.effect("still refuses a row that refers to nothing", () =>
    Effect.gen(function*() {
      const file = (yield* place)("store.db")
      yield* asFirst(file)
      yield* Effect.provide(
        Effect.gen(function*() {
          const sql = yield* SqlClient.SqlClient
          const { reason } = yield* Effect.flip(sql`INSERT INTO outputs (task, body) VALUES (99, '""')`)
          assert.strictEqual(reason._tag, "ConstraintError")
        }),
        storeIn(file)
      )
    }))

  const released = { first: [asFirst, holdsAll, 1], second: [asSecond, holdsAllOfSecond, 2] } as const
  for (const [name, [make, holds, version]] of Object.entries(released)) {
    it.effect(`the ${name}: loses nothing when its program is killed at any statement`, () =>
      Effect.gen(function*() {
        const at = yield* place
        const fs = yield* FileSystem.FileSystem
        yield* make(at("store.db"))

        // What a kill leaves is what is in the files at that moment: before each statement they are copied.
        const kills: Array<string> = []
        const copyFiles = Effect.suspend(() => {
          const copy = at(`killed-${kills.length}.db`)
          kills.push(copy)
          const files = ["", "-wal"].map((suffix) => [at("store.db") + suffix, copy + suffix] as const)
          return Effect.forEach(files, ([from, to]) => Effect.ignore(fs.copyFile(from, to)), { discard: true })
        })
        yield* Effect.asVoid(Store).pipe(
          Effect.provide(storeIn(at("store.db"))),
          Effect.provideService(
            Statement.CurrentTransformer,
            (statement: Statement.Statement<unknown>) => Effect.as(copyFiles, statement)
          )
        )

        const versions = yield* Effect.forEach(kills, (file) =>
          Effect.provide(userVersion, Layer.fresh(NodeSqlite.layer({ file, pragmas: [] }))))
        assert.isAbove(kills.length, 20)
        assert.deepStrictEqual(versions, versions.toSorted())
        // From where it was to the newest one, each step is taken whole.
        const steps = Array.from({ length: currentVersion - version + 1 }, (_, taken) =>
          version + taken)
        assert.deepStrictEqual([...new Set(versions)], steps)
        yield* Effect.forEach(kills, (file) => Effect.provide(holds, Layer.fresh(storeIn(file))), { discard: true })
      }))
  }

  it.effect("is copied before its tables change, and the copy goes when its new owner leaves in good order", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = yield* fs.makeTempDirectoryScoped()
      const file = path.join(directory, "store.db")
      const copy = `${file}.before-3`
      yield* asSecond(file)
      yield* fs.chmod(file, 0o600)
      const owner = StoreDirectory.layer({ directory, owner: "test" })
      yield* Effect.provide(
        Effect.gen(function*() {
          assert.strictEqual((yield* fs.stat(copy)).mode & 0o777, 0o600)
          yield* fs.copyFile(copy, path.join(directory, "old.db"))
          assert.strictEqual(
            yield* Effect.provide(userVersion, NodeSqlite.layer({ file: path.join(directory, "old.db"), pragmas: [] })),
            2
          )
        }),
        owner
      )
      assert.isFalse(yield* fs.exists(copy))
      yield* fs.remove(path.join(directory, "old.db"))
      yield* Effect.provide(holdsAllOfSecond, Layer.fresh(owner))
    }))

  it.effect("gives its free pages back from then on", () =>
    Effect.gen(function*() {
      const file = (yield* place)("store.db")
      yield* asSecond(file)
      const mode = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ readonly auto_vacuum: number }>`PRAGMA auto_vacuum`
      )
      assert.deepStrictEqual(yield* Effect.provide(mode, NodeSqlite.layer({ file, pragmas: [] })), [{ auto_vacuum: 0 }])
      assert.deepStrictEqual(yield* Effect.provide(mode, Layer.fresh(storeIn(file))), [{ auto_vacuum: 2 }])
    }))

  it.effect("with a row that refers to nothing is refused, and left as it is", () =>
    Effect.gen(function*() {
      const file = (yield* place)("store.db")
      const raw = NodeSqlite.layer({ file, pragmas: ["foreign_keys = OFF"] })
      yield* asFirst(file)
      yield* Effect.provide(
        Effect.flatMap(SqlClient.SqlClient, (sql) => sql`INSERT INTO outputs (task, body) VALUES (99, '""')`),
        raw
      )
      const { reason } = yield* Effect.flip(Effect.provide(Effect.asVoid(Store), storeIn(file)))
      assert.deepInclude(reason, { _tag: "StoreUnusable", problem: "corrupt" })
      const version = Effect.flatMap(
        SqlClient.SqlClient,
        (sql) => sql<{ readonly user_version: number }>`PRAGMA user_version`
      )
      assert.deepStrictEqual(yield* Effect.provide(version, Layer.fresh(raw)), [{ user_version: 1 }])
    }))
})
