/**
 * Who owns a store: one process, for as long as it lives.
 *
 * The kernel keeps the lock, and takes it back however the process ends: nobody has to guess from a process id or from
 * the age of a file. What `owner.json` says is for people. Where it was left behind, the owner did not end well.
 */
import { DateTime, Duration, Effect, FileSystem, Option, Schema } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { pid } from "node:process"
import { StoreOwned } from "../../domain/EnvironmentFailure.ts"
import { fail } from "../../domain/Failure.ts"
import { withFailures } from "../../services/store/StorageError.ts"
import * as NodeSqlite from "../NodeSqlite.ts"
import { privateFile, type StoreFiles, withFileFailures } from "./StoreFiles.ts"

/** An owner, as far as it has said who it is. */
export class StoreOwner extends Schema.Class<StoreOwner>("claude-pool/StoreOwner")({
  pid: Schema.NullOr(Schema.Int),
  owner: Schema.NullOr(Schema.String),
  since: Schema.NullOr(Schema.DateTimeUtcFromString)
}) {
  static readonly unknown = new StoreOwner({ pid: null, owner: null, since: null })
}

const OwnerFile = Schema.fromJsonString(StoreOwner)

/** Who owns the store has the lock for long, and who only looks has it for a moment: to wait is for the second alone. */
const lockWait = Duration.millis(10)
const lockTries = 50

/**
 * Makes this process the owner until the scope ends, or fails with `StoreOwned`. Says whether the last owner left in
 * good order.
 */
export const own = Effect.fn("StoreOwner.own")(function*(files: StoreFiles, owner: string) {
  const fs = yield* FileSystem.FileSystem
  yield* lock(files).pipe(
    Effect.catchIf(isLocked, () => Effect.flatMap(describe(files), (owner) => owned(files.directory, owner))),
    withFailures(files.directory, "lock.db")
  )
  return yield* Effect.gen(function*() {
    const isClean = !(yield* fs.exists(files.owner))
    const text = yield* Effect.orDie(
      Schema.encodeEffect(OwnerFile)(new StoreOwner({ pid, owner, since: yield* DateTime.now }))
    )
    yield* Effect.acquireRelease(
      fs.writeFileString(files.owner, text, { mode: privateFile }),
      () => Effect.ignore(fs.remove(files.owner))
    )
    return { isClean }
  }).pipe(withFileFailures(files.directory))
})

/** The owner there is now. */
export const ownerOf = Effect.fn("StoreOwner.ownerOf")(function*(files: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  if (!(yield* Effect.orElseSucceed(fs.exists(files.lock), () => false))) return Option.none()
  return yield* look(files).pipe(
    Effect.as(Option.none()),
    Effect.catchIf(isLocked, () => Effect.asSome(describe(files))),
    withFailures(files.directory, "lock.db")
  )
})

export const owned = (directory: string, { owner, pid }: StoreOwner) => fail(new StoreOwned({ directory, pid, owner }))

const lock = Effect.fnUntraced(function*(files: StoreFiles) {
  const sql = yield* NodeSqlite.make({
    file: files.lock,
    busyTimeout: lockWait,
    pragmas: ["locking_mode = EXCLUSIVE", "journal_mode = MEMORY"]
  })
  // The transaction is never ended: it is the lock.
  yield* sql.unsafe("BEGIN EXCLUSIVE").unprepared.pipe(
    Effect.retry({
      times: lockTries,
      while: (error) => isLocked(error) ? Effect.isSuccess(look(files)) : Effect.succeed(false)
    })
  )
})

const look = Effect.fnUntraced(
  function*(files: StoreFiles) {
    const sql = yield* NodeSqlite.make({ file: files.lock, busyTimeout: Duration.zero, readOnly: true })
    yield* sql`SELECT count(*) FROM sqlite_schema`
  },
  Effect.scoped
)

/** Tolerates a file that is not there yet, or was written in part. */
const describe = (files: StoreFiles) =>
  FileSystem.FileSystem.pipe(
    Effect.flatMap((fs) => fs.readFileString(files.owner)),
    Effect.flatMap(Schema.decodeEffect(OwnerFile)),
    Effect.orElseSucceed(() => StoreOwner.unknown)
  )

const isLocked = (error: SqlError): boolean => error.reason._tag === "LockTimeoutError"
