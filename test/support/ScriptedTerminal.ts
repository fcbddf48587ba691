/**
 * A terminal on which a test presses the keys and changes the size; what is written to it is kept, as a real one would
 * show it.
 */
import { type Cause, Effect, Option, Queue, Terminal } from "effect"
import { painted } from "./Painted.ts"

export interface ScriptedTerminal {
  readonly terminal: Terminal.Terminal
  /** Each of them is a character, or the name of a key. */
  readonly press: (...keys: ReadonlyArray<string>) => Effect.Effect<void>
  readonly resize: (columns: number, rows: number) => Effect.Effect<void>
  /** Its keyboard is gone. */
  readonly hangUp: Effect.Effect<void>
  readonly written: () => string
  /** The lines on it, as they are now. */
  readonly screen: () => ReadonlyArray<string>
}

const inputOf = (key: string): Terminal.UserInput => {
  const ctrl = key.startsWith("ctrl-")
  const isCharacter = [...key].length === 1
  return {
    input: isCharacter ? Option.some(key) : key === "space" ? Option.some(" ") : Option.none(),
    key: { name: ctrl ? key.slice("ctrl-".length) : key, ctrl, meta: false, shift: false }
  }
}

export const scriptedTerminal = Effect.fnUntraced(function*(columns: number, rows: number) {
  const keys = yield* Queue.unbounded<Terminal.UserInput, Cause.Done>()
  const sizes = yield* Queue.sliding<Terminal.Size, Cause.Done>(1)
  let written = ""
  const terminal = Terminal.make({
    columns: Effect.succeed(columns),
    rows: Effect.succeed(rows),
    size: Effect.succeed(sizes),
    readInput: Effect.succeed(keys),
    readLine: Effect.die("not in this test"),
    display: (text) =>
      Effect.sync(() => {
        written += text
      })
  })
  const self: ScriptedTerminal = {
    terminal,
    press: (...names) => Effect.asVoid(Queue.offerAll(keys, names.map(inputOf))),
    resize: (wide, high) => Effect.asVoid(Queue.offer(sizes, { columns: wide, rows: high })),
    hangUp: Effect.asVoid(Queue.end(keys)),
    written: () => written,
    screen: () => painted(written)
  }
  return self
})
