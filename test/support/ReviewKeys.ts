/**
 * The keys by which a person approves a result in the form that `claude` shows.
 */
import { Effect } from "effect"
import { down, enter, type RealTerminal, right } from "./RealTerminal.ts"

/** Waits for the form, says yes and why, and accepts until there is a sign that it was heard. */
export const approveByKeys = (terminal: RealTerminal, note: string, sign: RegExp | Effect.Effect<void>) =>
  Effect.gen(function*() {
    yield* terminal.shows(/requests your input/)
    yield* terminal.pressUntil(right, /❯ ◯ approve/)
    yield* terminal.pressUntil(enter, /Decision: approve[^]*❯.*Feedback/)
    yield* terminal.pressUntil(note, new RegExp(`Feedback: ${note}`))
    yield* terminal.pressUntil(down, /❯ Accept/)
    yield* terminal.pressUntil(enter, sign)
  })
