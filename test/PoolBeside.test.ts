/**
 * Commands beside a pool that runs: they go to it, through its socket, whatever they are.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolStatus } from "../src/domain/PoolView.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { driveServer, initialize } from "./mcp/StdioDriver.ts"
import { Census } from "./support/Census.ts"
import { asked, environmentIn, program, prompted, ran, start } from "./support/Program.ts"

/** A pool that serves a coordinator, with two slots. */
const serving = Effect.fnUntraced(function*() {
  const directory = yield* Census.directory("beside-")
  const server = yield* driveServer(program(directory, ["mcp", "--slots", "2"]), {
    cwd: directory,
    env: environmentIn(directory)
  })
  yield* server.send(...initialize)
  yield* server.reply(0)
  return { directory, server }
})

const json = <A>(text: string): A => JSON.parse(text) as A

describe("beside a pool that runs", () => {
  it.live("work is handed to it, waited for, looked at and stopped", () =>
    Effect.gen(function*() {
      const { directory, server } = yield* serving()
      const below = join(directory, "below")
      const done = yield* ran(directory, ["run", "[[say:here I am]]", "--json"], below)
      assert.deepStrictEqual([done.end, json<TaskView>(done.stdout).summary], [0, "here I am"], done.stderr)
      const starts = readFileSync(join(directory, "log"), "utf8").split("\n").filter((line) => line !== "")
      assert.include(starts.map((line) => json<{ readonly cwd?: string }>(line).cwd), below)

      const { stdout } = yield* ran(directory, ["submit", "wait: [[await:never]]", "--json"])
      const { id } = json<TaskView>(stdout)
      yield* prompted(directory, 2)
      const cancelled = yield* ran(directory, ["cancel", id, "--json"])
      assert.deepStrictEqual(json<unknown>(cancelled.stdout), { cancelled: [id], already_finished: [] })

      const group = yield* ran(directory, ["fan-out", "one [[say:1]]", "two [[say:2]]", "--json"])
      assert.strictEqual(group.end, 0, group.stderr)
      const context = yield* ran(directory, ["context", "set", "tone", "dry"])
      assert.strictEqual(context.end, 0, context.stderr)

      yield* server.hangUp
      assert.strictEqual(yield* server.ended, 0)
      const left = readdirSync(directory).filter((name) => name.startsWith("claude-pool-"))
      assert.deepStrictEqual([left, readdirSync(join(directory, "store")).filter((name) => /socket/.test(name))], [
        [],
        []
      ])
    }).pipe(Effect.scoped))

  it.live("what a task waits for is asked there", () =>
    Effect.gen(function*() {
      const { directory, server } = yield* serving()
      const { stdout } = yield* ran(directory, ["submit", "wait: [[await:never]]", "--json"])
      const { id } = json<TaskView>(stdout)
      yield* prompted(directory, 1)
      assert.strictEqual((yield* ran(directory, ["drain", "--grace", "0s"])).end, 0)
      assert.include((yield* ran(directory, ["list"])).stdout, `${id}  queued (drain)`)
      assert.include((yield* ran(directory, ["result", id])).stderr, "waits: the pool is drained")
      yield* server.hangUp
      assert.strictEqual(yield* server.ended, 0)
      assert.include((yield* ran(directory, ["list"])).stdout, `${id}  queued (pool)`)
    }).pipe(Effect.scoped))

  it.live("an interrupted run is cancelled there", () =>
    Effect.gen(function*() {
      const { directory } = yield* serving()
      const { child, ended } = yield* start(directory, ["run", "wait: [[await:never]]"])
      yield* prompted(directory, 1)
      child.kill("SIGINT")
      assert.strictEqual((yield* Effect.promise(() => ended)).end, 130)
      const { stdout } = yield* ran(directory, ["list", "--json"])
      assert.deepStrictEqual(
        json<{ readonly tasks: ReadonlyArray<TaskView> }>(stdout).tasks.map(({ state }) => state),
        ["cancelled"]
      )
    }).pipe(Effect.scoped))

  it.live("its end is told, and what it had accepted goes on in the next one", () =>
    Effect.gen(function*() {
      const { directory, server } = yield* serving()
      const { ended } = yield* start(directory, ["run", "wait: [[await:file]] [[say:at last]]", "--json"])
      yield* prompted(directory, 1)
      yield* server.signal("SIGKILL")
      const { end, stdout } = yield* Effect.promise(() => ended)
      assert.strictEqual(end, 6)
      assert.strictEqual(json<{ readonly error: { readonly code: string } }>(stdout).error.code, "PoolLost")
      assert.deepStrictEqual(yield* Census.survivorsOf(join(directory, "store", "slots")), [])

      assert.match((yield* ran(directory, ["status"])).stdout, /^CUT OFF +TIME/m)
      writeFileSync(join(directory, "file"), "")
      const waited = yield* ran(directory, ["wait", "--json"])
      assert.strictEqual(waited.end, 0, waited.stderr)
      assert.deepStrictEqual(
        json<{ readonly done: ReadonlyArray<TaskView> }>(waited.stdout).done.map(({ summary }) => summary),
        [
          "at last"
        ]
      )
      assert.isAtLeast(asked(directory).length, 2)
    }).pipe(Effect.scoped))

  it.live("one of another kind, or of another version, is not taken for it", () =>
    Effect.gen(function*() {
      const { directory, server } = yield* serving()
      const note = join(directory, "store", "socket.json")
      const text = readFileSync(note, "utf8")
      for (const change of [{ version: "0.0.0" }, { simulate: false }, { pid: 1 }]) {
        writeFileSync(note, JSON.stringify({ ...json<object>(text), ...change }))
        const refused = yield* ran(directory, ["submit", "anything", "--json"])
        assert.strictEqual(refused.end, 6)
        assert.include(refused.stdout, "StoreOwned")
      }
      writeFileSync(note, text)
      const status = yield* ran(directory, ["status", "--json"])
      assert.strictEqual(json<PoolStatus>(status.stdout).pool, "elsewhere")
      yield* server.hangUp
      assert.strictEqual(yield* server.ended, 0)
    }).pipe(Effect.scoped))
})
