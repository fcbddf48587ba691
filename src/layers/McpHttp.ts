/**
 * The MCP server over HTTP, for clients of this machine that have its token: Streamable HTTP, at one address, until the
 * program ends. Each client has a session of its own.
 */
import { isInitializeRequest } from "@modelcontextprotocol/sdk/types.js"
import { Cause, Console, Duration, Effect, FiberSet, Logger, type Redacted } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { shellWords } from "../domain/ShellWords.ts"
import { makeModernServer } from "../mcp/ModernServer.ts"
import type { Offer } from "../mcp/Offer.ts"
import type { ServerOptions } from "../mcp/SdkServer.ts"
import type { ToolServices } from "../mcp/Tool.ts"
import { readBody } from "./http/HttpBody.ts"
import { guard, mcpPath } from "./http/HttpGuard.ts"
import { address, type Limits, listenOn } from "./http/HttpListener.ts"
import { answerModern, isForModern } from "./http/HttpModern.ts"
import { refusal, rpcCodes, sendRefusal } from "./http/HttpRefusal.ts"
import { makeSessions } from "./http/HttpSessions.ts"
import { type HttpToken, httpToken, tokenVariable } from "./http/HttpToken.ts"
import { patient } from "./http/Patience.ts"

export interface HttpOptions extends ServerOptions {
  readonly offer: Offer
  /** 0: any that is free. */
  readonly port: number
}

export interface ListenOptions extends HttpOptions {
  /** Null: whoever reaches the port may ask. */
  readonly token: Redacted.Redacted | null
  readonly idle?: Duration.Duration
  readonly most?: number
  readonly limits?: Limits
}

/** As long as a client may leave a session alone; who comes later begins a new one. */
const usualIdle = Duration.minutes(30)
const usualMost = 64

const failed = refusal(500, "a defect of claude-pool ended this request; its log has more", { code: rpcCodes.internal })

type Take = (request: IncomingMessage, response: ServerResponse) => void

const refuseAll = (message: string): Take => (_, response) => sendRefusal(response, refusal(503, message))

/** Listens until the scope closes. What comes back is the address. */
export const listen = Effect.fnUntraced(function*(options: ListenOptions) {
  const { idle = usualIdle, limits, most = usualMost, offer, port: wanted, token, ...server } = options
  let take = refuseAll("the server is only starting")
  const port = yield* listenOn(wanted, (request, response) => take(request, response), limits)
  const run = yield* FiberSet.makeRuntime<ToolServices>()
  const patiently = patient(offer)
  const sessions = yield* makeSessions({ ...server, offer: patiently, idle, most })
  const modern = yield* makeModernServer(patiently, server)

  const answer = Effect.fnUntraced(
    function*(request: IncomingMessage, response: ServerResponse) {
      if (request.method !== "POST") return yield* sessions.answer(request, response)
      const body = yield* readBody(request)
      if (isForModern(request, body)) return yield* answerModern(modern, request, response, body)
      return yield* isInitializeRequest(body) && request.headers["mcp-session-id"] === undefined
        ? sessions.begin(request, response, body)
        : sessions.answer(request, response, body)
    },
    (effect, _, response) =>
      effect.pipe(
        Effect.catchTag("HttpRefusal", (refused) => Effect.sync(() => sendRefusal(response, refused))),
        Effect.catchCauseIf(
          (cause) => !Cause.hasInterruptsOnly(cause),
          (cause) =>
            Effect.andThen(Effect.logError("a request failed", cause), Effect.sync(() => sendRefusal(response, failed)))
        )
      )
  )

  const check = guard({ port, token })
  take = (request, response) => {
    const refused = check(request)
    if (refused === null) run(answer(request, response))
    else sendRefusal(response, refused)
  }
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      take = refuseAll("the server is about to end")
      return modern.close
    })
  )
  return { port, url: `http://${address}:${port}${mcpPath}`, sessions: sessions.count }
})

/** How a user gives it to Claude Code, without the token being on any screen. */
const told = (url: string, { file }: HttpToken): ReadonlyArray<string> => {
  const token = file === null ? `$${tokenVariable}` : `$(cat ${shellWords([file])})`
  return [
    `MCP over HTTP at ${url}`,
    `its token: ${file ?? `as ${tokenVariable} says`}`,
    `for Claude Code: claude mcp add --transport http pool ${url} --header "Authorization: Bearer ${token}"`
  ]
}

/** Serves until it is interrupted. */
export const serve = Effect.fn("McpHttp.serve")(
  function*(options: HttpOptions) {
    const token = yield* httpToken
    const { url } = yield* listen({ ...options, token: token.value })
    yield* Effect.forEach(told(url, token), (line) => Console.error(line))
    return yield* Effect.never
  },
  Effect.scoped,
  Effect.provideService(Logger.LogToStderr, true)
)
