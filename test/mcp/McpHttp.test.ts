/**
 * The HTTP server at its own door: whom it serves, and where. The client is a socket.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { hello, messageIn, ready, session, tested, token } from "./HttpServer.ts"
import { call } from "./StdioDriver.ts"

describe("the HTTP server", () => {
  it.live("serves who has the token, by every name of this machine", () =>
    tested(({ asked, port }) =>
      Effect.gen(function*() {
        for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
          const host = `${name}:${port}`
          const { body, headers, status } = yield* asked({
            body: hello,
            headers: { host, origin: `http://${host}`, authorization: `bearer  ${token}` }
          })
          assert.strictEqual(status, 200)
          assert.match(headers["mcp-session-id"] ?? "", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
          assert.deepInclude(messageIn(body).result, { protocolVersion: "2025-11-25" })
        }
      })
    ))

  it.live("answers calls in a session", () =>
    tested(({ asked, begun }) =>
      Effect.gen(function*() {
        const headers = session(yield* begun)
        assert.strictEqual((yield* asked({ headers, body: ready })).status, 202)
        const { body, status } = yield* asked({ headers, body: JSON.stringify(call(7, "pool_list")) })
        assert.strictEqual(status, 200)
        assert.deepInclude(messageIn(body), { id: 7 })
        assert.deepInclude(messageIn(body).result, { structuredContent: { tasks: [], total: 0 } })
      })
    ))

  it.live("listens on the loopback address alone", () =>
    tested(({ port }) =>
      Effect.sync(() => {
        const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
        const listening = ["/proc/net/tcp", "/proc/net/tcp6"]
          .flatMap((file) => readFileSync(file, "utf8").split("\n").slice(1))
          .map((line) => line.trim().split(/\s+/))
          .flatMap(([, local = "", , state]) => state === "0A" && local.endsWith(suffix) ? [local] : [])
        assert.deepStrictEqual(listening, [`0100007F${suffix}`])
      })
    ))
})
