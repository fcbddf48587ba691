/**
 * What the scripted Messages API answers, as values, and how each of them goes onto the wire: as server-sent events
 * or as plain JSON, whichever the request asked for.
 */
import { Data, Predicate } from "effect"
import type { ServerResponse } from "node:http"

export type ApiBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown }

/** The token counts a reply reports. The CLI computes its cost from these and the model. */
export interface ApiTokens {
  /** The model the reply claims to come from; the requested one by default. */
  readonly model?: string
  readonly inputTokens?: number
  readonly outputTokens?: number
  readonly cacheReadTokens?: number
  readonly cacheCreationTokens?: number
}

export type ApiReply = Data.TaggedEnum<{
  /** A complete answer. */
  Message: { readonly blocks: ReadonlyArray<ApiBlock>; readonly stopReason: string; readonly tokens: ApiTokens }
  /** An HTTP status with a body. */
  Status: { readonly code: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  /** Headers, `message_start`, the start of a text; then the connection is destroyed. */
  CutStream: {}
  /** Headers, `message_start` and whole blocks, then silence until the client or the scope closes the connection. */
  Hang: { readonly blocks: ReadonlyArray<ApiBlock> }
  /** The request is read and nothing at all is sent. */
  Silent: {}
  /** A 200 whose body is neither events nor JSON. */
  Malformed: {}
}>

export const ApiReply = Data.taggedEnum<ApiReply>()

/** A final answer in prose. */
export const text = (value: string, tokens: ApiTokens = {}): ApiReply =>
  ApiReply.Message({ blocks: [{ type: "text", text: value }], stopReason: "end_turn", tokens })

/** One tool call, with prose before it when `text` is given. */
export const toolUse = (
  name: string,
  input: unknown,
  options: ApiTokens & { readonly id?: string; readonly text?: string } = {}
): ApiReply => {
  const { id = `toolu_${name}`, text: prose, ...tokens } = options
  const call: ApiBlock = { type: "tool_use", id, name, input }
  const blocks: ReadonlyArray<ApiBlock> = prose === undefined ? [call] : [{ type: "text", text: prose }, call]
  return ApiReply.Message({ blocks, stopReason: "tool_use", tokens })
}

/** An answer with this `stop_reason` instead of an ordinary end. */
export const stopped = (stopReason: string, value = "", tokens: ApiTokens = {}): ApiReply =>
  ApiReply.Message({ blocks: value === "" ? [] : [{ type: "text", text: value }], stopReason, tokens })

/** The model declines: `stop_reason: "refusal"`. */
export const refusal: ApiReply = stopped("refusal")

export const cutStream: ApiReply = ApiReply.CutStream()
export const hang: ApiReply = ApiReply.Hang({ blocks: [] })
/** Says this much, and then no more. */
export const hangAfter = (value: string): ApiReply => ApiReply.Hang({ blocks: [{ type: "text", text: value }] })
export const silent: ApiReply = ApiReply.Silent()
export const malformed: ApiReply = ApiReply.Malformed()

const errorTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error"
}

export interface StatusOptions {
  /** Seconds, as in the header. */
  readonly retryAfter?: number
  readonly headers?: Readonly<Record<string, string>>
  /** The error's type; the one Anthropic uses for this status by default. */
  readonly type?: string
  readonly message?: string
  /** The whole body, in place of Anthropic's error JSON. */
  readonly body?: string
}

/** A failure, in the shape Anthropic gives it. */
export const status = (code: number, options: StatusOptions = {}): ApiReply => {
  const type = options.type ?? errorTypes[code] ?? "api_error"
  const error = { type, message: options.message ?? `scripted ${type}` }
  return ApiReply.Status({
    code,
    headers: {
      "content-type": "application/json",
      ...(options.retryAfter === undefined ? {} : { "retry-after": `${options.retryAfter}` }),
      ...options.headers
    },
    body: options.body ?? JSON.stringify({ type: "error", error, request_id: "req_scripted" })
  })
}

/** What a reply has to know of the request it answers. */
export interface ReplyTarget {
  readonly model: string
  readonly stream: boolean
  /** Makes the message id. */
  readonly index: number
}

