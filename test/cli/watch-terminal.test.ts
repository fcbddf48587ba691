/**
 * The dashboard on a real terminal, beside a pool that plays: it is seen, it acts, and it gives the terminal back.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import process from "node:process"
import { gone } from "../support/DaemonPool.ts"
import { environmentIn, program, prompted, ran, start } from "../support/Program.ts"
import { pty } from "../support/Pty.ts"

const directory = Effect.flatMap(
  FileSystem.FileSystem,
  (fs) => fs.makeTempDirectoryScoped({ prefix: "claude-pool-watch-" })
)

/** A pool that works off its queue until it is ended; a task of it stands still. */
const working = Effect.fnUntraced(function*(home: string) {
  yield* ran(home, ["submit", "stand [[say:I look at the tree.]] [[stall]]", "--name", "the tree"])
  const pool = yield* start(home, ["wait", "--slots", "1"])
  yield* prompted(home, 1)
  return pool
})

const terminal = (home: string) =>
  pty([process.execPath, ...program(home, ["watch"])], {
    columns: 80,
    rows: 24,
    cwd: home,
    env: { ...environmentIn(home), TERM: "xterm", NO_COLOR: "1" }
  })

describe("watch on a terminal", () => {
  it.live("shows a running task, opens it, cancels it, and gives the terminal back", () =>
    Effect.gen(function*() {
      const home = yield* directory
      const pool = yield* working(home)
      const tty = yield* terminal(home)
      const board = yield* tty.sees("the tree")
      assert.isAtMost(board.split("\n").length, 24)
      const once = yield* ran(home, ["watch", "--once", "--json"])
      assert.deepStrictEqual([once.end, once.stderr], [0, ""])
      const value: unknown = JSON.parse(once.stdout)
      assert.containSubset(value, {
        status: { pool: "elsewhere", running: [{ name: "the tree" }] },
        queue: { total: 0 }
      })
      yield* tty.press("\r")
      yield* tty.sees("I look at the tree.")
      yield* tty.press("\u001b")
      yield* tty.sees("▸ slot-")
      yield* tty.press("c")
      yield* tty.sees("for good? y/n")
      yield* tty.press("y")
      yield* tty.sees("cancelled")
      yield* Effect.promise(() => pool.ended)
      yield* tty.press("q")
      yield* tty.closed
      assert.isTrue(tty.written().endsWith("\u001b[?25h\u001b[?1049lended with 0\r\nrestored\r\n"))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.live("gives it back also where it is ended from outside, and ends where the terminal is gone", () =>
    Effect.gen(function*() {
      const home = yield* directory
      yield* ran(home, ["submit", "later", "--name", "later"])
      const ended = yield* terminal(home)
      yield* ended.sees("QUEUE 1")
      const node = ended.processes().at(-1)!
      process.kill(node, "SIGTERM")
      yield* ended.closed
      assert.isTrue(ended.written().endsWith("\u001b[?25h\u001b[?1049lended with 130\r\nrestored\r\n"))

      const left = yield* terminal(home)
      yield* left.sees("QUEUE 1")
      const processes = left.processes()
      left.child.kill("SIGKILL")
      yield* left.closed
      for (const pid of processes) yield* gone(pid)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
