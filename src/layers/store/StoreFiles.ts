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
  /** Where the pool that owns the store can be reached, while it can. */
  readonly socket: string
  /** What the host says that nobody hears. */
  readonly log: string
}

export const storeFiles = (directory: string): Effect.Effect<StoreFiles, never, Path.Path> =>
  Effect.map(Path.Path, (path) => ({
    directory,
    database: path.join(directory, "store.db"),
    lock: path.join(directory, "lock.db"),
    owner: path.join(directory, "owner.json"),
    ignore: path.join(directory, ".gitignore"),
    socket: path.join(directory, "socket.json"),
    log: path.join(directory, "host.log")
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
  const path = yield* Path.Path
  // Exclusively: to open a file that SQLite has locked, and to close it again, would take the lock away.
  const create = (file: string, text: string) =>
    Effect.catchIf(
      fs.writeFileString(file, text, { flag: "wx", mode: privateFile }),
      (error) => error.reason._tag === "AlreadyExists",
      () => Effect.void
    )

  // One by one: where a directory cannot hold another, as in /proc, Node's own recursion never ends.
  const makeDirectories = (directory: string): Effect.Effect<void, PlatformError.PlatformError> =>
    fs.makeDirectory(directory, { mode: privateDirectory }).pipe(
      Effect.catchIf(
        (error) => error.reason._tag === "NotFound" && path.dirname(directory) !== directory,
        (error) =>
          Effect.flatMap(fs.exists(path.dirname(directory)), (there) =>
            there
              ? Effect.fail(error)
              : Effect.andThen(makeDirectories(path.dirname(directory)), makeDirectories(directory)))
      ),
      Effect.catchIf(
        (error) => error.reason._tag === "AlreadyExists",
        (error) =>
          Effect.flatMap(fs.stat(directory), (info) => info.type === "Directory" ? Effect.void : Effect.fail(error))
      )
    )

  yield* Effect.gen(function*() {
    yield* makeDirectories(files.directory)
    yield* create(files.ignore, ignored)
    yield* create(files.lock, "")
    // Its journal takes over its mode.
    yield* create(files.database, "")
  }).pipe(withFileFailures(files.directory))
})

/**
 * Fails if others may read or write the database. A pool makes it for its user alone, and git does not keep that: one
 * that others can read may have come with a repository, and what waits in it would be run.
 */
export const mustBePrivate = Effect.fn("StoreFiles.mustBePrivate")(function*(files: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  const { mode } = yield* withFileFailures(files.directory)(fs.stat(files.database))
  if ((mode & 0o077) === 0) return
  return yield* fail(
    new StoreUnusable({
      directory: files.directory,
      problem: "exposed",
      detail: `${files.database} is not its user's alone (mode ${(mode & 0o777).toString(8)})`
    })
  )
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
