/**
 * Protocol version 2026-07-28 over HTTP: each request stands for itself, and its answer is its response. Its headers say
 * what is in its body, for whoever stands between, and have to be right.
 */
import { Duration, Effect, Option, Predicate } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import {
  asRequest,
  errorCodes,
  isModern,
  isNotification,
  metaKeys,
  type ModernNotification,
  type ModernRequest,
  type ModernResponse,
  modernVersion
} from "../../mcp/modern/Protocol.ts"
import type { ModernServer } from "../../mcp/ModernServer.ts"
import type { ToolServices } from "../../mcp/Tool.ts"
import { refusal, rpcCodes, sendRefusal } from "./HttpRefusal.ts"

const headerMismatch = -32_020

/** A response that has begun says now and then that it is still there. */
const keepAlive = Duration.seconds(15)

/** Who does not read so much is not there any more, in bytes. */
const mostUnread = 4 * 2 ** 20

const noMessage = refusal(400, "the body is no request and no notification of the protocol", {
  code: rpcCodes.invalidRequest
})

const metaOf = ({ params }: ModernRequest): Readonly<Record<PropertyKey, unknown>> => {
  const meta = params?.["_meta"]
  return Predicate.isObject(meta) ? meta : {}
}

/** Whether the request is for this version: its body says so, or a header alone. */
export const isForModern = (request: IncomingMessage, body: unknown): boolean =>
  request.headers["mcp-protocol-version"] === modernVersion || isModern(body)

/** The part of the parameters that `Mcp-Name` has to name, by method. */
const nameKeys: Readonly<Record<string, string>> = {
  "tools/call": "name",
  "prompts/get": "name",
  "resources/read": "uri",
  "tasks/get": "taskId",
  "tasks/update": "taskId",
  "tasks/cancel": "taskId"
}

/** What a header cannot carry as it is, it carries so. */
const unwrapped = (header: string): string => {
  const [, encoded] = /^=\?base64\?([A-Za-z0-9+/]+=*)\?=$/.exec(header) ?? []
  return encoded === undefined ? header : Buffer.from(encoded, "base64").toString("utf8")
}

/** Undefined where each header says what the body says. */
const mismatch = ({ headers }: IncomingMessage, message: ModernRequest): string | undefined => {
  const said = metaOf(message)[metaKeys.version]
  const nameKey = Object.hasOwn(nameKeys, message.method) ? nameKeys[message.method] : undefined
  const wanted: ReadonlyArray<readonly [header: string, value: unknown]> = [
    ...(said === undefined ? [] : [["MCP-Protocol-Version", said] as const]),
    ["Mcp-Method", message.method],
    ...(nameKey === undefined ? [] : [["Mcp-Name", message.params?.[nameKey]] as const])
  ]
  return wanted.find(([header, value]) => {
    const given = headers[header.toLowerCase()]
    return value !== undefined && (typeof given !== "string" || unwrapped(given) !== value)
  })?.[0]
}

/** Errors of the protocol's own are told by the status, too; those of a method are not. */
const statusOf = (response: ModernResponse, message: ModernRequest): number => {
  if (!("error" in response)) return 200
  const { code } = response.error
  if (code === errorCodes.methodNotFound) return 404
  const meta = metaOf(message)
  const isIncomplete = meta[metaKeys.version] === undefined || meta[metaKeys.capabilities] === undefined
  return code <= -32_020 && code >= -32_099 || code === errorCodes.invalidParams && isIncomplete ? 400 : 200
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
  response.end(JSON.stringify(body))
}

/** A response that becomes a stream of events with the first of them. */
const events = (response: ServerResponse) => {
  const write = (text: string): void => {
    if (response.destroyed || response.writableEnded) return
    if (!response.headersSent) {
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no"
      })
    }
    response.write(text)
    if (response.writableLength > mostUnread) response.destroy()
  }
  return {
    send: (message: ModernNotification | ModernResponse) =>
      Effect.sync(() => write(`event: message\ndata: ${JSON.stringify(message)}\n\n`)),
    stayAlive: Effect.forever(Effect.andThen(Effect.sleep(keepAlive), Effect.sync(() => write(": keepalive\n\n"))))
  }
}

/** A client takes a request back by closing its response. */
const taken = (response: ServerResponse, onTaken: () => void): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    const onClose = () => {
      onTaken()
      resume(Effect.void)
    }
    if (response.destroyed) return onClose()
    response.once("close", onClose)
    return Effect.sync(() => response.off("close", onClose))
  })

export const answerModern = Effect.fnUntraced(function*(
  server: ModernServer,
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown
): Effect.fn.Return<void, never, ToolServices> {
  // Nothing is expected of a notification: a client takes a request back by closing its response.
  if (isNotification(body)) return void response.writeHead(202).end()
  const asked = asRequest(body)
  if (Option.isNone(asked)) return sendRefusal(response, noMessage)
  const message = asked.value
  const { id } = message
  const wrong = mismatch(request, message)
  if (wrong !== undefined) {
    const error = { code: headerMismatch, message: `the header ${wrong} does not say what the body says` }
    return sendJson(response, 400, { jsonrpc: "2.0", id, error })
  }
  const { send, stayAlive } = events(response)
  let isTakenBack = false
  const answered = yield* Effect.raceAllFirst([
    server.handle(message, {
      notify: send,
      isTakenBack: Effect.sync(() => isTakenBack)
    }),
    taken(response, () => (isTakenBack = true)),
    stayAlive
  ])
  if (answered === undefined) return
  if (!response.headersSent) return sendJson(response, statusOf(answered, message), answered)
  yield* send(answered)
  response.end()
})
