import { NodeServices } from "@effect/platform-node"
import { assert, describe, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Option, Path, PlatformError, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { SqlClient } from "effect/sql"
import type { Failure } from "../src/domain/Failure.ts"
import * as NodeSqlite from "../src/layers/NodeSqlite.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { currentVersion } from "../src/services/store/Migrations.ts"
import { sampleId, sampleTask, started } from "./support/SampleTask.ts"

const ownerScript = new URL("support/own-store.ts", import.meta.url).pathname

/** A directory for a store that is not there yet; gone after the test. */
const place = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const directory = path.join(yield* fs.makeTempDirectoryScoped(), ".claude-pool")
  return {
    directory,
    file: (name: string) => path.join(directory, name),
    owner: StoreDirectory.layer({ directory, owner: "test" }),
    reader: StoreDirectory.layerReader({ directory })
  }
})

const accept = (number: number) => Effect.flatMap(Store, (store) => store.accept(sampleTask(number)))
const isKept = (number: number) =>
  Effect.flatMap(Store, (store) => Effect.map(store.find(sampleId(number)), Option.isSome))

/** Another process, that owns the store and has kept task 1 in it by the time this returns. */
const anotherOwner = Effect.fnUntraced(function*(directory: string) {
  const handle = yield* ChildProcess.make(process.execPath, [ownerScript, directory], {
    extendEnv: true,
    stderr: "inherit"
  })
  yield* handle.stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.takeUntil((line) => line === "owned"),
    Stream.runDrain
  )
  return handle
})

/** Why it fails: the problem, where the store is unusable. */
const reasonOf = <A, E extends Failure, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason._tag === "StoreUnusable" ? reason.problem : reason._tag)

/** Runs a statement on the database, past the store. */
const tamper = (file: string, statement: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(statement).unprepared).pipe(
    Effect.provide(NodeSqlite.layer({ file, pragmas: [] }))
  )

