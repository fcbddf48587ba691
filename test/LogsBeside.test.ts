/**
 * The log and the explanation of a task, on a command line of their own, while another process runs it: over the simulator,
 * and over the end of the pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Explanation } from "../src/domain/Explain.ts"
import type { TurnsReply, TurnView } from "../src/domain/Turn.ts"
import { Census } from "./support/Census.ts"
import { prompted, ran, start } from "./support/Program.ts"

const idIn = (text: string): string => /t_[0-9a-z]{16}/.exec(text)?.[0] ?? ""

describe("a task that another process runs", () => {
  it.live("can be followed to its end, and read and explained then", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("logs-")
      const prompt =
        "mend it [[say:I look.]] [[tool:Read]] [[bash:echo hello; exit 3]] [[await:go]] [[say:It is mended.]]"
      const submitted = yield* ran(directory, ["submit", prompt, "--permissions", "full"])
      const id = idIn(submitted.stdout)
      const pool = yield* start(directory, ["wait", id, "--slots", "1"])
      yield* prompted(directory, 1)
      const following = yield* start(directory, ["logs", "-f", id, "--json"])
      yield* Effect.callback<void>((resume) => {
        following.child.stdout.on("data", () => resume(Effect.void))
      })
      writeFileSync(join(directory, "go"), "")
      const followed = yield* Effect.promise(() => following.ended)
      assert.deepInclude(followed, { end: 0, stderr: "" })
      const lines = followed.stdout.trimEnd().split("\n").map((line) => JSON.parse(line) as TurnView)
      const kinds = lines.map(({ failed, kind, text, tool }) => [kind, tool ?? text, failed === true])
      assert.deepStrictEqual(kinds, [
        ["notice", "attempt 1 on slot-1", false],
        ["prompt", prompt, false],
        ["said", "I look.", false],
        ["tool", "Read", false],
        ["result", "ok", false],
        ["tool", "Bash", false],
        ["result", "Exit code 3\nhello", true],
        ["said", "It is mended.", false],
        ["notice", "done", false]
      ])
      yield* Effect.promise(() => pool.ended)

      const { stdout } = yield* ran(directory, ["logs", id, "--json"])
      assert.deepStrictEqual((JSON.parse(stdout) as TurnsReply).turns, lines)
      const explained = yield* ran(directory, ["explain", id, "--json"])
      const { history, state } = JSON.parse(explained.stdout) as Explanation
      assert.deepStrictEqual([state, history], ["done", ["attempt 1 on slot-1: done"]])
    }).pipe(Effect.scoped))

  it.live("waits for a pool where none runs, and says so", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("logs-")
      const id = idIn((yield* ran(directory, ["submit", "a"])).stdout)
      const { stdout } = yield* ran(directory, ["explain", id])
      assert.match(stdout, /queued: it waits for a pool: none runs\.\nto change that: `claude-pool wait t_/)
      const logged = yield* ran(directory, ["logs", id])
      assert.deepInclude(logged, { end: 0, stdout: "", stderr: `nothing is kept of ${id} yet\n` })
    }).pipe(Effect.scoped))
})
