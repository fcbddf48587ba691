/**
 * Whether a worker runs a process: asked of real process trees.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { isInWorker } from "../src/layers/WorkerAncestry.ts"

/** Scripts, by the variables that hand them down: each but the last stays alive around what it runs. */
const scripts = {
  LEAF: "echo $$; read line",
  ABOVE: "sh -c \"$LEAF\"; true",
  /** Drops the mark, for two generations. */
  UNMARKED: "env -u CLAUDE_POOL_MARKER sh -c \"$ABOVE\"; true",
  /** The same, through a program of another name. */
  NAMED: "env -u CLAUDE_POOL_MARKER \"$SHELL_OF_THAT_NAME\" -c \"$ABOVE\"; true"
}

interface Bottom {
  readonly pid: number
  readonly end: () => void
}

/** The process at the bottom of the tree that a script starts; it ends with the test. */
const bottomOf = (script: keyof typeof scripts, env: Readonly<Record<string, string>>) =>
  Effect.acquireRelease(
    Effect.callback<Bottom>((resume) => {
      const child = spawn("sh", ["-c", scripts[script]], {
        env: { PATH: process.env["PATH"], ...scripts, ...env },
        stdio: ["pipe", "pipe", "inherit"]
      })
      child.stdout.setEncoding("utf8").once("data", (text: string) => {
        resume(Effect.succeed({ pid: Number(text.trim()), end: () => child.stdin.end("\n") }))
      })
    }),
    ({ end }) => Effect.sync(end)
  )

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claude-pool-ancestry-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true }))
)

const mark = { CLAUDE_POOL_MARKER: "some-mark" }

describe("isInWorker", () => {
  it("takes the mark in the environment for what it is, even where there is no /proc", () => {
    assert.isTrue(isInWorker(-1, mark))
    assert.isFalse(isInWorker(-1, {}))
  })

  it.live("says of a process without the mark what is so of its parent", () =>
    Effect.gen(function*() {
      const { pid } = yield* bottomOf("ABOVE", {})
      // Whoever runs these tests may be a worker.
      assert.strictEqual(isInWorker(pid, {}), isInWorker(process.pid, process.env))
    }))

  it.live("finds the mark that a process began with, though it has dropped it since", () =>
    Effect.gen(function*() {
      const { pid } = yield* bottomOf("LEAF", mark)
      assert.isTrue(isInWorker(pid, {}))
    }))

  it.live("finds a worker some generations up, though none below it has the mark", () =>
    Effect.gen(function*() {
      const { pid } = yield* bottomOf("UNMARKED", mark)
      assert.notInclude(readFileSync(`/proc/${pid}/environ`, "utf8"), "CLAUDE_POOL_MARKER=")
      assert.isTrue(isInWorker(pid, {}))
    }))

  it.live("is not led astray by the name of a program", () =>
    Effect.gen(function*() {
      const named = join(yield* temporaryDirectory, ") S 1 (")
      symlinkSync("/bin/sh", named)
      const { pid } = yield* bottomOf("NAMED", { ...mark, SHELL_OF_THAT_NAME: named })
      assert.isTrue(isInWorker(pid, {}))
    }))
})
