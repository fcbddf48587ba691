/**
 * The files of a store's directory, which are nobody else's to read.
 */
import { Effect, FileSystem, Path, type PlatformError, Predicate } from "effect"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { fail } from "../../domain/Failure.ts"

export interface StoreFiles {
  readonly directory: string
  readonly database: string
  readonly lock: string
  readonly owner: string
  readonly ignore: string
}

export const storeFiles = (directory: string): Effect.Effect<StoreFiles, never, Path.Path> =>
  Effect.map(Path.Path, (path) => ({
    directory,
    database: path.join(directory, "store.db"),
    lock: path.join(directory, "lock.db"),
    owner: path.join(directory, "owner.json"),
    ignore: path.join(directory, ".gitignore")
  }))

/** What people write by hand is worth sharing; what the pool writes is not, this file with it. */
const ignored = `*
!/settings.json
!/plans/
!/plans/**
`

const privateDirectory = 0o700
export const privateFile = 0o600

/** Makes what is missing, for the owner of the process alone. What exists stays as it is. */
export const createStoreFiles = Effect.fn("StoreFiles.create")(function*(files: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  // Exclusively: to open a file that SQLite has locked, and to close it again, would take the lock away.
  const create = (file: string, text: string) =>
    Effect.catchIf(
      fs.writeFileString(file, text, { flag: "wx", mode: privateFile }),
      (error) => error.reason._tag === "AlreadyExists",
      () => Effect.void
    )

  yield* Effect.gen(function*() {
    yield* fs.makeDirectory(files.directory, { recursive: true, mode: privateDirectory })
    yield* create(files.ignore, ignored)
    yield* create(files.lock, "")
    // Its journal takes over its mode.
    yield* create(files.database, "")
  }).pipe(withFileFailures(files.directory))
})

/** `effect`, with the errors of the file system as failures of the store in `directory`. */
export const withFileFailures = (directory: string) =>
  Effect.mapError((error: PlatformError.PlatformError) =>
    fail(new StoreUnusable({ directory, problem: problemOf(error), detail: error.message }))
  )

const problemOf = ({ reason }: PlatformError.PlatformError): StoreUnusable["problem"] => {
  const code = Predicate.hasProperty(reason.cause, "code") ? reason.cause.code : undefined
  if (reason._tag === "PermissionDenied" || code === "EROFS") return "read-only"
  return code === "ENOSPC" || code === "EDQUOT" ? "full" : "io"
}
