/**
 * A host that is killed under whoever waits: another one is started, and nothing is done twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolStatus } from "../src/domain/PoolView.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { submit, waited } from "./mcp/HandedIn.ts"
import { call } from "./mcp/StdioDriver.ts"
import { Hosted } from "./support/Hosted.ts"
import { asked, prompted } from "./support/Program.ts"

describe("a host that is killed", () => {
  it.live("is started again under a command that waits, and nothing is done twice", () =>
    Effect.gen(function*() {
      const { directory, json, kill, note, start } = yield* Hosted.make("host-killed-")
      const done = yield* json<TaskView>(["run", "first [[say:one]]"])
      const { id } = yield* json<TaskView>(["submit", "second [[await:file]] [[say:two]]"])
      yield* prompted(directory, 2)
      const { child, ended } = yield* start(["wait", done.id, id, "--json"])
      const running = yield* start(["run", "third [[await:file]] [[say:three]]", "--json"])
      yield* prompted(directory, 3)
      const { pid } = note()
      yield* kill(pid)
      writeFileSync(join(directory, "file"), "")
      const waited = yield* Effect.promise(() => ended)
      assert.strictEqual(waited.end, 0, waited.stderr)
      const reply = JSON.parse(waited.stdout) as { readonly done: ReadonlyArray<TaskView> }
      assert.deepStrictEqual(reply.done.map(({ summary }) => summary), ["one", "two"])
      const ran = yield* Effect.promise(() => running.ended)
      assert.strictEqual((JSON.parse(ran.stdout) as TaskView).summary, "three", ran.stderr)
      assert.notStrictEqual(note().pid, pid)
      assert.strictEqual((yield* json<PoolStatus>(["status"])).tasks.done, 3)
      assert.deepStrictEqual(asked(directory).filter((step) => step === "first"), ["first"])
      assert.isNotNull(child.pid)
    }).pipe(Effect.scoped))

  it.live("is started again under a coordinator that waits, which has the answer of the one that comes after it", () =>
    Effect.gen(function*() {
      const { directory, kill, note, serve } = yield* Hosted.make("mcp-killed-")
      const server = yield* serve("--slots", "2")
      const done = yield* submit(server, 1, "done [[say:long done]]")
      assert.include(yield* waited(server, 2, [done]), "long done")
      const id = yield* submit(server, 3, "waits [[await:file]] [[say:at last]]")
      yield* prompted(directory, 2)
      yield* server.send(call(4, "pool_wait", { ids: [done, id], mode: "all", wait_s: 60 }))
      const { pid } = note()
      // An answer to a later call: the wait has arrived.
      yield* server.send(call(5, "pool_status"))
      yield* server.reply(5)
      yield* kill(pid)
      writeFileSync(join(directory, "file"), "")
      const told = JSON.stringify((yield* server.reply(4)).result)
      assert.include(told, "at last")
      assert.deepStrictEqual(asked(directory).filter((step) => step === "done"), ["done"])
      assert.notStrictEqual(note().pid, pid)
      // What is not asked twice is asked of the new one.
      yield* server.send(call(6, "pool_cancel", { ids: [id] }))
      assert.isUndefined((yield* server.reply(6)).error)
      yield* server.hangUp
      assert.strictEqual(yield* server.ended, 0)
    }).pipe(Effect.scoped))
})
