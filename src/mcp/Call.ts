/**
 * What a tool may know of the call that it answers, and do besides answering.
 */
import type { Duration, Effect } from "effect"
import type { Held } from "./Held.ts"
import type { Unseen } from "./Unseen.ts"

export interface Client {
  readonly name: string
  readonly version: string
}

export interface Call {
  readonly client: Client
  /** The longest that this client may be made to wait for an answer. */
  readonly waitLimit: Duration.Duration
  /** Tells the client how it goes, in one line; undefined where it did not ask to be told. */
  readonly progress: ((message: string) => Effect.Effect<void>) | undefined
  /** Whether the client took the call back: a client that went away did not. */
  readonly isTakenBack: Effect.Effect<boolean>
  readonly unseen: Unseen
  readonly held: Held
}
