/**
 * Brings the tables up to what this program knows, and refuses a file that it does not know.
 *
 * The version is SQLite's `user_version`, and is written in the same transaction as the step that leads to it: a process
 * that is killed in between leaves the version before, whole.
 */
import { Effect } from "effect"
import { SqlClient } from "effect/sql"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { fail } from "../../domain/Failure.ts"
import { steps } from "./Tables.ts"

/** Marks the file as a store of ours: "clpo". */
const applicationId = 0x636c706f

/** The version of the schema that this program writes. */
export const currentVersion = steps.length

/** The version of the schema in the file, 0 if it is empty. Fails if it is not a store, or a newer program's. */
export const schemaVersion = Effect.fn("Store.schemaVersion")(function*(directory: string) {
  const sql = yield* SqlClient.SqlClient
  const [file] = yield* sql<{ readonly application: number; readonly version: number; readonly objects: number }>`
    SELECT application_id AS application, user_version AS version, (SELECT count(*) FROM sqlite_schema) AS objects
    FROM pragma_application_id, pragma_user_version`
  if (file === undefined || file.objects === 0) return 0
  if (file.application !== applicationId) {
    return yield* fail(
      new StoreUnusable({ directory, problem: "corrupt", detail: "its database was not made by claude-pool" })
    )
  }
  if (file.version > currentVersion) {
    const detail = `its schema has version ${file.version}, and this program knows ${currentVersion}`
    return yield* fail(new StoreUnusable({ directory, problem: "newer", detail }))
  }
  return file.version
})

/** Takes the steps that are missing, each in one transaction. */
export const migrate = Effect.fn("Store.migrate")(function*(directory: string) {
  const sql = yield* SqlClient.SqlClient
  const from = yield* schemaVersion(directory)
  const run = (statement: string) => sql.unsafe(statement).unprepared

  const mustRefer = Effect.flatMap(
    run("PRAGMA foreign_key_check"),
    (rows) =>
      rows.length === 0 ? Effect.void : fail(new StoreUnusable({ directory, problem: "corrupt", detail: dangling }))
  )

  const take = Effect.fnUntraced(function*(step: ReadonlyArray<string>, version: number) {
    yield* Effect.forEach(step, run, { discard: true })
    yield* mustRefer
    yield* run(`PRAGMA application_id = ${applicationId}`)
    yield* run(`PRAGMA user_version = ${version}`)
  }, sql.withTransaction)

  // Within a transaction, SQLite does not hear of this: a table that is replaced takes its rows along only without them.
  yield* Effect.acquireUseRelease(
    run("PRAGMA foreign_keys = OFF"),
    () => Effect.forEach(steps.slice(from), (step, index) => take(step, from + index + 1), { discard: true }),
    () => run("PRAGMA foreign_keys = ON")
  ).pipe(Effect.when(Effect.succeed(from < currentVersion)))
  if (from > 0) yield* learnToShrink
})

/**
 * A database that older programs made does not give its free pages back until it is written anew, once: that takes
 * half a second for each 100 MiB on a quiet disk, and as much room again. Where there is none, it goes on as before.
 */
const learnToShrink = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const [file] = yield* sql<{ readonly auto_vacuum: number }>`PRAGMA auto_vacuum`
  if (file?.auto_vacuum !== 0) return
  yield* sql.unsafe("PRAGMA auto_vacuum = INCREMENTAL").unprepared
  yield* Effect.ignore(sql.unsafe("VACUUM").unprepared)
})

const dangling = "a row of it refers to one that is not there"
