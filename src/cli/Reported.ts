/**
 * How a command fails: the reason where its caller looks for it, an exit code, and no stack trace.
 */
import { Console, Data, Effect, Runtime } from "effect"
import { fail, type Failure, type Reason } from "../domain/Failure.ts"
import { viewFailure } from "../domain/TaskView.ts"
import { PoolDefect } from "../domain/WorkerFailure.ts"
import type { ExitCode } from "./ExitCode.ts"
import { Format } from "./Format.ts"
import { Styles } from "./Styles.ts"

/** The user has been told. The entry point sets the exit code and says nothing more. */
export class Reported extends Data.TaggedError("Reported")<{ readonly exitCode: ExitCode }> {
  override readonly [Runtime.errorReported] = false
  override readonly [Runtime.errorExitCode] = this.exitCode
}

/** `error: …` and `hint: …`, on stderr. */
export const complain = (error: { readonly message: string; readonly hint: string }): Effect.Effect<void> =>
  Effect.gen(function*() {
    const { bad, faint } = (yield* Styles).stderr
    yield* Console.error(`${bad("error:")} ${error.message}`)
    if (error.hint !== "") yield* Console.error(`${faint("hint:")} ${error.hint}`)
  })

/** Tells of a failure, in the form that was asked for. */
export const tellFailure = (reason: Reason): Effect.Effect<void> =>
  Effect.flatMap(
    Format,
    (format) => format === "json" ? Console.log(JSON.stringify({ error: viewFailure(reason) })) : complain(reason)
  )

export const reportFailure = ({ exitCode, reason }: Failure): Effect.Effect<never, Reported> =>
  Effect.andThen(tellFailure(reason), new Reported({ exitCode }))

/** A bug. Its trace is for the authors: the user gets one line. */
export const reportDefect = (defect: unknown, version: string): Effect.Effect<never, Reported> => {
  const what = defect instanceof Error ? defect.message : String(defect)
  return reportFailure(fail(new PoolDefect({ detail: `${what} (version ${version})` })))
}
