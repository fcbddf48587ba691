/**
 * Work on its way out, be it a task, a group or a chain: the answer on stdout, how it went on stderr, and the exit code.
 */
import { Effect } from "effect"
import type { FailureView } from "../domain/TaskView.ts"
import { Machine } from "../services/Machine.ts"
import type { ExitCode } from "./ExitCode.ts"
import { Format, note, show } from "./Format.ts"
import { printable } from "./Printable.ts"
import { complain, Reported } from "./Reported.ts"
import { Styles } from "./Styles.ts"
import { table } from "./Table.ts"
import { stderrWidth, stdoutWidth } from "./Terminal.ts"

export interface Outcome {
  readonly json: object
  /** The whole of it; null where there is none. */
  readonly answer: string | null
  /** What it consists of, as the rows of a table; none for a single task. */
  readonly parts: ReadonlyArray<ReadonlyArray<string>>
  /** How it went, in a line. */
  readonly closing: string
  /** What there is to know beside that, and what to do next. */
  readonly notes: ReadonlyArray<string>
  readonly error: FailureView | undefined
  readonly isFinished: boolean
  readonly exitCode: ExitCode
}

/** Exact for a program; on a terminal without what would steer it. */
export const forStdout = (text: string): Effect.Effect<string, never, Machine> =>
  Effect.map(Machine, ({ stdoutIsTerminal }) => (stdoutIsTerminal ? printable(text) : text).replace(/\n$/, ""))

/** What of an outcome is the result of a command: the other of the two is told beside it. */
export type Wanted = "answer" | "parts"

/** `more` is said in the JSON value too. */
export const showOutcome = (
  { answer, closing, error, json, notes, parts }: Outcome,
  wanted: Wanted,
  more: object = {}
): Effect.Effect<void, never, Machine> =>
  Effect.gen(function*() {
    const { faint } = (yield* Styles).stderr
    const listed = wanted === "parts" && parts.length > 0
    if ((yield* Format) === "json") return yield* show({ json: { ...json, ...more }, text: null })
    if (listed) yield* show({ json, text: table(parts, yield* stdoutWidth).join("\n") })
    else if (answer !== null) yield* show({ json, text: yield* forStdout(answer) })
    if (!listed) yield* Effect.forEach(table(parts, yield* stderrWidth), (line) => note(faint(line)))
    yield* note(faint(closing))
    yield* Effect.forEach(notes, note)
    if (error !== undefined) yield* complain(error)
  })

/** Ends the command as the work ended. What waits for a review has not failed. */
export const exitAs = (outcome: Outcome): Effect.Effect<void, Reported> =>
  outcome.exitCode === 0 ? Effect.void : new Reported({ exitCode: outcome.exitCode })
