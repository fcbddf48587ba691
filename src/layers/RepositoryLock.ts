/**
 * A lock over processes: held by the kernel for whoever has it, and given back however that one ends. SQLite is what
 * Node has of such locks.
 */
import { Duration, Effect, Predicate, Schedule } from "effect"
import type { SqlError } from "effect/sql"
import { Failure } from "../domain/Failure.ts"
import { GitFailed, RepositoryLocked } from "../domain/WorkspaceFailure.ts"
import * as NodeSqlite from "./NodeSqlite.ts"

const lookEvery = Schedule.spaced("20 millis")

/** How long one waits for another who makes a worktree of a large repository. */
const patience = Duration.minutes(2)

/** Only that is worth waiting for: a file that cannot be read, or is no lock, stays as it is. */
const isHeld = (error: SqlError.SqlError): boolean => error.reason._tag === "LockTimeoutError"

const locked = (file: string) => new Failure({ reason: new RepositoryLocked({ repository: file }) })

const unusable = (file: string, { reason }: SqlError.SqlError) =>
  new Failure({
    reason: new GitFailed({
      repository: file,
      verb: "lock",
      code: null,
      detail: Predicate.isError(reason.cause) ? reason.cause.message : reason.message
    })
  })

/** Holds the lock of a file until the scope closes. Fails with `RepositoryLocked` where nobody lets go of it. */
export const lockFile = Effect.fn("RepositoryLock.hold")(function*(file: string) {
  const sql = yield* NodeSqlite.make({
    file,
    // Not to wait inside of SQLite: the whole thread would.
    busyTimeout: Duration.zero,
    pragmas: ["journal_mode = MEMORY"]
  })
  yield* sql.unsafe("BEGIN EXCLUSIVE").unprepared
  yield* Effect.addFinalizer(() => Effect.ignore(sql.unsafe("ROLLBACK").unprepared))
}, (hold, file) =>
  hold.pipe(
    Effect.retry({ schedule: lookEvery, while: isHeld }),
    Effect.mapError((error) => isHeld(error) ? locked(file) : unusable(file, error)),
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.fail(locked(file)) })
  ))
