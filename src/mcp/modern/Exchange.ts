/**
 * One request that is being answered: what its parts need to know of it.
 */
import type { Duration, Effect, Schema } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Offer } from "../Offer.ts"
import type { Session } from "../Session.ts"
import type { ToolServices } from "../Tool.ts"
import type { ModernNotification, ModernRequest, ProtocolError, RequestMeta } from "./Protocol.ts"
import type { RequestStates } from "./RequestStates.ts"

/** What a transport gives with a request. */
export interface Exchange {
  readonly notify: (notification: ModernNotification) => Effect.Effect<void>
  /** Asked when `handle` is interrupted: whether the client took the request back, as against went away. */
  readonly isTakenBack: Effect.Effect<boolean>
}

export interface ServerContext {
  readonly offer: Offer
  readonly session: Session
  readonly states: RequestStates
  readonly waitLimit: Duration.Duration | undefined
  /** Comes when the server is to end its streams. */
  readonly closing: Effect.Effect<void>
}

export interface Asked extends ServerContext {
  readonly request: ModernRequest
  readonly meta: RequestMeta
  readonly exchange: Exchange
}

/** A method: what it answers, without what every result says. */
export type Method = (asked: Asked) => Effect.Effect<Schema.JsonObject, ProtocolError | Failure, ToolServices>

export const complete = { resultType: "complete" } as const

/** What changes only with the settings of the pool. */
export const lasting = { ttlMs: 300_000, cacheScope: "private" } as const
/** What may change at any moment. */
export const passing = { ttlMs: 0, cacheScope: "private" } as const
