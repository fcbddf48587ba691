/**
 * The server as people run it, over the simulator: its end leaves no process, and loses no task.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, readlinkSync, watch } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compileCache } from "../support/CompileCache.ts"
import { temporary } from "../support/Simulated.ts"
import { call, driveServer, initialize, type Message } from "./StdioDriver.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

const environment = (home: string) => ({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: home,
  TMPDIR: home,
  ...compileCache,
  CLAUDE_POOL_IN_PROCESS: "true"
})

/** A server in `directory`, whose store is there too. */
const serveIn = Effect.fnUntraced(function*(directory: string, ...flags: ReadonlyArray<string>) {
  const driver = yield* driveServer(
    [command, "mcp", "--simulate", "--store", join(directory, "store"), ...flags],
    { cwd: directory, env: environment(directory) }
  )
  yield* driver.send(...initialize)
  yield* driver.reply(0)
  return driver
})

const structured = ({ result }: Message): Record<string, unknown> =>
  result?.["structuredContent"] as Record<string, unknown>

const texts = ({ result }: Message): ReadonlyArray<string> =>
  (result?.["content"] as ReadonlyArray<{ readonly text: string }> | undefined ?? []).map(({ text }) => text)

const prompt = "[[bash:touch begun; sleep 600]]"

/** Waits for the file by which the command in `prompt` says that it runs. */
const begun = (directory: string): Effect.Effect<void> =>
  Effect.callback((resume) => {
    const look = () => existsSync(join(directory, "begun")) && resume(Effect.void)
    const watcher = watch(directory, look)
    look()
    return Effect.sync(() => watcher.close())
  })

/** The processes at work in a directory: in whatever namespace they are, the kernel shows where. */
const processesIn = (directory: string): ReadonlyArray<string> =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(directory)
    } catch {
      return false
    }
  })

describe("claude-pool mcp", () => {
  it.live("runs a task and shows its output", () =>
    Effect.gen(function*() {
      const driver = yield* serveIn(yield* temporary)
      yield* driver.send(call(1, "pool_run", { prompt: "[[say:rust never\u200b sleeps]]" }))
      const { id, ...task } = structured(yield* driver.reply(1))
      assert.deepInclude(task, { state: "done", summary: "rust never sleeps" })
      yield* driver.send(call(2, "pool_output", { id }))
      const [, page = ""] = texts(yield* driver.reply(2))
      assert.match(page, /^<worker-output id=(t_\S+) nonce=(\w+)>\nrust never sleeps\n<\/worker-output \2>$/)
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
    }))

  for (const end of ["stdin", "SIGINT", "SIGTERM"] as const) {
    it.live(`ends on ${end}, with a worker at work, and leaves no process`, () =>
      Effect.gen(function*() {
        const directory = yield* temporary
        const driver = yield* serveIn(directory)
        yield* driver.send(call(1, "pool_run", { prompt, permissions: "full", cwd: directory }))
        yield* begun(directory)
        assert.isNotEmpty(processesIn(directory))
        yield* end === "stdin" ? driver.hangUp : driver.signal(end)
        yield* driver.ended
        assert.deepStrictEqual(processesIn(directory), [])
      }))
  }

  it.live("keeps every id for the next time", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const first = yield* serveIn(directory, "--slots", "1")
      yield* first.send(call(1, "pool_run", { prompt: "[[say:one]]" }))
      const done = structured(yield* first.reply(1))
      yield* first.send(
        call(2, "pool_submit", { prompt: "[[stall]]" }),
        call(3, "pool_submit", { prompt: "[[say:two]]" })
      )
      const running = structured(yield* first.reply(2))
      const queued = structured(yield* first.reply(3))
      yield* first.hangUp
      assert.strictEqual(yield* first.ended, 0)

      const next = yield* serveIn(directory, "--slots", "1")
      yield* next.send(call(1, "pool_result", { id: done["id"] }), call(2, "pool_result", { id: running["id"] }))
      assert.deepInclude(structured(yield* next.reply(1)), { state: "done", summary: "one" })
      assert.include(["queued", "running"], structured(yield* next.reply(2))["state"])
      yield* next.send(call(3, "pool_cancel", { ids: [running["id"]] }))
      assert.deepInclude(structured(yield* next.reply(3)), { cancelled: [running["id"]] })
      yield* next.send(call(4, "pool_wait", { ids: [queued["id"]] }))
      assert.deepInclude(structured(yield* next.reply(4)), { running: [], timed_out: false })
      yield* next.hangUp
      assert.strictEqual(yield* next.ended, 0)
    }))

  it.live("cancels the task of a call that is taken back, and serves on", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const driver = yield* serveIn(directory)
      yield* driver.send(call(1, "pool_run", { prompt, permissions: "full", cwd: directory }))
      yield* begun(directory)
      yield* driver.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } })
      yield* driver.send(call(2, "pool_wait"))
      assert.deepInclude(structured(yield* driver.reply(2)), { running: [] })
      yield* driver.send(call(3, "pool_list"))
      const { tasks } = structured(yield* driver.reply(3)) as {
        readonly tasks: ReadonlyArray<{ readonly state: string }>
      }
      assert.deepStrictEqual(tasks.map(({ state }) => state), ["cancelled"])
      assert.isFalse(driver.lines.some((line) => (JSON.parse(line) as Message).id === 1))
    }))

  it.live("writes nothing but the protocol to stdout, under load too", () =>
    Effect.gen(function*() {
      const driver = yield* serveIn(yield* temporary)
      const numbers = Array.from({ length: 24 }, (_, index) => index + 1)
      yield* driver.send(
        ...numbers.map((number) =>
          call(number, "pool_submit", { prompt: `[[stderr:2000]][[unknown]][[say:${number}]]` })
        )
      )
      yield* Effect.forEach(numbers, driver.reply)
      yield* driver.send(call(100, "pool_wait"))
      const { done } = structured(yield* driver.reply(100)) as { readonly done: ReadonlyArray<unknown> }
      assert.isAtMost(done.length, numbers.length)
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
      for (const line of driver.lines) assert.deepInclude(JSON.parse(line), { jsonrpc: "2.0" })
    }))
})
