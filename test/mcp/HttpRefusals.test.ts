/**
 * What the HTTP server refuses, and how it says so. The client is a socket.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { connect } from "node:net"
import { listenOn, usualLimits } from "../../src/layers/http/HttpListener.ts"
import { hello, serverWith, session, tested, token, withPool } from "./HttpServer.ts"
import { rawConnection, type RawRequest, rawRequest } from "./RawHttp.ts"
import { call } from "./StdioDriver.ts"

const limit = 4 * 2 ** 20

interface Refused {
  readonly what: string
  readonly status: number
  readonly request: (port: number) => RawRequest
}

const headers = (what: string, status: number, said: RawRequest["headers"] & {}): Refused => ({
  what,
  status,
  request: () => ({ body: hello, headers: said })
})

const refusals: ReadonlyArray<Refused> = [
  headers("no token", 401, { authorization: undefined }),
  headers("a wrong token", 401, { authorization: "Bearer a-token-that-only-this-test-knowS" }),
  headers("the beginning of the token", 401, { authorization: `Bearer ${token.slice(0, -1)}` }),
  headers("the token with more after it", 401, { authorization: `Bearer ${token}x` }),
  headers("a token of another kind", 401, { authorization: `Basic ${token}` }),
  headers("an empty token", 401, { authorization: "Bearer " }),
  {
    what: "the token in the URL",
    status: 401,
    request: () => ({ body: hello, path: `/mcp?token=${token}`, headers: { authorization: undefined } })
  },
  {
    what: "no token, to end a session",
    status: 401,
    request: () => ({ method: "DELETE", headers: { authorization: "" } })
  },
  headers("a foreign host", 403, { host: "evil.example.com" }),
  headers("a foreign host that ends in ours", 403, { host: "evil-localhost" }),
  {
    what: "another port",
    status: 403,
    request: (port) => ({ body: hello, headers: { host: `localhost:${port + 1}` } })
  },
  {
    what: "our host and another",
    status: 403,
    request: (port) => ({ body: hello, headers: { host: [`localhost:${port}`, "evil.example.com"] } })
  },
  headers("a foreign origin", 403, { origin: "http://evil.example.com" }),
  headers("an origin that has none", 403, { origin: "null" }),
  headers("another page of this machine", 403, { origin: "http://localhost:6274" }),
  {
    what: "our origin, in another scheme",
    status: 403,
    request: (port) => ({ body: hello, headers: { origin: `https://localhost:${port}` } })
  },
  {
    what: "a foreign host without a token",
    status: 403,
    request: () => ({ headers: { host: "evil.example.com", authorization: undefined } })
  },
  { what: "another path", status: 404, request: () => ({ path: "/", method: "GET" }) },
  { what: "a path below", status: 404, request: () => ({ path: "/mcp/", body: hello }) },
  {
    what: "what tells of logins",
    status: 404,
    request: () => ({
      path: "/.well-known/oauth-protected-resource",
      method: "GET",
      headers: { authorization: undefined }
    })
  },
  {
    what: "another address as the path",
    status: 404,
    request: (port) => ({ path: `http://localhost:${port}/mcp`, body: hello })
  },
  ...["PUT", "PATCH", "OPTIONS", "HEAD"].map((method) => ({ what: method, status: 405, request: () => ({ method }) })),
  headers("a form", 415, { "content-type": "application/x-www-form-urlencoded" }),
  headers("plain text", 415, { "content-type": "text/plain" }),
  headers("a type that only holds ours", 415, { "content-type": "text/plain; a=application/json" }),
  headers("no content type", 415, { "content-type": undefined }),
  headers("a client that takes JSON alone", 406, { accept: "application/json" }),
  headers("a client that takes anything, and says no more", 406, { accept: "*/*" }),
  {
    what: "a stream that the client does not take",
    status: 406,
    request: () => ({ method: "GET", headers: { accept: "application/json" } })
  },
  { what: "what is no JSON", status: 400, request: () => ({ body: "{\"jsonrpc\":" }) },
  { what: "what is no text", status: 400, request: () => ({ body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]) }) },
  { what: "what is no message", status: 400, request: () => ({ body: "[1]" }) },
  { what: "a call before any session", status: 400, request: () => ({ body: JSON.stringify(call(1, "pool_list")) }) },
  { what: "the end of no session", status: 400, request: () => ({ method: "DELETE" }) },
  { what: "a stream of no session", status: 400, request: () => ({ method: "GET" }) },
  headers("a session that there never was", 404, session("00000000-0000-4000-8000-000000000000")),
  {
    what: "the end of a session that there never was",
    status: 404,
    request: () => ({ method: "DELETE", headers: session("x") })
  },
  {
    what: "the stream of a session that there never was",
    status: 404,
    request: () => ({ method: "GET", headers: session("x") })
  }
]

