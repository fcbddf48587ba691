/**
 * What each part of a connection stands on: the SDK's server, what it offers, and how effects are run for it.
 */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js"
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js"
import type { McpError, ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js"
import type { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Call } from "../Call.ts"
import type { Offer } from "../Offer.ts"
import type { ToolServices } from "../Tool.ts"

export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

export interface Serving {
  readonly server: Server
  readonly offer: Offer
  /** Answers a request; it ends when the request is taken back, or the connection closes. */
  readonly answer: <A>(
    method: string,
    effect: Effect.Effect<A, Failure | McpError, ToolServices>,
    extra: Extra
  ) => Promise<A>
  /** Beside all requests, until the connection closes. */
  readonly follow: (effect: Effect.Effect<void, Failure, ToolServices>) => void
  /** Whether the client can put a form before its person. */
  readonly canAsk: () => boolean
  readonly makeCall: (extra: Extra) => Call
}
