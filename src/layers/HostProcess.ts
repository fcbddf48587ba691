/**
 * Starts the host of a store: this very program as a process of its own, in a session of its own, without a terminal. What
 * it says goes into a file of the store. It tells its starter over a channel of their own that it is ready, or why not.
 */
import { Effect, Predicate, Schema } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync } from "node:fs"
import { HostFailed } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"
import { openLog } from "./HostLog.ts"
import { programFile } from "./ProgramFile.ts"
import type { StoreFiles } from "./store/StoreFiles.ts"

/** What the host tells its starter: null when it is ready, else why it is not. */
export const Told = Schema.fromJsonString(Schema.NullOr(Schema.toCodecJson(Failure)))

/** A large store is looked through first. */
const startsWithin = "60 seconds"

export interface HostOptions {
  readonly files: StoreFiles
  /** Path of the Node that runs it. */
  readonly node: string
  /** Directory of the project. */
  readonly project: string
  readonly env: Readonly<Record<string, string>>
}

const failed = (directory: string, detail: string) => new Failure({ reason: new HostFailed({ directory, detail }) })

const textOf = (error: unknown): string => error instanceof Error ? error.message : String(error)

/** The first word of it, or its end without one. */
const heard = (child: ChildProcess, directory: string) =>
  Effect.callback<void, Failure>((resume) => {
    const end = (detail: string) => resume(failed(directory, detail))
    child.once("error", (error) => end(error.message))
    child.once("exit", (code, signal) => end(`it ended with ${signal ?? `exit code ${code}`}`))
    child.once("message", (text) =>
      resume(
        Schema.decodeUnknownEffect(Told)(text).pipe(
          Effect.mapError(() => failed(directory, "what it said was not understood")),
          Effect.flatMap((failure) => failure === null ? Effect.void : failure)
        )
      ))
  })

/** Succeeds when it is ready. Whoever is interrupted meanwhile leaves it: it ends by itself when nobody needs it. */
export const start = Effect.fn("HostProcess.start")(function*({ env, files, node, project }: HostOptions) {
  const { directory } = files
  const child = yield* Effect.acquireUseRelease(
    Effect.try({ try: () => openLog(files.log), catch: (error) => failed(directory, textOf(error)) }),
    (log) =>
      Effect.try({
        try: () =>
          spawn(node, [programFile, "serve", "--until-idle", "--store", directory], {
            cwd: project,
            env,
            detached: true,
            stdio: ["ignore", log, log, "ipc"]
          }),
        catch: (error) => failed(directory, textOf(error))
      }),
    (log) => Effect.sync(() => closeSync(log))
  )
  // Neither the process nor the channel keeps this one.
  child.unref()
  yield* heard(child, directory).pipe(
    Effect.timeoutOrElse({
      duration: startsWithin,
      orElse: () => failed(directory, `it was not ready within ${startsWithin}`)
    }),
    Effect.ensuring(Effect.sync(() => {
      child.removeAllListeners().on("error", () => undefined)
      if (child.connected) child.disconnect()
    }))
  )
})

/** Whether something failed because another process owns the store. */
export const isOwned = (failure: Failure): boolean => Predicate.isTagged(failure.reason, "StoreOwned")
