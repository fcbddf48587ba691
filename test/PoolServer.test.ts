/**
 * The server of the pool's tools, message by message: what a client may send it, and what it answers.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, type Schema } from "effect"
import { makePoolServer, type PoolServer } from "../src/services/claude/PoolServer.ts"
import { listedTools } from "../src/services/claude/PoolTools.ts"

const message = (method: string, params?: Schema.Json, id: string | number = 7): Schema.Json => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params === undefined ? {} : { params })
})

const notification = (method: string, params: Schema.Json = {}): Schema.Json => ({ jsonrpc: "2.0", method, params })

const call = (name: string, input: Schema.Json = {}, id?: number) =>
  message("tools/call", { name, arguments: input }, id)

const result = (value: Schema.Json) => ({ jsonrpc: "2.0", id: 7, result: value })

const codeOf = (answer: Schema.Json) => (answer as { readonly error: { readonly code: number } }).error.code

/** Whether the answer is a tool's result that is an error, with this in it. */
const isProblem = (answer: Schema.Json, part: string) => {
  const { content, isError } = (answer as { readonly result: Record<string, Schema.Json> }).result
  assert.isTrue(isError)
  assert.include(JSON.stringify(content), part)
}

const withServer = (name: string, test: (server: PoolServer) => Effect.Effect<unknown>) =>
  it.effect(name, () => Effect.flatMap(makePoolServer, test))

describe("the pool's server", () => {
  withServer(
    "speaks the version that is asked for, if it knows it, and else its newest",
    (server) =>
      Effect.gen(function*() {
        const versionFor = (protocolVersion: string) =>
          Effect.map(
            server.receive(message("initialize", { protocolVersion })),
            (answer) => (answer as { readonly result: { readonly protocolVersion: string } }).result.protocolVersion
          )
        assert.strictEqual(yield* versionFor("2025-06-18"), "2025-06-18")
        assert.strictEqual(yield* versionFor("2999-01-01"), "2025-11-25")
      })
  )

  withServer("answers a ping, and lists its three tools", (server) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* server.receive(message("ping")), result({}))
      const listed = yield* server.receive(message("tools/list"))
      assert.deepStrictEqual(listed, JSON.parse(JSON.stringify(result({ tools: listedTools }))))
      assert.deepStrictEqual(listedTools.map(({ name }) => name), ["read_messages", "send_message", "report_progress"])
    }))

  it("costs a request less than 300 tokens", () => {
    const told = listedTools.map(({ description, inputSchema, name }) => ({ name, description, inputSchema }))
    // English and JSON take three to four characters a token.
    assert.isBelow(JSON.stringify(told).length / 3, 300)
  })

  withServer("refuses what it does not know, by name", (server) =>
    Effect.gen(function*() {
      assert.strictEqual(codeOf((yield* server.receive(message("server/discover")))!), -32601)
      assert.strictEqual(codeOf((yield* server.receive(call("approve")))!), -32602)
      assert.strictEqual(codeOf((yield* server.receive(message("tools/call", [])))!), -32602)
      assert.strictEqual(codeOf((yield* server.receive({ hello: "there" }))!), -32600)
    }))

  withServer("acknowledges notifications, also those that mean nothing to it", (server) =>
    Effect.gen(function*() {
      for (const method of ["notifications/initialized", "notifications/cancelled", "notifications/from_tomorrow"]) {
        assert.deepInclude(yield* server.receive(notification(method)), { result: {} })
      }
    }))

  withServer("carries calls out while a turn runs, and not before it and after it", (server) =>
    Effect.gen(function*() {
      isProblem((yield* server.receive(call("read_messages")))!, "no task is at work")
      const answer = yield* server.serving(() => Effect.succeed("two"), server.receive(call("read_messages")))
      assert.deepStrictEqual(answer, result({ content: [{ type: "text", text: "two" }] }))
      isProblem((yield* server.receive(call("read_messages")))!, "no task is at work")
      const unheard = yield* server.serving(undefined, server.receive(call("read_messages")))
      isProblem(unheard!, "no task is at work")
    }))

  withServer("is not told by a worker which call it is", (server) =>
    Effect.gen(function*() {
      const input = { _tag: "ReadMessages", text: "half", from: "coordinator" }
      const answer = yield* server.serving(
        (made) => Effect.succeed(JSON.stringify(made)),
        server.receive(call("report_progress", input))
      )
      const text = JSON.stringify({ _tag: "ReportProgress", text: "half" })
      assert.deepStrictEqual(answer, result({ content: [{ type: "text", text }] }))
    }))

  withServer("does not answer a call that was cancelled, and interrupts it", (server) =>
    server.serving(
      () => Effect.never,
      Effect.gen(function*() {
        const waiting = yield* Effect.forkChild(server.receive(call("read_messages", {}, 3)), {
          startImmediately: true
        })
        yield* server.receive(notification("notifications/cancelled", { requestId: 4 }))
        yield* server.receive(notification("notifications/cancelled", { requestId: 3, reason: "stop" }))
        assert.isNull(yield* Fiber.join(waiting))
      })
    ))

  withServer("interrupts at the end of the turn what is still under way", (server) =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      const slow = () =>
        Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
          Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
        )
      const waiting = yield* server.serving(
        slow,
        Effect.tap(Effect.forkDetach(server.receive(call("read_messages"))), () => Deferred.await(begun))
      )
      yield* Deferred.await(ended)
      assert.isNull(yield* Fiber.join(waiting))
    }))
})
