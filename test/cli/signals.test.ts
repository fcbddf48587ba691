/**
 * How a pool that runs ends when it is asked to, as a process: once, twice, with nobody left to read what it says, and with
 * workers that do not listen. Nothing of it stays behind, and no task is lost or charged.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { existsSync, watch } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { fileURLToPath } from "node:url"
import { initialize } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { compileCache } from "../support/CompileCache.ts"

const entry = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

interface Command {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Gone when the scope closes, if not before. */
const start = (home: string, ...argv: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync((): Command => {
      const child = spawn(process.execPath, [entry, ...argv, "--simulate"], {
        cwd: home,
        env: { HOME: home, PATH: process.env["PATH"], TMPDIR: home, ...compileCache, CLAUDE_POOL_IN_PROCESS: "true" },
        stdio: ["pipe", "pipe", "pipe"]
      })
      let said = ""
      child.stderr.setEncoding("utf8").on("data", (text: string) => said += text)
      child.stdin.on("error", () => undefined)
      // What it has said is all there only after its streams have ended, too.
      const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
        child.on("close", (code, signal) => resolve(code ?? signal))
      )
      return { child, said: () => said, ended }
    }),
    ({ child }) => Effect.sync(() => child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
  )

const output = (home: string, ...argv: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { child, ended } = yield* start(home, ...argv)
    let text = ""
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => text += chunk)
    assert.strictEqual(yield* Effect.promise(() => ended), 0)
    return text.trim()
  }).pipe(Effect.scoped)

/** Waits for a text on stderr. */
const heard = ({ child, said }: Command, text: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const look = () => said().includes(text) && resume(Effect.void)
    child.stderr?.on("data", look)
    look()
    return Effect.sync(() => child.stderr?.off("data", look))
  })

/** Waits for the file by which the worker says that it is at work. */
const begun = (directory: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const look = () => existsSync(join(directory, "begun")) && resume(Effect.void)
    const watcher = watch(directory, look)
    look()
    return Effect.sync(() => watcher.close())
  })

interface Standing {
  readonly state: string
  readonly attempts: number
  readonly waits_for?: string
}

const standing = (home: string, id: string) =>
  Effect.map(output(home, "result", id, "--json"), (text) => JSON.parse(text) as Standing)

/** A pool at work on one task that does not end by itself. */
const atWork = Effect.fnUntraced(function*(prompt: string, ...flags: ReadonlyArray<string>) {
  const home = yield* Census.directory("signals-")
  const id = yield* output(home, "submit", `[[bash:touch begun]]${prompt}`, "--permissions", "full")
  const command = yield* start(home, "wait", ...flags)
  yield* Effect.timeout(begun(home), "60 seconds")
  return { home, id, command }
})

const deaf = "[[ignore-term]][[ignore-interrupt]][[stall]]"

describe("a pool that is asked to end", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it.live(`by ${signal} says what it has cut off, and how to go on; the task waits again, uncharged`, () =>
      Effect.gen(function*() {
        const { command, home, id } = yield* atWork("[[stall]]", "--shutdown-grace", "100ms")
        command.child.kill(signal)
        assert.strictEqual(yield* Effect.promise(() => command.ended), 130)
        assert.include(command.said(), `the pool has ended: 1 cut off and waits again (${id}), 1 task waits`)
        assert.include(command.said(), "hint: `claude-pool wait` goes on with what waits")
        assert.deepInclude(yield* standing(home, id), { state: "queued", waits_for: "pool" })
      }).pipe(Effect.scoped))
  }

  it.live("ends though its worker is deaf to everything, and leaves nothing of it", () =>
    Effect.gen(function*() {
      const { command, home, id } = yield* atWork(deaf, "--shutdown-grace", "100ms")
      command.child.kill("SIGTERM")
      assert.strictEqual(yield* Effect.promise(() => command.ended), 130)
      assert.include(command.said(), `1 cut off and waits again (${id})`)
      assert.deepInclude(yield* standing(home, id), { state: "queued" })
    }).pipe(Effect.scoped))

  it.live("twice ends now, whatever grace there was and however deaf its worker is", () =>
    Effect.gen(function*() {
      const { command, home, id } = yield* atWork(deaf, "--shutdown-grace", "1h")
      command.child.kill("SIGINT")
      yield* heard(command, "once more, and it is now")
      // Signals that follow each other closely count as one, so they are sent until it has gone.
      yield* Effect.sync(() => command.child.kill("SIGINT")).pipe(
        Effect.repeat(Schedule.spaced("150 millis")),
        Effect.raceFirst(Effect.promise(() => command.ended)),
        Effect.timeout("30 seconds")
      )
      assert.strictEqual(yield* Effect.promise(() => command.ended), 130)
      // There may have been no time to put it on record: then whoever opens the store next finds it, and takes it up.
      yield* output(home, "cancel", id)
      assert.deepInclude(yield* standing(home, id), { state: "cancelled" })
    }).pipe(Effect.scoped))

  it.live("by a terminal that was closed ends in order, with nobody to read what it says", () =>
    Effect.gen(function*() {
      const { command, home, id } = yield* atWork("[[stall]]", "--shutdown-grace", "100ms")
      for (const stream of [command.child.stdin, command.child.stdout, command.child.stderr]) stream?.destroy()
      command.child.kill("SIGHUP")
      assert.strictEqual(yield* Effect.promise(() => command.ended), 130)
      assert.deepInclude(yield* standing(home, id), { state: "queued" })
    }).pipe(Effect.scoped))
})

describe("a server whose client does not read", () => {
  it.live("ends with its client all the same", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("signals-")
      const { child } = yield* start(home, "mcp")
      // Its stdout never comes to its end here.
      const exited = new Promise((resolve) => child.on("exit", resolve))
      const list = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/list" })
      const messages = [...initialize, ...Array.from({ length: 200 }, (_, number) => list(number + 1))]
      // Nobody listens to its stdout: it has far more to say than a pipe holds.
      child.stdin?.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(""))
      assert.strictEqual(yield* Effect.promise(() => exited), 0)
    }).pipe(Effect.scoped))
})
