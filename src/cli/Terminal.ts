/**
 * How wide what is printed may be.
 */
import { Effect } from "effect"
import { Machine } from "../services/Machine.ts"

/** Of stdout: a file or a pipe takes lines of any length. */
export const stdoutWidth: Effect.Effect<number, never, Machine> = Effect.map(
  Machine,
  ({ columns, stdoutIsTerminal }) => stdoutIsTerminal ? columns : Infinity
)

/** Of stderr: the same. */
export const stderrWidth: Effect.Effect<number, never, Machine> = Effect.map(
  Machine,
  ({ columns, stderrIsTerminal }) => stderrIsTerminal ? columns : Infinity
)
