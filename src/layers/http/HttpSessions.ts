/**
 * The sessions of an HTTP server: each has a server and a transport of its own, so that no answer can reach another client.
 * A session ends when its client ends it, when nobody has used it for long, or for a newer one where there are too many.
 */
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js"
import { Clock, Deferred, Duration, Effect, FiberSet, Option } from "effect"
import { randomUUID } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { asRequest, asTakenBack, type RequestId } from "../../mcp/modern/Protocol.ts"
import type { Offer } from "../../mcp/Offer.ts"
import { connectServer, type ServerOptions } from "../../mcp/SdkServer.ts"
import type { ToolServices } from "../../mcp/Tool.ts"
import { maxBody } from "./HttpBody.ts"
import { type HttpRefusal, refusal, rpcCodes } from "./HttpRefusal.ts"

export interface SessionsOptions extends ServerOptions {
  readonly offer: Offer
  /** A session that nobody has used for so long ends. */
  readonly idle: Duration.Duration
  /** So many there may be at once. */
  readonly most: number
}

interface HttpSession {
  readonly transport: StreamableHTTPServerTransport
  readonly end: Effect.Effect<void>
  /** Requests that have a response of their own, as long as that is open. */
  readonly asked: Map<RequestId, ServerResponse>
  /** What was taken back and is not known here, with the time: it may still be on its way. */
  readonly early: Map<RequestId, number>
  /** Answers that are being given, streams of notifications among them. */
  open: number
  usedAt: number
}

export interface HttpSessions {
  /** Has a new session answer. The body is one that begins a session. */
  readonly begin: (
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown
  ) => Effect.Effect<void, HttpRefusal>
  /** Has the session answer that the request names. */
  readonly answer: (
    request: IncomingMessage,
    response: ServerResponse,
    body?: unknown
  ) => Effect.Effect<void, HttpRefusal>
  readonly count: Effect.Effect<number>
}

const gone = refusal(404, "there is no such session, or it has ended: begin a new one", {
  code: rpcCodes.sessionNotFound
})
const none = refusal(400, "the header Mcp-Session-Id is missing", { code: rpcCodes.invalidRequest })
const takenBack = refusal(400, "it was taken back before it came", { code: rpcCodes.invalidRequest })
const full = refusal(503, "there are too many sessions, and all of them are in use", {
  headers: { "retry-after": "30" }
})

/** Of what was taken back and is not known, so much is kept, for so many milliseconds. */
const kept = { most: 64, for: 10_000 } as const

/** Each message has a connection of its own, and may come before the call that it takes back. */
const keepEarly = ({ asked, early }: HttpSession, id: RequestId | undefined, now: number): void => {
  if (id === undefined || asked.has(id)) return
  early.set(id, now)
  const [oldest] = early.keys()
  if (early.size > kept.most && oldest !== undefined) early.delete(oldest)
}

/** What is taken back is not answered, and the SDK would keep its response open until the client has gone. */
const endTakenBack = (session: HttpSession, { statusCode }: ServerResponse, id: RequestId | undefined): void => {
  if (statusCode === 202 && id !== undefined && session.asked.has(id)) session.transport.closeSSEStream(id)
}

/** Whether the call was taken back before it came. A client does not use an id twice. */
const wasTakenBack = (session: HttpSession, id: RequestId | undefined, now: number): boolean => {
  const at = id === undefined ? undefined : session.early.get(id)
  if (id !== undefined) session.early.delete(id)
  return at !== undefined && now - at <= kept.for
}

/** All of them end with the scope. */
export const makeSessions = Effect.fnUntraced(function*({ idle, most, offer, ...options }: SessionsOptions) {
  const clock = yield* Clock.Clock
  const sessions = new Map<string, HttpSession>()
  const fork = yield* FiberSet.makeRuntime<ToolServices>()

  const unused = (session: HttpSession): Effect.Effect<void> =>
    Effect.suspend(() => {
      const left = Duration.toMillis(idle) - (session.open > 0 ? 0 : clock.currentTimeMillisUnsafe() - session.usedAt)
      return left <= 0 ? Effect.void : Effect.andThen(Effect.sleep(left), unused(session))
    })

  /** Until its transport is closed, by its client or by us, or nobody uses it. */
  const live = (id: string, session: HttpSession, ready: Deferred.Deferred<void>) =>
    Effect.gen(function*() {
      const { closed } = yield* connectServer(offer, session.transport, options)
      yield* Deferred.succeed(ready, undefined)
      yield* Effect.raceFirst(closed, unused(session))
    }).pipe(
      Effect.scoped,
      Effect.ensuring(Effect.sync(() => sessions.delete(id))),
      // Whoever waits for it does not wait for ever.
      Effect.onError((cause) => Deferred.failCause(ready, cause))
    )

  const makeRoom: Effect.Effect<void, HttpRefusal> = Effect.suspend(() => {
    if (sessions.size < most) return Effect.void
    const [oldest] = [...sessions.values()].filter(({ open }) => open === 0).toSorted((a, b) => a.usedAt - b.usedAt)
    return oldest === undefined ? full : oldest.end
  })

  const start = Effect.fnUntraced(function*() {
    yield* makeRoom
    const id = randomUUID()
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => id,
      maxRequestBodySize: maxBody
    })
    const session: HttpSession = {
      transport,
      end: Effect.promise(() => transport.close()),
      asked: new Map(),
      early: new Map(),
      open: 0,
      usedAt: clock.currentTimeMillisUnsafe()
    }
    sessions.set(id, session)
    const ready = yield* Deferred.make<void>()
    fork(live(id, session, ready))
    yield* Deferred.await(ready)
    return session
  })

  const handle = (session: HttpSession, request: IncomingMessage, response: ServerResponse, body: unknown) => {
    // Who has gone already does not say so once more: the session would be in use for ever.
    if (response.destroyed) return Effect.void
    const id = Option.getOrUndefined(asRequest(body))?.id
    const now = clock.currentTimeMillisUnsafe()
    if (wasTakenBack(session, id, now)) return takenBack
    const back = Option.getOrUndefined(asTakenBack(body))?.params.requestId
    keepEarly(session, back, now)
    if (id !== undefined) session.asked.set(id, response)
    session.open += 1
    response.once("close", () => {
      session.open -= 1
      session.usedAt = clock.currentTimeMillisUnsafe()
      if (id !== undefined && session.asked.get(id) === response) session.asked.delete(id)
    })
    return Effect.promise(() => session.transport.handleRequest(request, response, body)).pipe(
      Effect.andThen(Effect.sync(() => endTakenBack(session, response, back)))
    )
  }

  return {
    begin: Effect.fnUntraced(function*(request, response, body) {
      const session = yield* start()
      yield* handle(session, request, response, body)
      // It has refused to begin.
      if (session.transport.sessionId === undefined) yield* session.end
    }),
    answer: (request, response, body) => {
      const id = request.headers["mcp-session-id"]
      if (typeof id !== "string") return none
      const session = sessions.get(id)
      return session === undefined ? gone : handle(session, request, response, body)
    },
    count: Effect.sync(() => sessions.size)
  } satisfies HttpSessions as HttpSessions
})
