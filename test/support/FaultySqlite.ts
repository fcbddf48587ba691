/**
 * SQLite over a disk that fails: any statement of this process can be made to end as it would there.
 */
import { Effect, type Scope } from "effect"
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"

/** What SQLite says where the system says this: its result code, with the extended part. */
export const faults = {
  ENOSPC: { code: 13, problem: "full" },
  EDQUOT: { code: 778, problem: "io" },
  EIO: { code: 1034, problem: "io" },
  EROFS: { code: 8, problem: "read-only" },
  EMFILE: { code: 14, problem: "io" },
  SQLITE_BUSY: { code: 5, problem: "io" },
  SQLITE_CORRUPT: { code: 11, problem: "corrupt" },
  SQLITE_NOTADB: { code: 26, problem: "corrupt" }
} as const
export type Fault = keyof typeof faults

/** Says of each statement whether it fails, and how; null: it does not. */
export type Judge = (statement: string) => Fault | null

const faultOf = (fault: Fault) =>
  Object.assign(new Error(`${fault}, as scripted`), { code: "ERR_SQLITE_ERROR", errcode: faults[fault].code })

/**
 * From now on until the scope ends, statements are judged first. As on a real disk, what goes wrong inside a transaction
 * may have ended it already: every other time it has.
 */
export const judgeStatements = (judge: Judge): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const { prepare } = DatabaseSync.prototype
      const probe = new DatabaseSync(":memory:")
      const statements: StatementSync = Object.getPrototypeOf(probe.prepare("SELECT 1"))
      probe.close()
      const { all } = statements
      const databases = new WeakMap<StatementSync, DatabaseSync>()
      let count = 0
      DatabaseSync.prototype.prepare = function(this: DatabaseSync, ...given: Parameters<typeof prepare>) {
        const statement = prepare.apply(this, given)
        databases.set(statement, this)
        return statement
      }
      const judged = function(this: StatementSync, ...given: Array<SQLInputValue>) {
        const fault = judge(this.sourceSQL)
        if (fault === null) return all.apply<StatementSync, Array<SQLInputValue>, ReturnType<typeof all>>(this, given)
        const database = databases.get(this)
        if (count++ % 2 === 0 && database?.isTransaction === true) database.exec("ROLLBACK")
        throw faultOf(fault)
      }
      statements.all = judged as typeof all
      return () => {
        DatabaseSync.prototype.prepare = prepare
        statements.all = all
      }
    }),
    (restore) => Effect.sync(restore)
  ).pipe(Effect.asVoid)