describe("the HTTP server refuses", () => {
  it.live("what it has to, by its status, without a word of the token, and serves on", () =>
    tested(({ asked, port, sessions }) =>
      Effect.gen(function*() {
        for (const { request, status, what } of refusals) {
          const answer = yield* asked(request(port))
          assert.strictEqual(answer.status, status, what)
          assert.notInclude(JSON.stringify(answer), token, what)
          if (answer.body !== "") assert.deepInclude(JSON.parse(answer.body), { jsonrpc: "2.0", id: null }, what)
          if (status === 401) assert.strictEqual(answer.headers["www-authenticate"], "Bearer", what)
        }
        assert.strictEqual(yield* sessions, 0)
        assert.strictEqual((yield* asked({ body: hello })).status, 200)
      })
    ))

  it.live("a body above the limit, whether it says so or not, and takes one below", () =>
    tested(({ asked, port }) =>
      Effect.gen(function*() {
        const fill = (size: number) => `"${"x".repeat(size - 2)}"`
        assert.strictEqual((yield* asked({ body: fill(limit) })).status, 400)
        assert.strictEqual((yield* asked({ body: fill(limit + 1) })).status, 413)
        // It is said, and not even sent.
        assert.strictEqual((yield* asked({ headers: { "content-length": String(limit + 1) } })).status, 413)
        const connection = yield* rawConnection(port)
        yield* connection.send(
          rawRequest(port, token, { headers: { "content-length": undefined, "transfer-encoding": "chunked" } })
        )
        const chunk = `100000\r\n${"x".repeat(2 ** 20)}\r\n`
        for (let sent = 0; sent < 5; sent++) yield* connection.send(chunk)
        // There is no last chunk: it is refused before.
        assert.strictEqual((yield* connection.answer()).status, 413)
      })
    ))

  it.live("a body that does not come to its end", () =>
    Effect.gen(function*() {
      const limits = { ...usualLimits, headers: Duration.millis(50), request: Duration.millis(100) }
      const { port, asked } = yield* serverWith({ limits })
      const slow = yield* rawConnection(port)
      yield* slow.send(rawRequest(port, token, { headers: { "content-length": "100" }, body: "{" }))
      assert.include(yield* slow.closed, " 408 ")
      const slower = yield* rawConnection(port)
      yield* slower.send("POST /mcp HTTP/1.1\r\nhost: ")
      assert.include(yield* slower.closed, " 408 ")
      assert.strictEqual((yield* asked({ body: hello })).status, 200)
    }).pipe(Effect.scoped, withPool))

  it.live("to keep an answer for somebody who does not read it", () =>
    Effect.gen(function*() {
      const limits = { ...usualLimits, unread: Duration.millis(50) }
      const closed = yield* Deferred.make<void>()
      const port = yield* listenOn(0, (_, response) => {
        const fill = () => {
          while (response.write("x".repeat(2 ** 16)));
        }
        response.once("close", () => Deferred.doneUnsafe(closed, Effect.void)).on("drain", fill)
        fill()
      }, limits)
      yield* Effect.acquireRelease(
        Effect.sync(() => connect({ host: "127.0.0.1", port }).on("error", () => undefined)),
        (socket) => Effect.sync(() => socket.destroy())
      ).pipe(Effect.tap((socket) => Effect.sync(() => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"))))
      yield* Deferred.await(closed)
    }).pipe(Effect.scoped))

  it.live("headers without end", () =>
    tested(({ asked }) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* asked({ headers: { "x-long": "x".repeat(20_000) } })).status, 431)
      })
    ))
})
