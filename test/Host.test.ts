/**
 * The host: one process that has the pool for all commands. It is started by whoever comes first, found by whoever comes
 * later, and gone when nobody needs it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolStatus } from "../src/domain/PoolView.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { Census } from "./support/Census.ts"
import { Hosted } from "./support/Hosted.ts"
import { asked, prompted, said } from "./support/Program.ts"

type Status = PoolStatus & { readonly host: { readonly pid: number; readonly since: string } }

describe("the host of a store", () => {
  it.live("is started by the first command, found by the next, and one, however many come at once", () =>
    Effect.gen(function*() {
      // As in a session of a coordinator.
      const ofSession = { CLAUDECODE: "1", CLAUDE_CODE_ENTRYPOINT: "cli", MCP_TIMEOUT: "5000", GIT_DIR: "/nowhere" }
      const hosted = yield* Hosted.make("host-", { ...ofSession, OWN_VARIABLE: "kept" })
      const { json, note, ran, store } = hosted
      const all = yield* Effect.all([ran(["submit", "a"]), ran(["submit", "b"]), ran(["submit", "c"])], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(all.map(({ end }) => end), [0, 0, 0], all.map(({ stderr }) => stderr).join("\n"))
      const { pid, socket } = note()
      const first = yield* ran(["run", "[[say:here I am]]"])
      assert.deepStrictEqual([first.end, first.stdout], [0, "here I am\n"], first.stderr)

      const { host, pool, slots, tasks } = yield* json<Status>(["status"])
      assert.deepStrictEqual([pool, host.pid, slots.length], ["elsewhere", pid, 2])
      assert.strictEqual(Object.values(tasks).reduce((sum, count) => sum + count, 0), 4)
      const modes = [socket, join(socket, ".."), hosted.noteFile, join(store, "host.log")].map((path) =>
        statSync(path).mode & 0o777
      )
      assert.deepStrictEqual(modes, [0o600, 0o700, 0o600, 0o600])
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0")
      const names = environment.map((line) => line.split("=")[0] ?? "")
      assert.deepStrictEqual(Object.keys(ofSession).filter((name) => names.includes(name)), [])
      for (const name of ["PATH", "HOME", "TMPDIR", "OWN_VARIABLE"]) assert.include(names, name)

      // What is said of the pool, and is otherwise there, is not passed over; and what is said of a task is that task's.
      const other = yield* ran(["submit", "d", "--slots", "5", "--max-attempts", "7"])
      assert.include(
        other.stderr,
        `runs in process ${pid} with slots 2 (not 5), max_attempts 3 (not 7): \`claude-pool scale 5\``
      )
      assert.include(other.stderr, "`claude-pool stop` ends it")
    }).pipe(Effect.scoped))

  it.live("is stopped by a word, and not started again under whoever waits", () =>
    Effect.gen(function*() {
      const { directory, hasNote, json, note, ran, start, startConnected, store } = yield* Hosted.make("host-stopped-")
      const { id } = yield* json<TaskView>(["submit", "wait: [[await:never]]"])
      yield* prompted(directory, 1)
      const { pid } = note()
      const { ended } = yield* startConnected(["wait", id, "--json"])
      const { child: serving, ended: served } = yield* start(["serve"])
      const refused = yield* Effect.promise(() => served)
      assert.deepStrictEqual([refused.end, serving.exitCode], [6, 6], refused.stderr)

      const stopped = yield* ran(["stop", "--grace", "0s"])
      assert.include(stopped.stdout, `ended: process ${pid}; 1 cut off and waits again (${id})`)
      const { end, stdout } = yield* Effect.promise(() => ended)
      const { error } = JSON.parse(stdout) as { readonly error: { readonly code: string; readonly hint: string } }
      assert.deepStrictEqual([end, error.code], [6, "PoolLost"])
      assert.include(error.hint, `\`claude-pool wait ${id}\``)
      assert.isFalse(hasNote())
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
      assert.deepStrictEqual(readdirSync(store).filter((name) => /socket|owner|temporary/.test(name)), [])
      const again = yield* ran(["stop"])
      assert.deepStrictEqual([again.end, again.stdout], [0, "no pool runs for this store\n"])
    }).pipe(Effect.scoped))

  it.live("is never started by a worker, and says to whoever has started it why it cannot be there", () =>
    Effect.gen(function*() {
      const { directory, hasNote, ran, store } = yield* Hosted.make("host-refused-")
      // Nor by a command that finds out by itself that it cannot be done.
      const wrong = yield* ran(["fan-out", "--detach", "--items", "nowhere.jsonl"])
      assert.strictEqual(wrong.end, 2, wrong.stderr)
      assert.isFalse(existsSync(store))
      const worker = yield* ran(["submit", "a"], { CLAUDE_POOL_MARKER: "some-mark" })
      assert.strictEqual(worker.end, 0, worker.stderr)
      assert.isFalse(hasNote())
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
      chmodSync(join(store, "store.db"), 0o644)
      const { end, stderr } = yield* ran(["submit", "a"])
      assert.strictEqual(end, 6)
      assert.match(
        stderr,
        /^error: the store .* cannot be used \(exposed\)[^\n]*\nhint: it may have come with the repository/
      )
      chmodSync(join(store, "store.db"), 0o600)
    }).pipe(Effect.scoped))

  it.live("ends by itself once it has nothing to do and nobody to serve", () =>
    Effect.gen(function*() {
      const { directory, hasNote, ran, store } = yield* Hosted.make("host-idle-", { CLAUDE_POOL_IDLE_EXIT: "1ms" })
      // It stays as long as something is left to do, and a review is nothing that it could do.
      const { end, stderr } = yield* ran(["submit", "[[say:done]]", "--review"])
      assert.strictEqual(end, 0, stderr)
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
      assert.isFalse(hasNote())
      assert.deepStrictEqual(asked(directory).length, 1)
      assert.include((yield* ran(["list"])).stdout, "review")
      assert.include(readFileSync(join(store, "host.log"), "utf8"), "serving ")
    }).pipe(Effect.scoped))

  it.live("of an older version is drained, and its work goes on in a new one; a newer one is left alone", () =>
    Effect.gen(function*() {
      const hosted = yield* Hosted.make("host-version-")
      const { directory, json, note, noteFile, ran } = hosted
      const { id } = yield* json<TaskView>(["submit", "wait: [[await:file]] [[say:at last]]", "--drain-grace", "1ms"])
      yield* prompted(directory, 1)
      const old = note()
      const pretend = (change: object) => writeFileSync(noteFile, JSON.stringify({ ...note(), ...change }))

      pretend({ version: "99.0.0" })
      const older = yield* ran(["submit", "b", "--json"])
      assert.strictEqual(older.end, 6)
      for (const part of ["OtherVersion", "99.0.0", old.version, "claude-pool stop"]) assert.include(older.stdout, part)

      pretend({ version: old.version, simulate: false })
      const simulated = yield* ran(["submit", "b"])
      assert.strictEqual(simulated.end, 6)
      assert.match(
        simulated.stderr,
        /with real workers, and this command asks for simulated ones\nhint: leave --simulate out/
      )
      // Whoever only looks, or has the say, needs no workers of his kind.
      assert.strictEqual((yield* json<Status>(["status"])).host.pid, old.pid)

      pretend({ version: "0.0.1", simulate: true })
      writeFileSync(join(directory, "file"), "")
      // Both find it, and neither takes the new one of the other for what it has to end.
      const both = yield* Effect.all([ran(["wait", id, "--json"]), ran(["wait", id, "--json"])], {
        concurrency: "unbounded"
      })
      for (const waited of both) {
        assert.strictEqual(waited.end, 0, waited.stderr)
        assert.include(waited.stdout, "at last")
      }
      const told = both.map(({ stderr }) => stderr).join("")
      assert.include(told, `claude-pool 0.0.1 runs the pool, in process ${old.pid}: it is drained`)
      assert.notStrictEqual(note().pid, old.pid)
    }).pipe(Effect.scoped))
})

describe("`claude-pool serve`", () => {
  it.live("is found by commands, and drains when it is told to end", () =>
    Effect.gen(function*() {
      const { directory, json, note, start } = yield* Hosted.make("serve-")
      const { child, ended } = yield* start(["serve", "--slots", "1", "--drain-grace", "10m"])
      yield* said(child, "serving ")
      const { id } = yield* json<TaskView>(["submit", "wait: [[await:file]] [[say:well]]"])
      yield* prompted(directory, 1)
      assert.strictEqual(note().pid, child.pid)
      child.kill("SIGTERM")
      // It has its time to finish: before the drain has begun, it would finish without one.
      yield* said(child, "ending: 1 task may finish")
      writeFileSync(join(directory, "file"), "")
      const { end, stderr } = yield* Effect.promise(() => ended)
      assert.strictEqual(end, 130)
      assert.include(stderr, `the pool has ended: 1 finished (${id})`)
    }).pipe(Effect.scoped))
})
