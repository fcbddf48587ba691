/**
 * A scripted Anthropic Messages API on loopback, for tests that run the real `claude` CLI.
 * It records what arrives, answers from a script, and is gone with all its connections when its scope closes.
 */
import { Effect, FiberSet, Predicate, type Scope } from "effect"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { type ApiReply, sendReply, text, textsOf } from "./ApiReply.ts"
import { onLoopback } from "./Loopback.ts"

export interface ApiMessage {
  readonly role: string
  readonly content: unknown
}

/** The part of a request body that tests look at; all of it is in `raw`. */
export interface ApiBody {
  readonly model: string
  readonly stream?: boolean
  readonly max_tokens?: number
  readonly messages: ReadonlyArray<ApiMessage>
  readonly system?: unknown
  readonly tools?: ReadonlyArray<{ readonly name: string }>
}

/** One `POST /v1/messages`, as it arrived. */
export interface ApiRequest {
  readonly body: ApiBody
  readonly raw: string
  readonly headers: IncomingMessage["headers"]
  /** `performance.now()` when the request's headers had arrived. */
  readonly at: number
  /** A step of the worker's own conversation, as against a probe, a title or a summary that the CLI asks for besides. */
  readonly isMain: boolean
  /** The last text block of the newest user message: the prompt, without the reminders that the CLI puts before it. */
  readonly lastText: string
  /** Whether the newest user message hands back tool results. */
  readonly hasToolResult: boolean
}

/** What is answered to the main requests: one reply after the other (the last repeats), or a reply for each request. */
export type ApiScript =
  | ReadonlyArray<ApiReply>
  | ((request: ApiRequest, index: number) => ApiReply | Effect.Effect<ApiReply>)

export interface ScriptedApi {
  /** The base URL for the CLI, without a path. */
  readonly url: string
  /** Everything that came to `/v1/messages` so far, side requests included, in order of arrival. */
  readonly requests: ReadonlyArray<ApiRequest>
  /** The main requests so far. */
  readonly main: ReadonlyArray<ApiRequest>
  /** Every other request, as `METHOD /path`. */
  readonly others: ReadonlyArray<string>
  /** Waits for the main request with this index, the first being 0; one that has come already is returned at once. */
  readonly nextRequest: (index: number) => Effect.Effect<ApiRequest>
}

/** Plays `reply` until the tool results come back, then says `value`. */
export const thenText = (reply: ApiReply, value: string) => (request: ApiRequest): ApiReply =>
  request.hasToolResult ? text(value) : reply

/** Routes by what the user has said so far: the first entry whose key occurs in any user text, else `otherwise`. */
export const byPrompt = (
  routes: Readonly<Record<string, ApiReply | ((request: ApiRequest) => ApiReply)>>,
  otherwise: ApiReply = text("ok")
) =>
(request: ApiRequest): ApiReply => {
  const prompt = request.body.messages.flatMap((message) => message.role === "user" ? textsOf(message.content) : [])
    .join("\n")
  const route = Object.entries(routes).find(([key]) => prompt.includes(key))?.[1] ?? otherwise
  return typeof route === "function" ? route(request) : route
}

const hasToolResult = (content: unknown) =>
  Array.isArray(content) &&
  content.some((block: unknown) => Predicate.hasProperty(block, "type") && block.type === "tool_result")

const readRequest = (raw: string, headers: IncomingMessage["headers"], at: number): ApiRequest => {
  const body = JSON.parse(raw) as ApiBody
  const last = body.messages.findLast((message) => message.role === "user")
  return {
    body,
    raw,
    headers,
    at,
    isMain: isMainBody(body),
    lastText: textsOf(last?.content).at(-1) ?? "",
    hasToolResult: hasToolResult(last?.content)
  }
}

// The CLI's own conversation always streams with a large answer limit; probes and titles ask for little.
const isMainBody = (body: ApiBody) => (body.max_tokens ?? 0) > 4096

/** What the CLI asks for besides messages gets an answer that neither fails nor starts anything. */
const answerOther = (request: IncomingMessage, response: ServerResponse) => {
  response.writeHead(200, { "content-type": "application/json" })
  response.end(request.url?.includes("count_tokens") ? "{\"input_tokens\":10}" : "{}")
}

const make = (script: ApiScript): Effect.Effect<ScriptedApi, never, Scope.Scope> =>
  Effect.gen(function*() {
    const run = yield* FiberSet.makeRuntime()
    const requests: Array<ApiRequest> = []
    const main: Array<ApiRequest> = []
    const others: Array<string> = []
    const waiting = new Set<() => void>()

    const replyTo = (request: ApiRequest, index: number): Effect.Effect<ApiReply> => {
      const reply = typeof script === "function" ? script(request, index) : script[Math.min(index, script.length - 1)]
      return reply === undefined ? Effect.succeed(text("ok")) : Effect.isEffect(reply) ? reply : Effect.succeed(reply)
    }

    const answer = (request: ApiRequest, response: ServerResponse) => {
      requests.push(request)
      const index = request.isMain ? main.push(request) - 1 : requests.length - 1
      const target = { model: request.body.model, stream: request.body.stream === true, index }
      const reply = request.isMain ? replyTo(request, index) : Effect.succeed(text("ok"))
      run(Effect.map(reply, (value) => sendReply(value, target, response)))
      for (const wake of waiting) wake()
    }

    const server = createServer((request, response) => {
      const at = performance.now()
      const chunks: Array<Buffer> = []
      request.on("data", (chunk: Buffer) => chunks.push(chunk))
      request.on("end", () => {
        if (request.method === "POST" && /^\/v1\/messages(\?|$)/.test(request.url ?? "")) {
          answer(readRequest(Buffer.concat(chunks).toString("utf8"), request.headers, at), response)
        } else {
          others.push(`${request.method} ${request.url}`)
          answerOther(request, response)
        }
      })
    })

    const url = yield* onLoopback(server)

    const nextRequest = (index: number) =>
      Effect.callback<ApiRequest>((resume) => {
        const look = () => {
          const request = main[index]
          if (request === undefined) return
          waiting.delete(look)
          resume(Effect.succeed(request))
        }
        waiting.add(look)
        look()
        return Effect.sync(() => waiting.delete(look))
      })

    return { url, requests, main, others, nextRequest }
  })

export const ScriptedApi = { make }