const usageOf = (tokens: ApiTokens) => ({
  input_tokens: tokens.inputTokens ?? 10,
  cache_creation_input_tokens: tokens.cacheCreationTokens ?? 0,
  cache_read_input_tokens: tokens.cacheReadTokens ?? 0,
  output_tokens: tokens.outputTokens ?? 5,
  service_tier: "standard"
})

const messageOf = (target: ReplyTarget, tokens: ApiTokens) => ({
  id: `msg_scripted_${target.index}`,
  type: "message",
  role: "assistant",
  model: tokens.model ?? target.model,
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: usageOf(tokens)
})

const started = (target: ReplyTarget, tokens: ApiTokens = {}) => ({
  type: "message_start",
  message: { ...messageOf(target, tokens), usage: { ...usageOf(tokens), output_tokens: 1 } }
})

/** How a block is opened, and what is then added to it. */
const partsOf = (block: ApiBlock) => {
  switch (block.type) {
    case "text":
      return { opened: { type: "text", text: "" }, deltas: [{ type: "text_delta", text: block.text }] }
    case "thinking":
      return {
        opened: { type: "thinking", thinking: "", signature: "" },
        deltas: [
          { type: "thinking_delta", thinking: block.thinking },
          { type: "signature_delta", signature: block.signature }
        ]
      }
    case "tool_use":
      return {
        opened: { ...block, input: {} },
        deltas: [{ type: "input_json_delta", partial_json: JSON.stringify(block.input) }]
      }
  }
}

const blockEvents = (block: ApiBlock, index: number) => {
  const { deltas, opened } = partsOf(block)
  return [
    { type: "content_block_start", index, content_block: opened },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index }
  ]
}

const messageEvents = (reply: Data.TaggedEnum.Value<ApiReply, "Message">, target: ReplyTarget) => [
  started(target, reply.tokens),
  ...reply.blocks.flatMap(blockEvents),
  {
    type: "message_delta",
    delta: { stop_reason: reply.stopReason, stop_sequence: null },
    usage: usageOf(reply.tokens)
  },
  { type: "message_stop" }
]

const encodeEvents = (events: ReadonlyArray<{ readonly type: string }>) =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("")

const eventStream = { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" }

/** Puts a reply on the wire. Replies that never end leave the response open. */
export const sendReply = (reply: ApiReply, target: ReplyTarget, response: ServerResponse): void =>
  ApiReply.$match(reply, {
    Message: (message) => {
      response.writeHead(200, {
        ...target.stream ? eventStream : { "content-type": "application/json" },
        "request-id": `req_scripted_${target.index}`
      })
      response.end(
        target.stream
          ? encodeEvents(messageEvents(message, target))
          : JSON.stringify({
            ...messageOf(target, message.tokens),
            content: message.blocks,
            stop_reason: message.stopReason
          })
      )
    },
    Status: ({ body, code, headers }) => {
      response.writeHead(code, headers)
      response.end(body)
    },
    CutStream: () => {
      response.writeHead(200, eventStream)
      const opening = blockEvents({ type: "text", text: "half an ans" }, 0).slice(0, 2)
      response.write(encodeEvents([started(target), ...opening]), () => response.destroy())
    },
    Hang: ({ blocks }) => {
      response.writeHead(200, eventStream)
      response.write(encodeEvents([started(target), ...blocks.flatMap(blockEvents)]))
    },
    Silent: () => undefined,
    Malformed: () => {
      response.writeHead(200, target.stream ? eventStream : { "content-type": "application/json" })
      response.end(target.stream ? "event: message_start\ndata: {\"type\":\"mess\n\n" : "{\"type\":\"mess")
    }
  })

/** The texts of a message's content, which the API takes as a string or as blocks. */
export const textsOf = (content: unknown): ReadonlyArray<string> =>
  typeof content === "string"
    ? [content]
    : Array.isArray(content)
    ? content.flatMap((block: unknown) =>
      Predicate.hasProperty(block, "text") && Predicate.isString(block.text) ? [block.text] : []
    )
    : []
