/**
 * The whole terminal, for as long as something is shown on it: what was there before is there again afterwards, however it
 * ends.
 */
import { Effect, Ref, Terminal } from "effect"

const escape = "\u001b["

/** A screen of its own, without a cursor, on which long lines are not broken, and pasted text is marked as such. */
const enter = `${escape}?1049h${escape}?25l${escape}?7l${escape}?2004h${escape}H${escape}2J`
const leave = `${escape}?2004l${escape}?7h${escape}0m${escape}?25h${escape}?1049l`

export interface Screen {
  /** Writes the lines that are not what they were. */
  readonly draw: (lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** The next lines are all written: the screen is not what it was. */
  readonly clear: Effect.Effect<void>
}

const make = Effect.gen(function*() {
  const terminal = yield* Terminal.Terminal
  const shown = yield* Ref.make<ReadonlyArray<string> | null>(null)
  // Whoever has no terminal any more is told so by the end of its keys.
  const write = (text: string): Effect.Effect<void> => text === "" ? Effect.void : Effect.ignore(terminal.display(text))

  const draw = Effect.fnUntraced(function*(lines: ReadonlyArray<string>) {
    const before = yield* Ref.getAndSet(shown, lines)
    const written = lines.map((line, index) =>
      line === before?.[index] ? "" : `${escape}${index + 1};1H${line}${escape}K`
    )
    yield* write((before === null ? `${escape}H${escape}2J` : "") + written.join(""))
  })
  return { write, screen: { draw, clear: Ref.set(shown, null) } satisfies Screen }
})

export const withScreen = <A, E, R>(
  use: (screen: Screen) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Terminal.Terminal> =>
  Effect.flatMap(
    make,
    ({ screen, write }) => Effect.acquireUseRelease(write(enter), () => use(screen), () => write(leave))
  )
