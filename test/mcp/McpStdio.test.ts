/**
 * The server as a process: what ends it, and that nothing but the protocol is on its stdout.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { call, driveServer, initialize, type StdioDriver } from "./StdioDriver.ts"

const entry = fileURLToPath(new URL("serve-scripted.ts", import.meta.url))

/** A server with a call of `pool_run` that waits. */
const withLiveCall = Effect.gen(function*() {
  const driver = yield* driveServer([entry])
  yield* driver.send(...initialize, call(1, "pool_run", { prompt: "x" }))
  yield* driver.next((message) => message.method === "notifications/progress")
  return driver
})

/** The wait has ended and the pool was released; the task was left to the pool. */
const assertEnded = (driver: StdioDriver) =>
  Effect.gen(function*() {
    const code = yield* driver.ended
    const stderr = yield* driver.stderr
    assert.include(stderr, "the wait is interrupted")
    assert.include(stderr, "the pool is released")
    assert.notInclude(stderr, "the task is cancelled")
    return code
  })

describe("the server on stdio", () => {
  it.live("ends when its client closes stdin", () =>
    Effect.gen(function*() {
      const driver = yield* withLiveCall
      yield* driver.hangUp
      assert.strictEqual(yield* assertEnded(driver), 0)
    }))

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    it.live(`ends on ${signal}`, () =>
      Effect.gen(function*() {
        const driver = yield* withLiveCall
        yield* driver.signal(signal)
        yield* assertEnded(driver)
      }))
  }

  it.live("lets a client go that writes a line of more than 10 MiB, and says so", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send(...initialize)
      yield* driver.reply(0)
      yield* driver.send({ jsonrpc: "2.0", method: "x".repeat(11 * 2 ** 20) })
      assert.strictEqual(yield* driver.ended, 0)
      assert.match(yield* driver.stderr, /wrote a line that is too long/)
    }))

  it.live("ends when nobody reads its stdout any more", () =>
    Effect.gen(function*() {
      const driver = yield* withLiveCall
      yield* driver.closeStdout
      yield* driver.send(call(2, "pool_list"))
      yield* assertEnded(driver)
    }))

  it.live("answers what was asked before stdin was closed", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send(...initialize, call(1, "pool_list"))
      yield* driver.hangUp
      const { result } = yield* driver.reply(1)
      assert.deepInclude(result, { structuredContent: { tasks: [], total: 0 } })
      assert.strictEqual(yield* driver.ended, 0)
    }))

  it.live("refuses to be discovered, and then shakes hands", () =>
    Effect.gen(function*() {
      const driver = yield* driveServer([entry])
      yield* driver.send({ jsonrpc: "2.0", id: 9, method: "server/discover", params: {} }, ...initialize)
      assert.strictEqual((yield* driver.reply(9)).error?.code, -32601)
      assert.deepInclude((yield* driver.reply(0)).result, {
        protocolVersion: "2025-11-25",
        serverInfo: { name: "claude-pool", title: "Claude Pool", version: "0.0.0-test" }
      })
    }))

  it.live("cancels the task of a pool_run that is taken back, and sends no reply", () =>
    Effect.gen(function*() {
      const driver = yield* withLiveCall
      yield* driver.send(
        { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1, reason: "user-cancel" } },
        { jsonrpc: "2.0", id: 2, method: "ping" }
      )
      yield* driver.reply(2)
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
      assert.include(yield* driver.stderr, "the task is cancelled")
      assert.isFalse(driver.lines.some((line) => line.includes("\"id\":1,") || line.includes("\"id\":1}")))
    }))

  it.live("writes nothing but the protocol to stdout", () =>
    Effect.gen(function*() {
      const driver = yield* withLiveCall
      yield* driver.hangUp
      yield* driver.ended
      assert.include(yield* driver.stderr, "a line of the log")
      assert.isAbove(driver.lines.length, 1)
      for (const line of driver.lines) assert.deepInclude(JSON.parse(line), { jsonrpc: "2.0" })
    }))
})
