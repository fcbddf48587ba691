/**
 * The keys by which a person approves a result in the form that `claude` shows.
 */
import { Effect } from "effect"
import { down, enter, type RealTerminal, right } from "./RealTerminal.ts"

/** Waits for the form, says yes and why, and accepts until there is a sign that it was heard. */
export const approveByKeys = (terminal: RealTerminal, note: string, sign: RegExp | Effect.Effect<void>) =>
  Effect.gen(function*() {
    yield* terminal.shows(/requests\s*your\s*input/)
    yield* terminal.press(right)
    yield* terminal.shows(/reject/)
    yield* terminal.press(enter)
    yield* terminal.shows(/Decision:\s*approve/)
    yield* terminal.press(note)
    yield* terminal.shows(new RegExp(note.replaceAll(" ", "\\s*")))
    yield* terminal.press(down)
    yield* terminal.shows(/❯\s*Accept/)
    yield* terminal.pressUntil(enter, sign)
  })
