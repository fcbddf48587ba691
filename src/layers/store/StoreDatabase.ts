/**
 * The database of a store's directory, as it is opened: to be examined, to be read, or to be written by its owner.
 */
import { Effect, FileSystem, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import { schemaVersion } from "../../services/store/Migrations.ts"
import { withFailures } from "../../services/store/StorageError.ts"
import * as NodeSqlite from "../NodeSqlite.ts"
import { type StoreFiles, withFileFailures } from "./StoreFiles.ts"

type Database = Layer.Layer<SqlClient.SqlClient, Failure>

/**
 * The version of the database's schema, 0 where there is none yet. Fails if it is not one that this program can use; with
 * `check`, also if any of its pages is damaged. Reads only, so that what is damaged stays as it was found.
 */
export const examine = Effect.fn("StoreDatabase.examine")(
  function*({ database, directory }: StoreFiles, options: { readonly check: boolean }) {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(database).pipe(withFileFailures(directory)))) return 0

    return yield* Effect.gen(function*() {
      const sql = yield* NodeSqlite.make({ file: database, readOnly: true })
      const version = yield* Effect.provideService(schemaVersion(directory), SqlClient.SqlClient, sql)
      if (!options.check) return version
      const [result] = yield* sql<{ readonly quick_check: string }>`PRAGMA quick_check(1)`
      if (result?.quick_check === "ok") return version
      const detail = `${database} is damaged: ${result?.quick_check}`
      return yield* fail(new StoreUnusable({ directory, problem: "corrupt", detail }))
    }).pipe(withFailures(directory, database))
  },
  Effect.scoped
)

/** For the owner. When it is closed, the journal is worked in, as far as readers permit. */
export const writable = ({ database, directory }: StoreFiles): Database =>
  Layer.effect(
    SqlClient.SqlClient,
    Effect.tap(
      NodeSqlite.make({ file: database }),
      (sql) => Effect.addFinalizer(() => Effect.ignore(sql.unsafe("PRAGMA wal_checkpoint(PASSIVE)").unprepared))
    ).pipe(withFailures(directory, database))
  )

export const readable = ({ database, directory }: StoreFiles): Database =>
  Layer.effect(
    SqlClient.SqlClient,
    NodeSqlite.make({ file: database, readOnly: true }).pipe(withFailures(directory, database))
  )

/** A new one each time. */
export const inMemory = (directory: string): Database =>
  Layer.effect(SqlClient.SqlClient, NodeSqlite.make({ file: ":memory:" }).pipe(withFailures(directory)))
