/**
 * What can go wrong with the rows of a store, and the one failure that it becomes.
 */
import { Effect, Option, Predicate, Schema } from "effect"
import { SqlError, UnknownError } from "effect/sql/SqlError"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../../domain/Failure.ts"

/** SQLite did not do it, or a row is not what was once written. */
export type StorageError = SqlError | Schema.SchemaError

/** `effect`, with its storage errors as failures of the store in `directory`, or of one file there. */
export const withFailures =
  (directory: string, file?: string) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, StorageError> | Failure, R> =>
    Effect.catch(effect, (error): Effect.Effect<never, Exclude<E, StorageError> | Failure> => {
      if (!isStorageError(error)) return Effect.fail(error as Exclude<E, StorageError>)
      if (isDefect(error)) return Effect.die(error)
      const detail = `${file === undefined ? "" : `${file}: `}${detailOf(error)}`
      return fail(new StoreUnusable({ directory, problem: problemOf(error), detail }))
    })

/** A row that is not the one that was asked for: where SQLite looks it up, something is damaged. */
export const damaged = (what: string): SqlError =>
  new SqlError({ reason: new UnknownError({ message: what, cause: Object.assign(new Error(what), { errno: 11 }) }) })

/** `withFailures` of one store. */
export type WithFailures = ReturnType<typeof withFailures>

export const isStorageError = (error: unknown): error is StorageError =>
  Predicate.isTagged(error, "SqlError") || Predicate.isTagged(error, "SchemaError")

/** A constraint that does not hold is a defect of the program: what a caller may do wrong is asked before writing. */
export const isDefect = (error: StorageError): boolean =>
  error._tag === "SqlError" && (error.reason._tag === "UniqueViolation" || error.reason._tag === "ConstraintError")

const decodeFault = Schema.decodeUnknownOption(Schema.Struct({ errno: Schema.Int }))

/** SQLite's result code, as its driver hands it on; null where the error is not SQLite's own. */
const resultCode = (error: SqlError): number | null =>
  Option.match(decodeFault(error.reason.cause), { onNone: () => null, onSome: ({ errno }) => errno })

export const problemOf = (error: StorageError): StoreUnusable["problem"] => {
  if (error._tag === "SchemaError") return "corrupt"
  // The low byte names the kind; the rest says where it came from.
  switch ((resultCode(error) ?? 0) & 0xff) {
    case 1: // SQLITE_ERROR: the tables are not the ones that the statements were written for
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
      return "corrupt"
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
      return "read-only"
    case 13: // SQLITE_FULL
      return "full"
    default:
      return "io"
  }
}

export const detailOf = (error: StorageError): string => {
  if (error._tag === "SchemaError") return `a row cannot be read: ${error.message}`
  const { cause } = error.reason
  const text = Predicate.isError(cause) ? cause.message : error.message
  const code = resultCode(error)
  return code === null ? text : `${text} (SQLite error ${code})`
}
