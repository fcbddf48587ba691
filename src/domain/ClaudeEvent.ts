/**
 * The lines that `claude --output-format stream-json` writes, as far as this project reads them (measured on 2.1.329).
 * Kinds and fields that are not known are let through, so that a newer CLI does not break an older pool.
 */
import { Schema } from "effect"

const Text = Schema.String
const Count = Schema.Finite
const nullable = <S extends Schema.Constraint>(schema: S) => Schema.optionalKey(Schema.NullOr(schema))

/** The start of a turn: what the worker really runs with. */
export const InitEvent = Schema.Struct({
  type: Schema.Literal("system"),
  subtype: Schema.Literal("init"),
  session_id: Text,
  cwd: nullable(Text),
  model: nullable(Text),
  permissionMode: nullable(Text),
  tools: nullable(Schema.Array(Text)),
  claude_code_version: nullable(Text)
})
export type InitEvent = typeof InitEvent.Type

/** The CLI tries a call to the provider again. */
export const ApiRetryEvent = Schema.Struct({
  type: Schema.Literal("system"),
  subtype: Schema.Literal("api_retry"),
  attempt: nullable(Count),
  retry_delay_ms: nullable(Count),
  error_status: nullable(Count)
})

const TextBlock = Schema.Struct({ type: Schema.Literal("text"), text: Text })
const ToolUseBlock = Schema.Struct({
  type: Schema.Literal("tool_use"),
  id: Text,
  name: Text,
  /** Whatever the model has written: a tool's own time limit is looked for in it. */
  input: Schema.optionalKey(Schema.Unknown)
})
const ThinkingBlock = Schema.Struct({ type: Schema.Literal("thinking"), thinking: Text })
const ToolResultBlock = Schema.Struct({
  type: Schema.Literal("tool_result"),
  tool_use_id: Text,
  /** A text, or parts of which some are texts; and whether it is an error: told to whoever reads along, and to nobody else. */
  content: Schema.optionalKey(Schema.Unknown),
  is_error: Schema.optionalKey(Schema.Unknown)
})
const OtherBlock = Schema.Struct({ type: Text })

/** The standing of a subscription's usage windows; `resetsAt` in seconds since 1970. */
export const RateLimitEvent = Schema.Struct({
  type: Schema.Literal("rate_limit_event"),
  rate_limit_info: Schema.Struct({ status: Text, resetsAt: nullable(Count) })
})

const TokenUsage = Schema.Struct({
  input_tokens: nullable(Count),
  output_tokens: nullable(Count),
  cache_read_input_tokens: nullable(Count),
  cache_creation_input_tokens: nullable(Count)
})

/** One finished block of the model's answer; `error` marks a text that the CLI made itself, of a failed call. */
export const AssistantEvent = Schema.Struct({
  type: Schema.Literal("assistant"),
  error: nullable(Text),
  parent_tool_use_id: nullable(Text),
  message: Schema.Struct({
    id: nullable(Text),
    model: nullable(Text),
    content: Schema.Array(Schema.Union([TextBlock, ToolUseBlock, ThinkingBlock, OtherBlock])),
    usage: nullable(TokenUsage)
  })
})
export type AssistantEvent = typeof AssistantEvent.Type

/** What a tool gave back, or a text that was put in. */
export const UserEvent = Schema.Struct({
  type: Schema.Literal("user"),
  parent_tool_use_id: nullable(Text),
  message: Schema.Struct({ content: Schema.Union([Text, Schema.Array(Schema.Union([ToolResultBlock, OtherBlock]))]) })
})
export type UserEvent = typeof UserEvent.Type

const ModelUsage = Schema.Struct({
  inputTokens: nullable(Count),
  outputTokens: nullable(Count),
  cacheReadInputTokens: nullable(Count),
  cacheCreationInputTokens: nullable(Count),
  /** Of the former, those that are kept for an hour. */
  cacheCreationEphemeral1hInputTokens: nullable(Count),
  costUSD: nullable(Count)
})

