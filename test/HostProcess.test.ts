/**
 * The start of a host that goes wrong, with doubles of Node; and how much it may say.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem, Layer, Scope } from "effect"
import { TestClock } from "effect/testing"
import { chmodSync, closeSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { hostName, type HostNote } from "../src/domain/HostNote.ts"
import { graceOf } from "../src/layers/HostEnding.ts"
import * as HostLog from "../src/layers/HostLog.ts"
import { settledWhereabouts } from "../src/layers/HostPool.ts"
import * as HostProcess from "../src/layers/HostProcess.ts"
import { createStoreFiles, storeFiles } from "../src/layers/store/StoreFiles.ts"
import { own } from "../src/layers/store/StoreOwner.ts"
import { Census } from "./support/Census.ts"

/** The start of a host that does this instead. */
const started = Effect.fnUntraced(function*(does: string, isThere = true) {
  const directory = yield* Census.directory("host-process-")
  const store = join(directory, "store")
  mkdirSync(store)
  const files = yield* Effect.provide(storeFiles(store), NodeServices.layer)
  const node = join(directory, "node")
  if (isThere) {
    writeFileSync(node, `#!${process.execPath}\n${does}`)
    chmodSync(node, 0o700)
  }
  return { files, start: HostProcess.start({ files, node, project: directory, env: { PATH: "" } }) }
})

const reasonOf = (does: string, isThere?: boolean) =>
  Effect.gen(function*() {
    const { files, start } = yield* started(does, isThere)
    const { reason } = yield* Effect.flip(start)
    assert.strictEqual(reason._tag, "HostFailed")
    assert.include(reason.hint, files.log)
    return reason.message
  }).pipe(Effect.scoped)

describe("a host that does not start", () => {
  it.effect("is told of, with what is known of its end", () =>
    Effect.gen(function*() {
      assert.include(yield* reasonOf("process.exit(3)"), "it ended with exit code 3")
      assert.include(yield* reasonOf("process.kill(process.pid, \"SIGKILL\")"), "it ended with SIGKILL")
      assert.include(yield* reasonOf("process.send(\"nonsense\")"), "what it said was not understood")
      assert.include(yield* reasonOf("", false), "ENOENT")
    }))

  it.effect("is not waited for without an end", () =>
    Effect.gen(function*() {
      // It says nothing, for as long as somebody listens.
      const { start } = yield* started("process.on(\"disconnect\", () => process.exit())")
      const starting = yield* Effect.forkChild(Effect.flip(start), { startImmediately: true })
      yield* TestClock.adjust("59 seconds")
      assert.isUndefined(starting.pollUnsafe())
      yield* TestClock.adjust("1 second")
      assert.include((yield* Fiber.join(starting)).message, "it was not ready within 60 seconds")
    }).pipe(Effect.scoped))

  it.effect("has said why in a file of the store", () =>
    Effect.gen(function*() {
      const { files, start } = yield* started("console.error(\"no way\"); process.exit(1)")
      yield* Effect.flip(start)
      assert.strictEqual(readFileSync(files.log, "utf8"), "no way\n")
    }).pipe(Effect.scoped))
})

describe("whoever looks for a host", () => {
  it.effect("goes by one look: another host may be on its way by the next one", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("host-looks-")
      const files = yield* storeFiles(join(directory, "store"))
      yield* createStoreFiles(files)
      yield* own(files, hostName)
      const fs = yield* FileSystem.FileSystem
      let looks = 0
      const firstSeesNone = FileSystem.FileSystem.of({
        ...fs,
        exists: (path) => path === files.lock && looks++ === 0 ? Effect.succeed(false) : fs.exists(path)
      })
      const seen = yield* Effect.provideService(settledWhereabouts(files), FileSystem.FileSystem, firstSeesNone)
      assert.deepStrictEqual(seen, { owner: null, note: null })
    }).pipe(Effect.provide(NodeServices.layer), Effect.scoped))

  it("gives one that it ends the grace that this one gives to its tasks, if that is longer than its own", () => {
    const note: HostNote = { socket: "/s", pid: 1, version: "0.0.1", simulate: true }
    const within = (settings?: Readonly<Record<string, string>>) =>
      Duration.toSeconds(graceOf(settings === undefined ? note : { ...note, settings }, Duration.seconds(30)))
    assert.deepStrictEqual(
      [within(), within({}), within({ drainGrace: "10m" }), within({ drainGrace: "1ms" }), within({ drainGrace: "x" })],
      [30, 30, 600, 30, 30]
    )
  })
})

describe("what a host says", () => {
  const much = "x".repeat(HostLog.longestLog + 1)

  const opened = Effect.gen(function*() {
    const log = join(yield* Census.directory("host-log-"), "host.log")
    const open = (path: string) =>
      Effect.acquireRelease(Effect.sync(() => HostLog.openLog(path)), (file) => Effect.sync(() => closeSync(file)))
    return { log, open, size: (path = log) => statSync(path).size }
  })

  it.effect("is bounded when it starts, and while it runs", () =>
    Effect.gen(function*() {
      const { log, open, size } = yield* opened
      writeFileSync(log, much)
      const descriptor = yield* open(log)
      assert.deepStrictEqual([size(), statSync(log).mode & 0o777], [0, 0o600])
      yield* Layer.buildWithScope(HostLog.layer(log, descriptor), yield* Scope.Scope)
      writeFileSync(descriptor, "a little")
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(size(), 8)
      writeFileSync(descriptor, much)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(size(), 0)
      writeFileSync(descriptor, "on")
      assert.strictEqual(readFileSync(log, "utf8"), "on")
    }).pipe(Effect.scoped))

  it.effect("is left alone where it is the user's own file", () =>
    Effect.gen(function*() {
      const { log, open, size } = yield* opened
      writeFileSync(log, "")
      const own = `${log}-own`
      const descriptor = yield* open(own)
      yield* Layer.buildWithScope(HostLog.layer(log, descriptor), yield* Scope.Scope)
      writeFileSync(descriptor, much)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(size(own), much.length)
    }).pipe(Effect.scoped))

  it.effect("is not written through a link", () =>
    Effect.gen(function*() {
      const { log, size } = yield* opened
      writeFileSync(`${log}-own`, "mine")
      symlinkSync(`${log}-own`, log)
      assert.throws(() => HostLog.openLog(log))
      assert.strictEqual(size(`${log}-own`), 4)
    }).pipe(Effect.scoped))
})
