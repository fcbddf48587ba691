/**
 * What a task's workers said and did, in the order in which it happened: kept with the task, so that it can be read while
 * it runs and long after. It was written by workers: data.
 */
import { DateTime, Schema, Struct } from "effect"

/** What a piece of a conversation is. */
export const TurnKind = Schema.Literals(["prompt", "said", "thought", "tool", "result", "notice"])
export type TurnKind = typeof TurnKind.Type

/** A piece of a worker's turn. What is long is cut off, and says so. */
export const Turn = Schema.Struct({
  /** Rises within a task, from 1. Where numbers are missing, the middle of very much is not kept. */
  seq: Schema.Int,
  attempt: Schema.Int,
  at: Schema.DateTimeUtcFromMillis,
  /**
   * `prompt`: what it was asked, or told. `thought`: what it said to itself. `tool`: a call; `result`: what came of one.
   * `notice`: what the pool itself has to say.
   */
  kind: TurnKind,
  text: Schema.String,
  /** The tool that is called. */
  tool: Schema.optionalKey(Schema.String),
  /** The tool's result is an error; of a notice: it tells of a failure. */
  failed: Schema.optionalKey(Schema.Literal(true)),
  /** It is a subagent's. */
  nested: Schema.optionalKey(Schema.Literal(true))
})
export type Turn = typeof Turn.Type

/** What is to be kept: its number is given to it then. */
export const NewTurn = Schema.Struct(Struct.omit(Turn.fields, ["seq"]))
export type NewTurn = typeof NewTurn.Type

/** As it comes from whoever heard it. */
export type TurnPiece = Omit<NewTurn, "attempt" | "at">

/** A piece of a conversation as every surface shows it. */
export const TurnView = Schema.Struct({ ...Turn.fields, at: Schema.String })
export type TurnView = typeof TurnView.Type

/** A page of what was said and done. */
export const TurnsReply = Schema.Struct({
  id: Schema.String,
  turns: Schema.Array(TurnView),
  /** Where to go on from. */
  seq: Schema.Int,
  /** Whether there is more after it already. */
  more: Schema.Boolean
})
export type TurnsReply = typeof TurnsReply.Type

/** Which pieces, and how many. */
export interface TurnsOptions {
  /** Only those after this number. */
  readonly since: number
  readonly limit: number
}

/** A piece of a conversation as every surface shows it. */
export const viewTurn = (turn: Turn): TurnView => ({ ...turn, at: DateTime.formatIso(turn.at) })
