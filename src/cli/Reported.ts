/**
 * How a command fails: the reason where its caller looks for it, an exit code, and no stack trace.
 */
import { Console, Data, Effect, Runtime } from "effect"
import { fail, type Failure, type Reason } from "../domain/Failure.ts"
import { type FailureView, viewFailure } from "../domain/TaskView.ts"
import { PoolDefect } from "../domain/WorkerFailure.ts"
import type { ExitCode } from "./ExitCode.ts"
import { Format } from "./Format.ts"
import { lastLines, oneLine } from "./Printable.ts"
import { Styles } from "./Styles.ts"

/** The user has been told. The entry point sets the exit code and says nothing more. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exitCode: ExitCode }> {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.exitCode
}

type Complaint = Pick<FailureView, "message" | "hint" | "output" | "evidence">

/** So many lines of a failed command are enough to see why, or where to look. */
const outputLines = 20

/** `error: …` and `hint: …`, on stderr; what a failed check said last, or why a task is in quarantine, is between them. */
export const complain = (error: Complaint): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { bad, faint } = (yield* Styles).stderr
    yield* Console.error(`${bad("error:")} ${error.message}`)
    for (const line of error.output === undefined ? [] : lastLines(error.output, outputLines)) {
      yield* Console.error(`  ${line}`)
    }
    for (const { attempt, detail, reason, slot } of error.evidence ?? []) {
      yield* Console.error(`  ${oneLine(`attempt ${attempt} on ${slot}: ${reason}: ${detail}`)}`)
    }
    if (error.hint !== "") yield* Console.error(`${faint("hint:")} ${error.hint}`)
  })

/** Tells of a failure, in the form that was asked for. */
export const tellFailure = (reason: Reason): Effect.Effect<void> =>
  Effect.flatMap(
    Format,
    (format) =>
      format === "json" ? Console.log(JSON.stringify({ error: viewFailure(reason) })) : complain(viewFailure(reason))
  )

export const reportFailure = ({ exitCode, reason }: Failure): Effect.Effect<never, Reported> =>
  Effect.andThen(tellFailure(reason), new Reported({ exitCode }))

/** A bug. Its trace is for the authors: the user gets one line. */
export const reportDefect = (defect: unknown, version: string): Effect.Effect<never, Reported> => {
  const what = defect instanceof Error ? defect.message : String(defect)
  return reportFailure(fail(new PoolDefect({ detail: `${what} (version ${version})` })))
}
