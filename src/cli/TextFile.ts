/**
 * Text files that arguments and flags name.
 */
import { Effect, FileSystem, Path } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Machine } from "../services/Machine.ts"

export type Files = FileSystem.FileSystem | Path.Path | Machine

/** A mistake in a file that `flag` has named. */
export const refuseFile = (flag: string, file: string, problem: string, hint: string): Failure =>
  fail(new InvalidRequest({ issues: [`${flag} ${file}: ${problem}`], hint }))

export const readText = (flag: string, file: string): Effect.Effect<string, Failure, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    return yield* fs.readFileString(path.resolve(cwd, file))
  }).pipe(
    Effect.catchReason("PlatformError", "NotFound", () =>
      refuseFile(flag, file, "there is no such file", "a relative path is meant from the current directory")),
    Effect.catchTag("PlatformError", (error) =>
      refuseFile(flag, file, error.message, "make it a readable file"))
  )
