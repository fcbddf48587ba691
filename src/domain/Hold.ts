/**
 * What keeps work from being started though there are tasks and slots: each has a cause, and ends by itself or by hand.
 * Tasks that run are not touched by it.
 */
import { DateTime, Schema } from "effect"

/** Why nothing is started, for all. */
export const HoldCause = Schema.Literals([
  /** The pool is being drained, or was. */
  "drain",
  /** Workers crash one after another: the circuit is open. */
  "crashes",
  /** Nobody is logged in, or the account cannot pay. */
  "login",
  /** The provider's usage limit is reached. */
  "limit",
  /** The provider is overloaded or out of reach. */
  "provider",
  /** The CLI is missing, cannot be used, or is configured from outside. */
  "config",
  /** The machine has too little free memory. */
  "memory",
  /** The store takes no writes. */
  "store"
])
export type HoldCause = typeof HoldCause.Type

/** Why nothing is started, after `for`. */
export const holdCauses: { readonly [C in HoldCause]: string } = {
  drain: "the pool is drained",
  crashes: "workers crash one after another",
  login: "the workers' login does not work",
  limit: "the provider's usage limit is reached",
  provider: "the provider does not answer",
  config: "the claude CLI cannot be used",
  memory: "the machine has too little free memory",
  store: "the store takes no writes"
}

export const Hold = Schema.Struct({
  cause: HoldCause,
  /** What happened, in one line. */
  detail: Schema.String,
  /** The way out. */
  hint: Schema.String,
  since: Schema.DateTimeUtcFromMillis,
  /** When one task is let through to see whether it is over; null: it has to be lifted. */
  until: Schema.NullOr(Schema.DateTimeUtcFromMillis),
  /** Whether such a task is under way. */
  probing: Schema.Boolean
})
export type Hold = typeof Hold.Type

/** A hold as every surface shows it. */
export const HoldView = Schema.Struct({
  cause: HoldCause,
  detail: Schema.String,
  hint: Schema.String,
  since: Schema.String,
  until: Schema.optionalKey(Schema.String),
  probing: Schema.optionalKey(Schema.Literal(true))
})
export type HoldView = typeof HoldView.Type

export const viewHold = ({ cause, detail, hint, probing, since, until }: Hold): HoldView => ({
  cause,
  detail,
  hint,
  since: DateTime.formatIso(since),
  ...(until === null ? {} : { until: DateTime.formatIso(until) }),
  ...(probing ? { probing } : {})
})