layer(NodeServices.layer, { excludeTestServices: true })("StoreDirectory", (it) => {
  describe("what it makes", () => {
    it.effect("is kept from one owner to the next", () =>
      Effect.gen(function*() {
        const { owner } = yield* place
        yield* Effect.provide(accept(1), owner)
        assert.isTrue(yield* Effect.provide(isKept(1), owner))
      }))

    it.effect("is nobody else's to read", () =>
      Effect.gen(function*() {
        const { directory, file, owner } = yield* place
        const fs = yield* FileSystem.FileSystem
        const modes = Effect.gen(function*() {
          const names = (yield* fs.readDirectory(directory)).toSorted()
          const infos = yield* Effect.forEach(names, (name) => fs.stat(file(name)))
          return names.map((name, index) => `${name} ${((infos[index]?.mode ?? 0) & 0o777).toString(8)}`)
        })
        const whileOwned = yield* Effect.provide(Effect.andThen(accept(1), modes), owner)
        assert.deepStrictEqual(whileOwned, [
          ".gitignore 600",
          "lock.db 600",
          "owner.json 600",
          "store.db 600",
          "store.db-shm 600",
          "store.db-wal 600"
        ])
        assert.deepStrictEqual(yield* modes, [".gitignore 600", "lock.db 600", "store.db 600"])
        assert.strictEqual((yield* fs.stat(directory)).mode & 0o777, 0o700)
      }))

    it.effect("is ignored by git, but for what people write", () =>
      Effect.gen(function*() {
        const { directory, file, owner } = yield* place
        const fs = yield* FileSystem.FileSystem
        const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
        const git = (...args: ReadonlyArray<string>) =>
          spawner.lines(ChildProcess.make("git", ["-C", directory, ...args], { extendEnv: true }))
        yield* Effect.provide(
          Effect.gen(function*() {
            yield* accept(1)
            yield* fs.makeDirectory(file("plans"))
            yield* Effect.forEach(["settings.json", "plans/a.json"], (name) => fs.writeFileString(file(name), "{}"))
            yield* git("init", "--quiet")
            assert.deepStrictEqual(yield* git("status", "--porcelain", "--untracked-files=all"), [
              "?? plans/a.json",
              "?? settings.json"
            ])
          }),
          owner
        )
      }))
  })

  describe("its owner", () => {
    it.effect("is one process, and the next one is told which", () =>
      Effect.gen(function*() {
        const { directory, owner } = yield* place
        const other = yield* anotherOwner(directory)
        const { reason } = yield* Effect.flip(Effect.provide(Store, owner))
        assert.strictEqual(reason._tag, "StoreOwned")
        assert.include(reason.message, `process ${other.pid} (another pool)`)
      }))

    it.effect("is told even where its description cannot be read", () =>
      Effect.gen(function*() {
        const { file, owner } = yield* place
        const fs = yield* FileSystem.FileSystem
        const second = Effect.gen(function*() {
          yield* fs.writeFileString(file("owner.json"), `{"pid": 1`)
          const torn = yield* Effect.flip(Effect.provide(Store, Layer.fresh(owner)))
          yield* fs.remove(file("owner.json"))
          const absent = yield* Effect.flip(Effect.provide(Store, Layer.fresh(owner)))
          return [torn, absent].map((failure) => failure.reason.message)
        })
        const [torn, absent] = yield* Effect.provide(second, owner)
        assert.include(torn, "in use by another process")
        assert.strictEqual(absent, torn)
      }))

    it.effect("leaves the store to the next one when it is killed, with all that was accepted", () =>
      Effect.gen(function*() {
        const { directory, file, owner } = yield* place
        const fs = yield* FileSystem.FileSystem
        const other = yield* anotherOwner(directory)
        yield* other.kill({ killSignal: "SIGKILL" })
        assert.isTrue(yield* fs.exists(file("owner.json")))
        assert.isTrue(yield* Effect.provide(Effect.andThen(accept(2), isKept(1)), owner))
        assert.isFalse(yield* fs.exists(file("owner.json")))
      }))
  })

  describe("a reader", () => {
    it.effect("sees what the owner commits, and cannot write", () =>
      Effect.gen(function*() {
        const { owner, reader } = yield* place
        const beside = Effect.gen(function*() {
          const writer = yield* Store
          yield* Effect.provide(
            Effect.gen(function*() {
              assert.isFalse(yield* isKept(2))
              yield* writer.accept(sampleTask(2))
              assert.isTrue(yield* isKept(2))
              assert.strictEqual(yield* reasonOf(accept(3)), "StoreOwned")
              const store = yield* Store
              assert.strictEqual((yield* Effect.flip(store.commit(started(sampleTask(2)))))._tag, "Failure")
            }),
            reader
          )
        })
        yield* Effect.provide(Effect.andThen(accept(1), beside), owner)
        assert.isTrue(yield* Effect.provide(isKept(2), reader))
        assert.strictEqual(yield* reasonOf(Effect.provide(accept(3), reader)), "read-only")
      }))

    it.effect("reads what a killed owner has left, and takes nothing from the next one", () =>
      Effect.gen(function*() {
        const { directory, owner, reader } = yield* place
        const other = yield* anotherOwner(directory)
        yield* other.kill({ killSignal: "SIGKILL" })
        assert.isTrue(yield* Effect.provide(isKept(1), reader))
        assert.isTrue(yield* Effect.provide(isKept(1), reader))
        assert.isTrue(yield* Effect.provide(isKept(1), owner))
      }))

    it.effect("finds a store that is not there empty, and does not make it", () =>
      Effect.gen(function*() {
        const { directory, reader } = yield* place
        const fs = yield* FileSystem.FileSystem
        const listed = yield* Effect.provide(Effect.flatMap(Store, (store) => store.list({ limit: 1 })), reader)
        assert.strictEqual(listed.total, 0)
        assert.strictEqual(yield* reasonOf(Effect.provide(accept(1), reader)), "read-only")
        assert.isFalse(yield* fs.exists(directory))
      }))
  })

  describe("what cannot be used", () => {
    it.effect("a newer program's store", () =>
      Effect.gen(function*() {
        const { file, owner, reader } = yield* place
        yield* Effect.provide(accept(1), owner)
        yield* tamper(file("store.db"), "PRAGMA user_version = 99")
        assert.strictEqual(yield* reasonOf(Effect.provide(Store, owner)), "newer")
        assert.strictEqual(yield* reasonOf(Effect.provide(Store, reader)), "newer")
      }))

    const damages: Record<string, (file: string) => Effect.Effect<unknown, unknown, FileSystem.FileSystem>> = {
      "cut off": (file) => Effect.flatMap(FileSystem.FileSystem, (fs) => fs.truncate(file, 5 * 4096)),
      "not a database": (file) =>
        Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(file, "word ".repeat(5000))),
      "with flipped bytes": (file) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* fs.writeFile(file, (yield* fs.readFile(file)).map((byte, at) => at < 4096 ? byte : byte ^ 0x55))
        }),
      "another program's": (file) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          yield* fs.remove(file)
          yield* tamper(file, "CREATE TABLE theirs (a)")
        })
    }
    for (const [name, damage] of Object.entries(damages)) {
      it.effect(`a file that is ${name}: it is refused, and left as it is`, () =>
        Effect.gen(function*() {
          const { directory, file, owner } = yield* place
          const fs = yield* FileSystem.FileSystem
          yield* Effect.provide(Effect.forEach([1, 2, 3], accept), owner)
          yield* damage(file("store.db"))
          // As after a crash: then the whole file is checked.
          yield* fs.writeFileString(file("owner.json"), "")

          const before = yield* fs.readFile(file("store.db"))
          const failure = yield* Effect.flip(Effect.provide(Store, owner))
          assert.strictEqual(yield* reasonOf(failure), "corrupt")
          assert.include(failure.message, directory)
          assert.deepStrictEqual(yield* fs.readFile(file("store.db")), before)
        }))
    }

    it.effect("flipped bytes are found on demand", () =>
      Effect.gen(function*() {
        const { directory, file, owner } = yield* place
        yield* Effect.provide(Effect.forEach([1, 2, 3], accept), owner)
        yield* damages["with flipped bytes"]!(file("store.db"))
        const checked = StoreDirectory.layer({ directory, owner: "test", check: true })
        assert.strictEqual(yield* reasonOf(Effect.provide(Store, checked)), "corrupt")
      }))

    it.effect("a file in the directory's place", () =>
      Effect.gen(function*() {
        const { directory, owner, reader } = yield* place
        const fs = yield* FileSystem.FileSystem
        yield* fs.writeFileString(directory, "")
        assert.strictEqual(yield* reasonOf(Effect.provide(Store, owner)), "io")
        assert.strictEqual(yield* reasonOf(Effect.provide(Store, reader)), "io")
      }))

    // Root may write anywhere: the refusals are the file system's lines in a script.
    const refusals = { EACCES: "read-only", EPERM: "read-only", EROFS: "read-only", ENOSPC: "full", EIO: "io" }
    for (const [code, problem] of Object.entries(refusals)) {
      it.effect(`a directory that cannot be made, with ${code}`, () =>
        Effect.gen(function*() {
          const { owner } = yield* place
          const _tag = code === "EACCES" || code === "EPERM" ? "PermissionDenied" : "Unknown"
          const refused = PlatformError.systemError({
            _tag,
            module: "FileSystem",
            method: "makeDirectory",
            cause: { code }
          })
          const scripted = FileSystem.layerNoop({ makeDirectory: () => Effect.fail(refused) })
          assert.strictEqual(yield* reasonOf(Effect.provide(Store, Layer.provide(owner, scripted))), problem)
        }))
    }
  })

  describe("inspect", () => {
    it.effect("tells of a store that is not there", () =>
      Effect.gen(function*() {
        const { directory } = yield* place
        const seen = yield* StoreDirectory.inspect(directory)
        assert.deepInclude(seen, { exists: false, owner: null, schemaVersion: 0 })
        assert.match(seen.sqliteVersion, /^3\./)
      }))

    it.effect("tells who owns it and what is in it", () =>
      Effect.gen(function*() {
        const { directory } = yield* place
        const other = yield* anotherOwner(directory)
        const owned = yield* StoreDirectory.inspect(directory)
        assert.deepInclude(owned, { exists: true, schemaVersion: currentVersion })
        assert.deepInclude(owned.owner, { pid: other.pid, owner: "another pool" })
        assert.strictEqual(owned.counts.Queued, 1)

        yield* other.kill()
        assert.strictEqual((yield* StoreDirectory.inspect(directory)).owner, null)
      }))
  })
})
