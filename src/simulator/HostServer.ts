/**
 * A server of tools that the host serves over the control protocol (`sdkMcpServers` in `initialize`): how the process
 * gets to know it, and how it calls its tools.
 */
import { requestHost } from "./Host.ts"
import { uuid } from "./Identity.ts"
import type { Session } from "./Session.ts"
import type { Turn } from "./Turn.ts"

type Fields = Readonly<Record<string, unknown>>

const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null

export interface Answered {
  readonly text: string
  readonly isError: boolean
}

/** How long the first turn waits for a host that does not answer. */
const answersWithin = 30_000

const textOf = (result: Fields): string =>
  (Array.isArray(result["content"]) ? result["content"] : []).map((block: unknown) =>
    isFields(block) && typeof block["text"] === "string" ? block["text"] : ""
  ).join("\n")

export class HostServer {
  readonly name: string
  /** Resolves when its tools are known, or are given up. */
  readonly isReady: Promise<void>
  tools: ReadonlyArray<string> = []
  status = "pending"
  readonly #session: Session
  #messages = 0

  constructor(session: Session, name: string) {
    this.#session = session
    this.name = name
    this.isReady = Promise.race([
      this.#connect(),
      new Promise<void>((resolve) => {
        setTimeout(resolve, answersWithin).unref()
      })
    ])
  }

  /** What a model calls its tools. */
  get toolNames(): ReadonlyArray<string> {
    return this.tools.map((tool) => this.nameOf(tool))
  }

  nameOf(tool: string): string {
    return `mcp__${this.name}__${tool}`
  }

  /** Calls a tool; the host is told when the turn is interrupted before it answers. */
  async call(turn: Turn, tool: string, input: object, id: string): Promise<Answered> {
    const [requestId, answer] = this.#request("tools/call", {
      name: tool,
      arguments: input,
      _meta: { "claudecode/toolUseId": id, progressToken: this.#messages }
    })
    try {
      const result = await turn.until(answer)
      return { text: textOf(result), isError: result["isError"] === true }
    } catch (reason) {
      if (turn.isInterrupted) this.#notify("notifications/cancelled", { requestId, reason: "interrupted" })
      if (turn.isInterrupted || !(reason instanceof Error)) throw reason
      return { text: reason.message, isError: true }
    }
  }

  async #connect(): Promise<void> {
    try {
      await this.#request("initialize", {
        protocolVersion: "2025-11-25",
        capabilities: {},
        clientInfo: {
          name: "claude-code",
          title: "Claude Code",
          description: "A simulator of it",
          websiteUrl: "https://claude.com/claude-code",
          version: this.#session.setting.version
        }
      })[1]
      this.#notify("notifications/initialized")
      const { tools } = await this.#request("tools/list")[1]
      this.tools = (Array.isArray(tools) ? tools : []).flatMap((tool: unknown) =>
        isFields(tool) && typeof tool["name"] === "string" ? [tool["name"]] : []
      ).toSorted()
      this.status = "connected"
    } catch {
      this.status = "failed"
    }
  }

  #request(method: string, params?: object): readonly [id: number, result: Promise<Fields>] {
    const id = this.#messages++
    const answer = this.#send({ jsonrpc: "2.0", id, method, ...(params === undefined ? {} : { params }) })
    return [id, answer.then(resultOf)]
  }

  #notify(method: string, params?: object): void {
    void this.#send({ jsonrpc: "2.0", method, ...(params === undefined ? {} : { params }) })
  }

  // The session has no name before its first prompt, so that the request's is its own.
  #send(message: object): Promise<Fields> {
    const request = { subtype: "mcp_message", server_name: this.name, message }
    return requestHost(this.#session, request, uuid("mcp", this.name, JSON.stringify(message)))
  }
}

const resultOf = (answer: Fields): Fields => {
  const response = answer["mcp_response"]
  if (isFields(response) && isFields(response["result"])) return response["result"]
  const error = isFields(response) ? response["error"] : undefined
  throw new Error(isFields(error) ? String(error["message"]) : String(answer["message"] ?? "no answer"))
}
