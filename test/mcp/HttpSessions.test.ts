/**
 * When a session over HTTP is over. The client is a socket.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Scope } from "effect"
import { TestClock } from "effect/testing"
import { IncomingMessage, ServerResponse } from "node:http"
import { Socket } from "node:net"
import { makeSessions } from "../../src/layers/http/HttpSessions.ts"
import { poolOffer } from "../../src/mcp/PoolOffer.ts"
import { settle } from "../support/Time.ts"
import { hello, ready, server, serverWith, session, tested, token, withPool } from "./HttpServer.ts"
import { ask, rawConnection, rawRequest } from "./RawHttp.ts"
import { knownRandom, queuedTask, scriptedPool, taskId } from "./ScriptedPool.ts"
import { call, type Message } from "./StdioDriver.ts"

const takeBack = (requestId: number): string =>
  JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } })

/** A pool whose tasks do not come to their end, and whose list comes when the test says so. */
const endless = (listed: Deferred.Deferred<void>) =>
  Effect.provide([
    scriptedPool({
      submit: () => Effect.succeed(queuedTask(taskId(1))),
      wait: () => Effect.never,
      cancel: (ids) => Effect.succeed({ cancelled: [...ids], already_finished: [] }),
      list: () => Effect.as(Deferred.await(listed), { tasks: [], total: 0 })
    }),
    knownRandom
  ])

describe("a session", () => {
  it.live("ends when its client says so, and is not there any more", () =>
    tested(({ asked, begun, sessions }) =>
      Effect.gen(function*() {
        const [one, other] = [session(yield* begun), session(yield* begun)]
        assert.strictEqual((yield* asked({ method: "DELETE", headers: one })).status, 200)
        for (const method of ["POST", "GET", "DELETE"]) {
          const { body, status } = yield* asked({ method, headers: one, ...(method === "POST" ? { body: ready } : {}) })
          assert.deepStrictEqual([status, (JSON.parse(body) as Message).error?.code], [404, -32_001])
        }
        assert.strictEqual((yield* asked({ headers: other, body: ready })).status, 202)
        assert.strictEqual(yield* sessions, 1)
      })
    ))

  it.live("is begun once", () =>
    tested(({ asked, begun }) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* asked({ headers: session(yield* begun), body: hello })).status, 400)
      })
    ))

  it.effect("ends when nobody has used it for long", () =>
    Effect.gen(function*() {
      const { asked, begun, port, sessions } = yield* serverWith({ idle: Duration.minutes(30) })
      const [used, unused] = [session(yield* begun), session(yield* begun)]
      const heard = session(yield* begun)
      const stream = yield* rawConnection(port)
      yield* stream.send(rawRequest(port, token, { method: "GET", headers: heard }))
      yield* stream.answer(() => true)
      yield* TestClock.adjust("20 minutes")
      yield* asked({ headers: used, body: ready })
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual((yield* asked({ headers: unused, body: ready })).status, 404)
      assert.strictEqual(yield* sessions, 2)
      yield* TestClock.adjust("20 minutes")
      assert.strictEqual((yield* asked({ headers: used, body: ready })).status, 404)
      // Somebody listens.
      assert.strictEqual((yield* asked({ headers: heard, body: ready })).status, 202)
    }).pipe(Effect.scoped, withPool))

  it.effect("is not kept for a client that has gone before it was begun", () =>
    Effect.gen(function*() {
      const { begin, count } = yield* makeSessions({
        offer: poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator" }),
        version: "0.0.0-test",
        idle: Duration.minutes(30),
        most: 1
      })
      for (let times = 0; times < 2; times++) {
        const request = new IncomingMessage(new Socket())
        yield* begin(request, new ServerResponse(request).destroy(), JSON.parse(hello))
      }
      yield* settle
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.scoped, withPool))

  it.live("makes room for a newer one, unless it is in use", () =>
    Effect.gen(function*() {
      const { asked, begun, port, sessions } = yield* serverWith({ most: 2 })
      const ids = [yield* begun, yield* begun, yield* begun]
      const statuses = yield* Effect.forEach(ids, (id) => asked({ headers: session(id), body: ready }))
      assert.deepStrictEqual(statuses.map(({ status }) => status), [404, 202, 202])
      for (const id of ids.slice(1)) {
        const stream = yield* rawConnection(port)
        yield* stream.send(rawRequest(port, token, { method: "GET", headers: session(id) }))
        yield* stream.answer(() => true)
      }
      const { headers, status } = yield* asked({ body: hello })
      assert.deepStrictEqual([status, headers["retry-after"]], [503, "30"])
      assert.strictEqual(yield* sessions, 2)
    }).pipe(Effect.scoped, withPool))

  it.live("holds no response open of a call that was taken back", () => {
    const listed = Deferred.makeUnsafe<void>()
    return Effect.gen(function*() {
      const { asked, begun, port } = yield* server
      const headers = session(yield* begun)
      const run = call(5, "pool_run", { prompt: "x" })
      const calling = yield* rawConnection(port)
      yield* calling.send(rawRequest(port, token, { headers, body: JSON.stringify(run) }))
      yield* calling.answer((body) => body.includes("notifications/progress"))
      assert.strictEqual((yield* asked({ headers, body: takeBack(5) })).status, 202)
      const { body } = yield* calling.answer()
      assert.notInclude(body, "\"id\":5")

      // One of two in a response is no reason to cut the other off.
      const two = yield* rawConnection(port)
      const both = JSON.stringify([run, call(6, "pool_list")])
      yield* two.send(rawRequest(port, token, { headers, body: both }))
      yield* two.answer((body) => body.includes("notifications/progress"))
      yield* asked({ headers, body: takeBack(5) })
      yield* Deferred.succeed(listed, undefined)
      yield* two.answer((body) => body.includes("\"id\":6"))
    }).pipe(Effect.scoped, endless(listed))
  })

  it.live("does not begin a call that was taken back before it came", () => {
    const listed = Deferred.makeUnsafe<void>()
    return Effect.gen(function*() {
      const { asked, begun } = yield* server
      const [headers, other] = [session(yield* begun), session(yield* begun)]
      yield* Deferred.succeed(listed, undefined)
      yield* asked({ headers, body: takeBack(7) })
      const late = yield* asked({ headers, body: JSON.stringify(call(7, "pool_list")) })
      assert.strictEqual(late.status, 400)
      assert.include(late.body, "it was taken back before it came")
      // Nobody else's, and no other one.
      for (const [whose, id] of [[headers, 8], [other, 7]] as const) {
        const { body, status } = yield* asked({ headers: whose, body: JSON.stringify(call(id, "pool_list")) })
        assert.strictEqual(status, 200)
        assert.include(body, `"id":${id}`)
      }
    }).pipe(Effect.scoped, endless(listed))
  })

  it.live("ends with the server, and its stream with it", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const { begun, port } = yield* Scope.provide(server, scope)
      const stream = yield* rawConnection(port)
      yield* stream.send(rawRequest(port, token, { method: "GET", headers: session(yield* begun) }))
      yield* stream.answer(() => true)
      yield* Scope.close(scope, Exit.void)
      // The stream has come to its end, and was not cut off.
      assert.match(yield* stream.closed, /\r\n0\r\n\r\n$/)
      assert.strictEqual((yield* ask(port, token, { body: hello })).status, 0)
    }).pipe(Effect.scoped, withPool))
})
