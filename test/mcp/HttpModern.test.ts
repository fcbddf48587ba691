/**
 * Protocol version 2026-07-28 over HTTP: what its headers have to say, what its statuses say, and how a call is taken back.
 * The client is a socket.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Redacted } from "effect"
import { listen } from "../../src/layers/McpHttp.ts"
import { poolOffer } from "../../src/mcp/PoolOffer.ts"
import { messageIn, token } from "./HttpServer.ts"
import { ask, rawConnection, type RawRequest, rawRequest } from "./RawHttp.ts"
import { knownRandom, type PoolScript, queuedTask, scriptedPool, taskId } from "./ScriptedPool.ts"
import type { Message } from "./StdioDriver.ts"

const version = "2026-07-28"

const meta = {
  "io.modelcontextprotocol/protocolVersion": version,
  "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {}
}

const modern = (
  method: string,
  params: Record<string, unknown> = {},
  headers: RawRequest["headers"] = {}
): RawRequest => ({
  headers: {
    "mcp-protocol-version": version,
    "mcp-method": method,
    ...(typeof params["name"] === "string" ? { "mcp-name": params["name"] } : {}),
    ...headers
  },
  body: JSON.stringify({
    jsonrpc: "2.0",
    id: "one",
    method,
    params: { _meta: { ...meta, progressToken: 7 }, ...params }
  })
})

const served = (script: PoolScript) =>
  Effect.map(
    listen({
      offer: poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator" }),
      version: "0.0.0-test",
      port: 0,
      token: Redacted.make(token)
    }),
    ({ port }) => port
  ).pipe(Effect.provide([scriptedPool(script), knownRandom]))

const list = { list: () => Effect.succeed({ tasks: [], total: 0 }) }

describe("protocol 2026-07-28 over HTTP", () => {
  it.live("answers without a session, as JSON where there is nothing to tell before", () =>
    Effect.gen(function*() {
      const port = yield* served(list)
      const { body, headers, status } = yield* ask(
        port,
        token,
        modern("tools/call", { name: "pool_list", arguments: {} })
      )
      assert.deepStrictEqual([status, headers["content-type"]], [200, "application/json"])
      assert.notProperty(headers, "mcp-session-id")
      assert.deepInclude(JSON.parse(body), { jsonrpc: "2.0", id: "one" })
      assert.deepInclude((JSON.parse(body) as Message).result, { structuredContent: { tasks: [], total: 0 } })
    }).pipe(Effect.scoped))

  it.live("refuses, by status and code, what headers or body get wrong", () =>
    Effect.gen(function*() {
      const port = yield* served(list)
      const call = { name: "pool_list", arguments: {} }
      const wrong: ReadonlyArray<readonly [what: string, status: number, code: number, RawRequest]> = [
        ["another method", 400, -32_020, modern("tools/call", call, { "mcp-method": "tools/list" })],
        ["no method", 400, -32_020, modern("tools/call", call, { "mcp-method": undefined })],
        ["another name", 400, -32_020, modern("tools/call", call, { "mcp-name": "pool_run" })],
        ["no name", 400, -32_020, modern("tools/call", call, { "mcp-name": undefined })],
        ["another version", 400, -32_020, modern("tools/list", {}, { "mcp-protocol-version": "2025-11-25" })],
        ["no version in the body", 400, -32_602, modern("tools/list", { _meta: {} })],
        ["no such method", 404, -32_601, modern("tools/nothing")],
        ["no such tool", 200, -32_602, modern("tools/call", { name: "pool_nothing" })]
      ]
      for (const [what, status, code, request] of wrong) {
        const answer = yield* ask(port, token, request)
        assert.strictEqual(answer.status, status, what)
        const { error, id } = JSON.parse(answer.body) as Message & { readonly id: unknown }
        assert.deepStrictEqual([id, error?.code], ["one", code], what)
      }
      const said = JSON.parse(modern("tools/call", call).body as string) as Record<string, unknown>
      const { id: _, ...unnamed } = said
      const { method: __, ...aimless } = said
      const noMessages: ReadonlyArray<readonly [what: string, body: unknown]> = [
        ["an id that is null", { ...said, id: null }],
        ["an id that is no text and no number", { ...said, id: {} }],
        ["an id that is a fraction", { ...said, id: 1.5 }],
        ["no method", aimless],
        ["an answer", { jsonrpc: "2.0", id: 1, result: {} }],
        ["an answer without an id", { ...unnamed, method: undefined, result: {} }],
        ["another version of JSON-RPC", { ...said, jsonrpc: "1.0" }],
        ["a list of parameters", { ...said, params: [] }],
        ["a list of requests", [said]],
        ["nothing", null]
      ]
      for (const [what, body] of noMessages) {
        const answer = yield* ask(port, token, { ...modern("tools/call", call), body: JSON.stringify(body) })
        const { error, id } = JSON.parse(answer.body) as Message & { readonly id: unknown }
        assert.deepStrictEqual([answer.status, id, error?.code], [400, null, -32_600], what)
      }
      for (const id of [0, "", -1, "0"]) {
        const answer = yield* ask(port, token, { ...modern("tools/call", call), body: JSON.stringify({ ...said, id }) })
        assert.deepStrictEqual([answer.status, (JSON.parse(answer.body) as Message).id], [200, id])
      }
      const unknown = yield* ask(port, "another token altogether", modern("tools/list"))
      assert.strictEqual(unknown.status, 401)
      const wrapped = `=?base64?${Buffer.from("pool_list").toString("base64")}?=`
      assert.strictEqual((yield* ask(port, token, modern("tools/call", call, { "mcp-name": wrapped }))).status, 200)
      const note = {
        ...modern("notifications/cancelled"),
        body: JSON.stringify({ jsonrpc: "2.0", method: "x", params: { _meta: meta } })
      }
      assert.strictEqual((yield* ask(port, token, note)).status, 202)
    }).pipe(Effect.scoped))

  it.live("takes a call back when its client closes the response", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<ReadonlyArray<string>>()
      const port = yield* served({
        submit: () => Effect.succeed(queuedTask(taskId(1))),
        wait: () => Effect.never,
        cancel: (ids) => Effect.as(Deferred.succeed(cancelled, [...ids]), { cancelled: [...ids], already_finished: [] })
      })
      yield* Effect.scoped(Effect.gen(function*() {
        const connection = yield* rawConnection(port)
        const request = modern("tools/call", { name: "pool_run", arguments: { prompt: "x" } })
        yield* connection.send(rawRequest(port, token, request))
        const { body, headers } = yield* connection.answer((text) => text.includes("data: "))
        assert.strictEqual(headers["content-type"], "text/event-stream")
        assert.strictEqual(messageIn(body).method, "notifications/progress")
      }))
      assert.deepStrictEqual(yield* Deferred.await(cancelled), [taskId(1)])
    }).pipe(Effect.scoped))
})
