/**
 * A task on its way out: its answer on stdout, how it went on stderr, and the exit code.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Machine } from "../services/Machine.ts"
import type { Pool } from "../services/Pool.ts"
import { answerOf } from "./Answer.ts"
import { exitCodeOf } from "./ExitCode.ts"
import { Format, note, show } from "./Format.ts"
import { printable } from "./Printable.ts"
import { complain, Reported } from "./Reported.ts"
import { Styles } from "./Styles.ts"
import { closingLine, deniedLine } from "./TaskLines.ts"

/** Exact for a program; on a terminal without what would steer it. */
export const forStdout = (text: string): Effect.Effect<string, never, Machine> =>
  Effect.map(Machine, ({ stdoutIsTerminal }) => (stdoutIsTerminal ? printable(text) : text).replace(/\n$/, ""))

/** The answer, and the closing line. */
export const showTask = (task: TaskView): Effect.Effect<void, Failure, Machine | Pool> =>
  Effect.gen(function*() {
    const output = yield* answerOf(task)
    const text = output === "" && task.structured !== undefined ? JSON.stringify(task.structured) : output
    if (task.state === "done" || (yield* Format) === "json") {
      yield* show({ json: { ...task, output }, text: yield* forStdout(text) })
    }
    const { faint } = (yield* Styles).stderr
    yield* note(faint(closingLine(task)))
    const denied = deniedLine(task)
    if (denied !== null) yield* note(denied)
    if (task.error !== undefined && (yield* Format) === "text") yield* complain(task.error)
  })

/** Ends the command as the task ended. */
export const exitAs = (task: TaskView): Effect.Effect<void, Reported> => {
  const exitCode = exitCodeOf(task)
  return exitCode === 0 ? Effect.void : new Reported({ exitCode })
}