/** The end of a turn, good or bad: `subtype` alone does not tell which. */
export const ResultEvent = Schema.Struct({
  type: Schema.Literal("result"),
  subtype: Text,
  is_error: Schema.Boolean,
  session_id: Text,
  total_cost_usd: nullable(Count),
  num_turns: nullable(Count),
  result: nullable(Text),
  errors: nullable(Schema.Array(Text)),
  structured_output: Schema.optionalKey(Schema.Json),
  stop_reason: nullable(Text),
  terminal_reason: nullable(Text),
  startup_failure_reason: nullable(Text),
  api_error_status: nullable(Count),
  api_error_type: nullable(Text),
  /** What this turn has cost, by model. `total_cost_usd` and `modelUsage` also count what a resumed session had cost. */
  model_usage_since_last_result: nullable(Schema.Record(Text, ModelUsage)),
  permission_denials: nullable(
    Schema.Array(Schema.Struct({ tool_name: Text, tool_input: Schema.optionalKey(Schema.Json) }))
  ),
  /** The messages that this turn has taken in, of those that were sent with a name. */
  user_message_uuids: nullable(Schema.Array(Text)),
  /** Set on a turn that the CLI has started by itself: not the task's. */
  origin: Schema.optionalKey(Schema.Json)
})
export type ResultEvent = typeof ResultEvent.Type

/** The answer to a control request. */
export const ControlResponseEvent = Schema.Struct({
  type: Schema.Literal("control_response"),
  response: Schema.Struct({
    subtype: Schema.Literals(["success", "error"]),
    request_id: Text,
    error: nullable(Text),
    response: Schema.optionalKey(Schema.Json)
  })
})
export type ControlResponseEvent = typeof ControlResponseEvent.Type

/** A message of the CLI's, as the client of an MCP server that its host serves over the same pipe. */
const McpMessageRequest = Schema.Struct({
  subtype: Schema.Literal("mcp_message"),
  server_name: Text,
  message: Schema.Json
})

/** The CLI asks its host something; whatever it is, it must get an answer, or it waits for ever. */
export const ControlRequestEvent = Schema.Struct({
  type: Schema.Literal("control_request"),
  request_id: Text,
  request: Schema.Union([McpMessageRequest, Schema.Struct({ subtype: Text })])
})
export type ControlRequestEvent = typeof ControlRequestEvent.Type

/** The CLI does not wait for the answer to a request of its own any more. */
export const ControlCancelEvent = Schema.Struct({
  type: Schema.Literal("control_cancel_request"),
  request_id: Text
})

/** What becomes of a message that was sent with a name: `queued`, `started`, `completed` or `cancelled`. */
export const CommandLifecycleEvent = Schema.Struct({
  type: Schema.Literal("command_lifecycle"),
  command_uuid: Text,
  state: Text
})
export type CommandLifecycleEvent = typeof CommandLifecycleEvent.Type

export const OtherEvent = Schema.Struct({ type: Text })

export const ClaudeEvent = Schema.Union([
  InitEvent,
  ApiRetryEvent,
  AssistantEvent,
  UserEvent,
  ResultEvent,
  ControlResponseEvent,
  ControlRequestEvent,
  ControlCancelEvent,
  CommandLifecycleEvent,
  RateLimitEvent,
  OtherEvent
])
export type ClaudeEvent = typeof ClaudeEvent.Type

// What has been decoded is told apart by a field that only the full form has: a line of one of these types that lacks
// what we need of it was let through as `OtherEvent`.
export const isInit = (event: ClaudeEvent): event is InitEvent => "subtype" in event && event.subtype === "init"
export const isApiRetry = (event: ClaudeEvent): event is typeof ApiRetryEvent.Type =>
  "subtype" in event && event.subtype === "api_retry"
export const isAssistant = (event: ClaudeEvent): event is AssistantEvent =>
  event.type === "assistant" && "message" in event
export const isUser = (event: ClaudeEvent): event is typeof UserEvent.Type =>
  event.type === "user" && "message" in event
export const isResult = (event: ClaudeEvent): event is ResultEvent => event.type === "result" && "is_error" in event
export const isControlResponse = (event: ClaudeEvent): event is ControlResponseEvent =>
  event.type === "control_response" && "response" in event
export const isControlRequest = (event: ClaudeEvent): event is ControlRequestEvent =>
  event.type === "control_request" && "request" in event
export const isMcpMessage = (
  request: ControlRequestEvent["request"]
): request is typeof McpMessageRequest.Type => request.subtype === "mcp_message" && "message" in request
export const isControlCancel = (event: ClaudeEvent): event is typeof ControlCancelEvent.Type =>
  event.type === "control_cancel_request" && "request_id" in event
export const isCommandLifecycle = (event: ClaudeEvent): event is CommandLifecycleEvent =>
  event.type === "command_lifecycle" && "command_uuid" in event
export const isRateLimit = (event: ClaudeEvent): event is typeof RateLimitEvent.Type =>
  event.type === "rate_limit_event" && "rate_limit_info" in event

/** One line, read. */
export const ClaudeLine = Schema.fromJsonString(ClaudeEvent)
