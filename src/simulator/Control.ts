/**
 * The control protocol: what the host may ask between the turns and during them.
 */
import { describeUses, encodeUses, totalUsd } from "./Ledger.ts"
import { modelList, resolve } from "./Models.ts"
import { writeLine } from "./Output.ts"
import { problemOf } from "./SchemaValue.ts"
import type { Session } from "./Session.ts"

export interface Request {
  readonly id: string
  readonly subtype: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What the process does about a request, beyond answering it. */
export interface Host {
  readonly isBusy: boolean
  readonly afterTurn: (action: () => void) => void
  /** Stops the turn; returns the names of the messages that still wait. */
  readonly interrupt: () => ReadonlyArray<string>
  /** Takes a message back that still waits; whether it did. */
  readonly withdraw: (uuid: string) => boolean
  readonly end: () => void
}

export const succeed = (id: string, response?: object): void =>
  writeLine({
    type: "control_response",
    response: { subtype: "success", request_id: id, ...(response === undefined ? {} : { response }) }
  })

const refuse = (id: string, error: string, error_code: string): void =>
  writeLine({ type: "control_response", response: { subtype: "error", request_id: id, error, error_code } })

const modes = ["acceptEdits", "auto", "bypassPermissions", "default", "dontAsk", "plan"]

const commands = ["clear", "compact", "context", "model", "usage"].map((name) => ({
  name,
  description: `Simulated /${name}`,
  argumentHint: "",
  builtin: true
}))

const agents = ["claude", "Explore", "general-purpose", "Plan"].map((name) => ({ name, description: "" }))

const initialize = (session: Session, { fields, id }: Request): void => {
  const { setting } = session
  // A schema that is none, or that comes late, is passed over in silence.
  if (session.jsonSchema === undefined && "jsonSchema" in fields && session.resultCount === 0) {
    if (problemOf(fields["jsonSchema"]) === undefined) session.jsonSchema = fields["jsonSchema"]
  }
  if (typeof fields["appendSystemPrompt"] === "string") session.appendSystemPrompt = fields["appendSystemPrompt"]
  const servers = fields["sdkMcpServers"]
  if (Array.isArray(servers)) session.connect(servers.map(String))
  succeed(id, {
    commands,
    agents,
    output_style: "default",
    available_output_styles: ["default"],
    models: modelList(),
    account: {
      tokenSource: "none",
      ...(setting.isLoggedIn ? { apiKeySource: setting.keySource } : {}),
      apiProvider: "firstParty"
    },
    pid: setting.pid,
    claude_code_version: setting.version,
    current_permission_mode: session.permissionMode,
    analytics_disabled: true,
    session_state: "idle"
  })
}

const setModel = (session: Session, { fields, id }: Request): void => {
  session.model = resolve(typeof fields["model"] === "string" ? fields["model"] : "default")
  succeed(id, { model: session.model })
}

const setMode = (session: Session, { fields, id }: Request): void => {
  const mode = String(fields["mode"])
  if (!modes.includes(mode)) {
    return refuse(id, `Cannot set permission mode: must be one of ${modes.join(", ")}`, "invalid_mode")
  }
  if (mode === "bypassPermissions" && session.options.permissionMode !== mode) {
    const why = "the session was not launched with --dangerously-skip-permissions"
    return refuse(id, `Cannot set permission mode to bypassPermissions because ${why}`, "bypass_not_launched")
  }
  session.permissionMode = mode
  succeed(id, { mode })
  session.emit({ type: "system", subtype: "status", status: null, permissionMode: mode })
}

/** What a request is answered with, where that is all. */
const readings: Readonly<Record<string, (session: Session) => object | undefined>> = {
  get_settings: (session) => ({ effective: {}, sources: [], applied: { model: session.model, effort: "medium" } }),
  mcp_status: (session) => ({
    mcpServers: session.options.mcpServers.map((name) => ({ name, status: "connected" }))
  }),
  get_context_usage: (session) => ({
    categories: [],
    totalTokens: session.cachedTokens,
    maxTokens: 1_000_000,
    percentage: 0,
    model: session.model
  }),
  get_session_cost: (session) => ({ text: describeUses(session.uses) }),
  get_usage: (session) => ({
    session: { total_cost_usd: totalUsd(session.uses), model_usage: encodeUses(session.uses) },
    subscription_type: null,
    rate_limits_available: false,
    rate_limits: null
  }),
  get_binary_version: (session) => ({ version: session.setting.version, buildTime: "2026-11-19T16:23:05Z" }),
  list_models: () => ({ models: modelList() }),
  set_max_thinking_tokens: () => undefined
}

export const answer = (session: Session, request: Request, host: Host): void => {
  const reading = Object.hasOwn(readings, request.subtype) ? readings[request.subtype] : undefined
  if (reading !== undefined) return succeed(request.id, reading(session))
  switch (request.subtype) {
    case "initialize":
      return initialize(session, request)
    case "set_model":
      return host.isBusy ? host.afterTurn(() => setModel(session, request)) : setModel(session, request)
    case "set_permission_mode":
      return setMode(session, request)
    case "interrupt":
      return session.ignoresInterrupt ? undefined : succeed(request.id, { still_queued: host.interrupt() })
    case "cancel_async_message": {
      const message_uuid = String(request.fields["message_uuid"])
      return succeed(request.id, { cancelled: host.withdraw(message_uuid), message_uuid })
    }
    case "end_session":
      succeed(request.id)
      return host.end()
    default:
      return refuse(request.id, `Unsupported control request subtype: ${request.subtype}`, "unsupported_request")
  }
}
