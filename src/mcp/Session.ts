/**
 * What is remembered of one client between its calls, whichever protocol it speaks.
 */
import { Effect } from "effect"
import { type Held, makeHeld } from "./Held.ts"
import { makeUnseen, type Unseen } from "./Unseen.ts"

export interface Session {
  readonly unseen: Unseen
  readonly held: Held
}

/** From now until its scope closes. */
export const makeSession = Effect.gen(function*() {
  return { unseen: yield* makeUnseen, held: yield* makeHeld } satisfies Session as Session
})
