/**
 * Calls that a client keeps itself, in place of waiting for them: where they stand, what they ask, what they came to. Each
 * has an id, and everything that is known of it is found by that id: nothing is remembered between two looks but what a
 * client could lose. It knows no protocol.
 */
import { Data, type Duration, type Effect, type Option, type Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Call } from "./Call.ts"
import type { Form, FormAnswer } from "./Form.ts"
import type { Reply, ToolServices } from "./Tool.ts"

export type Standing = Data.TaggedEnum<{
  Working: {}
  /** A person has to say something before it goes on. Each name stands for one question, for good. */
  Asking: { readonly forms: Readonly<Record<string, Form>> }
  /** What the call would have answered. */
  Ended: { readonly reply: Reply }
  Cancelled: {}
  /** The call itself was wrong, as its protocol has it: nothing that a tool answers is such. */
  Broken: { readonly code: number; readonly message: string }
}>
export const Standing = Data.taggedEnum<Standing>()

export interface Look {
  readonly standing: Standing
  /** One short line for people. */
  readonly message: string
  /** ISO 8601. */
  readonly createdAt: string
  readonly updatedAt: string
}

export interface Background {
  /** How long an id is good for, from its beginning on; null: for ever. */
  readonly keptFor: Duration.Duration | null
  /** None: there is no such id. Whoever looks at an end has been shown it. */
  readonly look: (id: string, call: Call) => Effect.Effect<Option.Option<Look>, Failure, ToolServices>
  /** What the person said, by the names of the questions. What is not asked any more is left alone. False: no such id. */
  readonly answer: (
    id: string,
    answers: Readonly<Record<string, FormAnswer>>,
    call: Call
  ) => Effect.Effect<boolean, Failure, ToolServices>
  /** Stops it; of what has ended, nothing. False: no such id. */
  readonly cancel: (id: string, call: Call) => Effect.Effect<boolean, Failure, ToolServices>
  /** Whenever it may stand otherwise than before. */
  readonly changes: (id: string) => Stream.Stream<unknown, Failure, ToolServices>
}
