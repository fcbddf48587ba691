/**
 * How a task on the real CLI is stopped: by its time, by its user, by the death of the pool. Nothing of it goes on
 * running, whatever its tools have started.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { type ApiReply, hang, silent, text, toolUse } from "../support/ApiReply.ts"
import { Census } from "../support/Census.ts"
import { RealPool } from "../support/RealPool.ts"

/** A command that never ends, and has started a process in a session of its own; `begun` is there once both are. */
const endless = [
  "setsid sh -c 'echo up > daemon; tail -f /dev/null; exit' > /dev/null 2>&1 &",
  "while [ ! -s daemon ]; do :; done",
  "echo up > begun",
  "tail -f /dev/null",
  "exit"
].join("\n")

const running: ApiReply = toolUse(
  "Bash",
  { command: endless, description: "run for ever", timeout: 600_000 },
  { inputTokens: 1000, outputTokens: 100 }
)

/** Starts a task, and waits until its tool and the daemon run. */
const begin = Effect.fnUntraced(function*(pool: RealPool, env: Readonly<Record<string, string>> = {}) {
  const argv = ["run", "--json", "run for ever", "--permissions", "full", "--model", "claude-sonnet-5-5"]
  const started = yield* pool.start(argv, { env })
  yield* pool.file(join(pool.project, "begun"))
  const processes = Census.processesOf(pool.directory)
  // The tool and the daemon are seen: else that none is left would say nothing.
  const tools = processes.filter((one) => one.includes("> begun"))
  const daemons = processes.filter((one) => one.includes("> daemon") && !one.includes("> begun"))
  assert.isNotEmpty(tools, processes.join("\n"))
  assert.isNotEmpty(daemons, processes.join("\n"))
  return started
})

const tasksOf = Effect.fnUntraced(function*(pool: RealPool) {
  const { stdout } = yield* pool.run(["list", "--json"])
  return (JSON.parse(stdout) as { readonly tasks: ReadonlyArray<Readonly<Record<string, unknown>>> }).tasks
})

/** A PATH without the programs that make a namespace: what is left is to find processes by their mark. */
const plainPath = (pool: RealPool): string => {
  const directory = join(pool.directory, "bin")
  mkdirSync(directory)
  for (const tool of ["sh", "bash", "kill", "setsid", "tail", "env"]) {
    symlinkSync(`/usr/bin/${tool}`, join(directory, tool))
  }
  return directory
}

describe("time", () => {
  it.live("stops a worker whose provider hangs in its answer, or does not answer at all", () =>
    Effect.forEach([hang, silent], (reply) =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make([reply])
        // The start counts: it is long enough for a slow machine to have asked its provider by then.
        const { code, task } = yield* pool.task(["wait for it", "--timeout", "30s"])
        assert.deepStrictEqual(
          { code, state: task.state, failure: task.error?.code, attempts: task.attempts },
          { code: 5, state: "failed", failure: "TimedOut", attempts: 1 }
        )
        assert.strictEqual(pool.api.main.length, 1)
      }).pipe(Effect.scoped), { concurrency: 2, discard: true }))

  it.live("stops a worker that gives no sign of life", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([hang])
      const { code, task } = yield* pool.task(["wait for it", "--stall-after", "2s", "--max-attempts", "1"])
      assert.deepStrictEqual({ code, failure: task.error?.code }, { code: 5, failure: "Stalled" })
    }))
})

describe("SIGINT while a tool runs", () => {
  for (const level of ["pid-namespace", "marker-sweep"] as const) {
    it.live(`cancels the task and ends the tool and its daemon (${level})`, () =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make([running, text("not asked for any more")])
        const started = yield* begin(pool, level === "marker-sweep" ? { PATH: plainPath(pool) } : {})
        yield* started.kill("SIGINT")
        const { code, survivors } = yield* started.ended
        assert.deepStrictEqual({ code, survivors }, { code: 130, survivors: [] })
        const [task] = yield* tasksOf(pool)
        // The turn that was under way had its price.
        assert.deepInclude(task, { state: "cancelled", cost_usd: 0.003, attempts: 1 })
        assert.strictEqual(pool.api.main.length, 1)
      }))
  }
})

describe("SIGINT while the provider is asked", () => {
  it.live("cancels the task", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([hang])
      const started = yield* pool.start(["run", "wait for it"])
      yield* pool.api.nextRequest(0)
      yield* started.kill("SIGINT")
      const { code, stdout, survivors } = yield* started.ended
      assert.deepStrictEqual({ code, stdout, survivors }, { code: 130, stdout: "", survivors: [] })
      assert.deepInclude((yield* tasksOf(pool))[0], { state: "cancelled" })
    }))
})

describe("SIGKILL of the pool while a tool runs", () => {
  it.live("leaves no process, and the task goes on with the next pool", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([running, text("the second time")])
      const started = yield* begin(pool)
      yield* started.kill("SIGKILL")
      assert.include(yield* started.ended, { code: null, signal: "SIGKILL" })
      assert.deepStrictEqual(yield* Census.survivorsOf(pool.directory), [])

      assert.strictEqual((yield* pool.run(["wait"])).code, 0)
      const [task] = yield* tasksOf(pool)
      assert.deepInclude(task, { state: "done", summary: "the second time", attempts: 2 })
    }))
})
