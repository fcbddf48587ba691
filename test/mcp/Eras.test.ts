/**
 * Both generations of the protocol on one connection: to a process over a scripted pool, and to the program over the
 * simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Schema } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compileCache } from "../support/CompileCache.ts"
import { temporary } from "../support/Simulated.ts"
import { metaOf, withForms, withTasks } from "./ModernClient.ts"
import { call, driveServer, initialize, type Message, type StdioDriver } from "./StdioDriver.ts"

const entry = fileURLToPath(new URL("serve-scripted.ts", import.meta.url))
const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

const modern = (
  id: number,
  method: string,
  params: Record<string, unknown> = {},
  capabilities: Schema.JsonObject = {}
): Message => ({
  jsonrpc: "2.0",
  id,
  method,
  params: { ...params, _meta: { ...metaOf(capabilities), progressToken: id } }
})

const cancelled = (requestId: number): Message => ({
  jsonrpc: "2.0",
  method: "notifications/cancelled",
  params: { requestId, reason: "user-cancel" }
})

const run = (id: number) => modern(id, "tools/call", { name: "pool_run", arguments: { prompt: "x" } })

/** Follows a task until it is such, and then asks after it. */
const untilStatus = Effect.fnUntraced(
  function*(driver: StdioDriver, taskId: unknown, status: string, capabilities: Schema.JsonObject, id: number) {
    yield* driver.send(modern(id, "subscriptions/listen", { notifications: { taskIds: [taskId] } }, capabilities))
    yield* driver.next(({ method, params = {} }) =>
      method === "notifications/tasks" && params["taskId"] === taskId && params["status"] === status
    )
    yield* driver.send(cancelled(id), modern(id + 1, "tasks/get", { taskId }, capabilities))
    const { result = {} } = yield* driver.reply(id + 1)
    assert.strictEqual(result["status"], status)
    return result
  }
)

describe("two generations on one connection", () => {
  it.live("are answered each by its own server", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send(modern(1, "server/discover"), ...initialize, call(2, "pool_list"), modern(3, "tools/list"))
      assert.deepInclude((yield* driver.reply(1)).result, { supportedVersions: ["2026-07-28"] })
      assert.deepInclude((yield* driver.reply(0)).result, { protocolVersion: "2025-11-25" })
      assert.notProperty((yield* driver.reply(2)).result, "resultType")
      assert.deepInclude((yield* driver.reply(3)).result, { resultType: "complete" })
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
      for (const line of driver.lines) assert.deepInclude(JSON.parse(line), { jsonrpc: "2.0" })
    }))

  it.live("take back each its own calls, and send no reply to them", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send(run(7))
      yield* driver.next(({ method }) => method === "notifications/progress")
      yield* driver.send(run(7))
      assert.strictEqual((yield* driver.next(({ error, id }) => id === 7 && error !== undefined)).error?.code, -32_600)
      yield* driver.send(cancelled(7), modern(8, "tools/call", { name: "pool_list" }))
      yield* driver.reply(8)
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
      assert.include(yield* driver.stderr, "the task is cancelled")
      assert.lengthOf(driver.lines.filter((line) => line.includes("\"id\":7")), 1)
    }))

  it.live("leave their tasks to the pool when the client goes", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send(run(1), modern(2, "subscriptions/listen", { notifications: { toolsListChanged: true } }))
      yield* driver.next(({ method }) => method === "notifications/progress")
      yield* driver.next(({ method }) => method === "notifications/subscriptions/acknowledged")
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
      const stderr = yield* driver.stderr
      assert.include(stderr, "the wait is interrupted")
      assert.notInclude(stderr, "the task is cancelled")
      assert.deepInclude((yield* driver.reply(2)).result, { resultType: "complete" })
    }))
})

describe("claude-pool mcp", () => {
  const serveIn = (directory: string, env: Readonly<Record<string, string>> = {}) =>
    driveServer([command, "mcp", "--in-process", "--simulate", "--store", join(directory, "store")], {
      cwd: directory,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, TMPDIR: directory, ...compileCache, ...env }
    })

  it.live("hands work to the client as tasks, from their beginning to their end", () =>
    Effect.gen(function*() {
      const driver = yield* serveIn(yield* temporary)
      const start = (id: number, name: string, args: Record<string, unknown>) =>
        Effect.andThen(driver.send(modern(id, "tools/call", { name, arguments: args }, withTasks)), driver.reply(id))
      const { result: task = {} } = yield* start(1, "pool_run", { prompt: "[[say:Iron sleeps in rain]]" })
      assert.deepInclude(task, { resultType: "task", status: "working" })
      const done = yield* untilStatus(driver, task["taskId"], "completed", withTasks, 100)
      assert.deepInclude((done["result"] as Record<string, unknown>)["structuredContent"], {
        id: task["taskId"],
        summary: "Iron sleeps in rain"
      })
      const { result: stalled = {} } = yield* start(2, "pool_submit_with_review", { prompt: "[[stall]]" })
      const { result: wait = {} } = yield* start(3, "pool_wait", {})
      yield* driver.send(modern(4, "tasks/cancel", { taskId: stalled["taskId"] }, withTasks))
      yield* driver.reply(4)
      yield* untilStatus(driver, stalled["taskId"], "cancelled", withTasks, 200)
      const waited = yield* untilStatus(driver, wait["taskId"], "completed", withTasks, 300)
      assert.include(JSON.stringify(waited), "\"cancelled\"")
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
    }))

  it.live("lets a person review by a form, and keeps what was begun for the next process", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const able = { ...withTasks, ...withForms }
      const byPerson = { CLAUDE_POOL_REVIEW_BY: "human" }
      const first = yield* serveIn(directory, byPerson)
      const args = { prompt: "[[say:a draft]]", criteria: "must be a draft" }
      yield* first.send(modern(1, "tools/call", { name: "pool_submit_with_review", arguments: args }, able))
      const { taskId } = (yield* first.reply(1)).result ?? {}
      yield* first.hangUp
      assert.strictEqual(yield* first.ended, 0)

      const driver = yield* serveIn(directory, byPerson)
      const asking = yield* untilStatus(driver, taskId, "input_required", able, 100)
      const [question = ""] = Object.keys(asking["inputRequests"] as object)
      const inputResponses = { [question]: { action: "accept", content: { decision: "approve", feedback: "good" } } }
      yield* driver.send(modern(2, "tasks/update", { taskId, inputResponses }, able))
      yield* driver.reply(2)
      const done = yield* untilStatus(driver, taskId, "completed", able, 200)
      assert.include(JSON.stringify(done), "a draft")
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
    }))
})
