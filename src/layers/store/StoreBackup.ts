/**
 * The copy of a database that is made before its tables are changed, and kept until its new owner has left in good order.
 */
import { Effect, FileSystem } from "effect"
import { withFailures } from "../../services/store/StorageError.ts"
import * as NodeSqlite from "../NodeSqlite.ts"
import { privateFile, type StoreFiles, withFileFailures } from "./StoreFiles.ts"

const prefix = "store.db.before-"

/** As a whole or not at all, in the place of an older one. `version` is that of the schema before the change. */
export const backUp = Effect.fn("StoreBackup.backUp")(function*({ database, directory }: StoreFiles, version: number) {
  const fs = yield* FileSystem.FileSystem
  const copy = `${database}.before-${version + 1}`
  const partial = `${copy}.part`
  const failing = withFileFailures(directory)
  yield* failing(fs.remove(partial, { force: true }))
  // SQLite takes an empty file over, and its mode with it.
  yield* failing(fs.writeFileString(partial, "", { mode: privateFile }))
  yield* Effect.gen(function*() {
    const sql = yield* NodeSqlite.make({ file: database, readOnly: true })
    yield* sql`VACUUM INTO ${partial}`
  }).pipe(Effect.scoped, withFailures(directory, database))
  yield* failing(fs.rename(partial, copy))
})

/** Removes all of them. */
export const dropBackups = Effect.fn("StoreBackup.drop")(function*({ directory }: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  const names = yield* fs.readDirectory(directory)
  yield* Effect.forEach(
    names.filter((name) => name.startsWith(prefix)),
    (name) => fs.remove(`${directory}/${name}`, { force: true }),
    { discard: true }
  )
}, (effect) => Effect.ignore(effect))
