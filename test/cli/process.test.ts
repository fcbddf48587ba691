/**
 * The entry point as a process: what only a process can show. Its environment is built from nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { compileCache } from "../support/CompileCache.ts"

const entry = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly code: number | null
}

const temporaryDirectory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "claude-pool-cli-"))),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

/** Runs to the end; `onStderr` sees what it has said so far. */
const started = (
  home: string,
  argv: ReadonlyArray<string>,
  onStderr: (child: ChildProcess, said: string) => void = () => {},
  nodeFlags: ReadonlyArray<string> = []
) =>
  Effect.callback<Ended>((resume) => {
    const child = spawn(process.execPath, [...nodeFlags, entry, ...argv], {
      cwd: home,
      env: { HOME: home, PATH: process.env["PATH"], ...compileCache, CLAUDE_POOL_IN_PROCESS: "true" },
      stdio: ["ignore", "pipe", "pipe"]
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text)
    child.stderr.setEncoding("utf8").on("data", (text: string) => onStderr(child, stderr += text))
    child.on("close", (code) => resume(Effect.succeed({ stdout, stderr, code })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe("the process", () => {
  it.live("says its version, and nothing else", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* started(yield* temporaryDirectory, ["--version"])
      assert.match(stdout, /^claude-pool v\d+\.\d+\.\d+\n$/)
      assert.deepStrictEqual([stderr, code], ["", 0])
    }))

  it.live("tells an old Node so, in plain words", () =>
    Effect.gen(function*() {
      const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.18.0' } })"
      const flags = ["--import", `data:text/javascript,${encodeURIComponent(old)}`]
      const { code, stderr, stdout } = yield* started(yield* temporaryDirectory, ["--version"], () => {}, flags)
      assert.match(stderr, /^error: claude-pool needs Node 22\.19 or newer, and this is 22\.18\.0\nhint: /)
      assert.deepStrictEqual([stdout, code], ["", 6])
    }))

  it("is loaded by an old Node at all: a name that it does not know would end it before it can say a word", () => {
    const bundle = readFileSync(new URL("../../dist/claude-pool.js", import.meta.url), "utf8")
    const named = [...bundle.matchAll(/import\s*\{([^}]*)\}\s*from\s*"(node:[a-z]+)"/g)]
    const names = named.flatMap(([, list, from]) =>
      list!.split(",").map((name) => `${from} ${name.split(" as ")[0]!.trim()}`)
    )
    assert.deepStrictEqual(names.toSorted(), ["node:os homedir", "node:path isAbsolute", "node:path join"])
  })

  it.live("exits with the code of the failure, and without a trace", () =>
    Effect.gen(function*() {
      const { code, stderr } = yield* started(yield* temporaryDirectory, ["result", "t_0000000000000000"])
      assert.match(stderr, /^error: there is no task t_0{16} in this store\nhint: [^\n]+\n$/)
      assert.strictEqual(code, 2)
    }))

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it.live(`ends in order on ${signal}: the task is cancelled, and the code is 130`, () =>
      Effect.gen(function*() {
        const home = yield* temporaryDirectory
        let sent = false
        const { code, stderr, stdout } = yield* started(home, ["run", "--simulate", "[[stall]]"], (child, said) => {
          if (sent || !said.includes("simulated: ")) return
          sent = child.kill(signal)
        })
        assert.deepStrictEqual([stdout, code], ["", 130])
        assert.include(stderr, "error: cancelled: interrupted")
        const { stdout: listed } = yield* started(home, ["list", "--json"])
        const { tasks } = JSON.parse(listed) as { readonly tasks: ReadonlyArray<{ readonly state: string }> }
        // A signal before the acceptance leaves no task; one after it leaves none that would still be run.
        assert.deepStrictEqual(tasks.filter(({ state }) => state !== "cancelled"), [])
      }))
  }
})
