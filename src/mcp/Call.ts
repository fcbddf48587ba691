/**
 * What a tool may know of the call that it answers, and do besides answering.
 */
import type { Duration, Effect, Schema } from "effect"
import type { Form, FormAnswer, InputNeeded } from "./Form.ts"
import type { Held } from "./Held.ts"
import type { Unseen } from "./Unseen.ts"

export interface Client {
  readonly name: string
  readonly version: string
}

/** Messages to the client, beside the answer of the call. */
export interface Channel {
  readonly notify: (method: string, params: Schema.JsonObject) => Effect.Effect<void>
  /** Dies where the client refuses it, or has not said that it can. */
  readonly request: (method: string, params: Schema.JsonObject) => Effect.Effect<Schema.JsonObject>
}

export interface Call {
  readonly client: Client
  /** The longest that this client may be made to wait for an answer. */
  readonly waitLimit: Duration.Duration
  /** Tells the client how it goes, in one line; undefined where it did not ask to be told. */
  readonly progress: ((message: string) => Effect.Effect<void>) | undefined
  /** Whether the client took the call back: a client that went away did not. */
  readonly isTakenBack: Effect.Effect<boolean>
  /** Asks the person at the client; undefined where the client offers no forms. `key` names the question in its call. */
  readonly ask: ((key: string, form: Form) => Effect.Effect<FormAnswer, InputNeeded>) | undefined
  /** What this call has carried on from its own `InputNeeded`. */
  readonly state?: string
  /** The client as its protocol has it; undefined in the newer one, in which a server asks nothing by itself. */
  readonly channel: Channel | undefined
  readonly unseen: Unseen
  readonly held: Held
}
