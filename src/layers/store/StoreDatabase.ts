/**
 * The database of a store's directory, as it is opened: to be examined, to be read, or to be written by its owner.
 */
import { Effect, Equal, FileSystem, Layer } from "effect"
import { SqlClient } from "effect/sql"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import { currentVersion, migrate, schemaVersion } from "../../services/store/Migrations.ts"
import { withFailures } from "../../services/store/StorageError.ts"
import { ask, questions, verifyRows } from "../../services/store/Verify.ts"
import * as NodeSqlite from "../NodeSqlite.ts"
import { type StoreFiles, withFileFailures } from "./StoreFiles.ts"

type Database = Layer.Layer<SqlClient.SqlClient, Failure>

/** What is looked through beside the first page: nothing, what is quick to see, or every row of it. */
export type Thoroughness = "none" | "quick" | "whole"

/**
 * The version of the database's schema, 0 where there is none yet. Fails if it is not one that this program can use, or if
 * damage is seen in it. Reads only, so that what is damaged stays as it was found.
 */
export const examine = Effect.fn("StoreDatabase.examine")(
  function*({ database, directory }: StoreFiles, options: { readonly check: Thoroughness }) {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* fs.exists(database).pipe(withFileFailures(directory)))) return 0

    return yield* Effect.gen(function*() {
      const sql = yield* NodeSqlite.make({ file: database, readOnly: true })
      const version = yield* Effect.provideService(schemaVersion(directory), SqlClient.SqlClient, sql)
      if (options.check === "none" || version === 0) return version
      const found = yield* Effect.provideService(lookThrough(version, options.check), SqlClient.SqlClient, sql)
      return found === null ? version : yield* corrupt({ database, directory }, found)
    }).pipe(withFailures(directory, database))
  },
  Effect.scoped
)

const lookThrough = Effect.fnUntraced(function*(version: number, check: Thoroughness) {
  const damage = yield* ask(questions(check === "whole" ? "integrity_check" : "quick_check", version))
  if (damage !== null || check === "quick" || version < currentVersion) return damage
  if (!Equal.equals(yield* tables, yield* Effect.provide(made, NodeSqlite.layer({ file: ":memory:" })))) {
    return "its tables are not what this program makes"
  }
  return yield* verifyRows()
})

const tables = Effect.flatMap(
  SqlClient.SqlClient,
  (sql) =>
    Effect.map(
      sql<{ readonly sql: string | null }>`SELECT sql FROM sqlite_schema ORDER BY type, name`,
      (rows) => rows.map((row) => row.sql)
    )
)

const made = Effect.andThen(Effect.orDie(migrate(":memory:")), tables)

export const corrupt = ({ database, directory }: Pick<StoreFiles, "database" | "directory">, found: string) =>
  fail(new StoreUnusable({ directory, problem: "corrupt", detail: `${database} is damaged: ${found}` }))

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
