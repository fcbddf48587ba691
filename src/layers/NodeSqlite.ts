/**
 * Effect's `SqlClient` over `node:sqlite`, the SQLite inside Node: one connection, and one statement at a time.
 */
import { Array, Cause, Duration, Effect, Layer, Predicate, type Scope, Semaphore, Stream } from "effect"
import { Reactivity } from "effect/reactivity"
import { SqlClient, type SqlConnection, SqlError, Statement } from "effect/sql"
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"

export interface NodeSqliteOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  /** Opens an existing file, and refuses every write. */
  readonly readOnly?: boolean
  /** How long a statement waits, the whole thread with it, for a lock that another process holds. */
  readonly busyTimeout?: Duration.Duration
  /** Run when the connection opens, in place of the ones that make it durable. */
  readonly pragmas?: ReadonlyArray<string>
}

/**
 * Every commit survives a power cut, readers never wait for the writer, and what is free is given back: pages, where the
 * file is new, and the journal.
 */
const durable = [
  "auto_vacuum = INCREMENTAL",
  "journal_mode = WAL",
  "synchronous = FULL",
  "journal_size_limit = 67108864"
]

const defaultBusyTimeout = Duration.seconds(5)
const statementsKept = 128
const rowsPerChunk = 128

const compiler = Statement.makeCompilerSqlite()

export const layer = (options: NodeSqliteOptions): Layer.Layer<SqlClient.SqlClient, SqlError.SqlError> =>
  Layer.effect(SqlClient.SqlClient, make(options))

export const make = Effect.fnUntraced(function*(
  options: NodeSqliteOptions
): Effect.fn.Return<SqlClient.SqlClient, SqlError.SqlError, Scope.Scope> {
  const database = yield* open(options)
  const semaphore = yield* Semaphore.make(1)
  const acquirers = SqlClient.makeSqliteAcquirers({
    connection: Effect.succeed(connect(database)),
    semaphore,
    // SQLite may end a transaction by itself, as when the disk is full: then there is nothing to roll back.
    isTransaction: () => database.isTransaction
  })
  return yield* SqlClient.make({
    ...acquirers,
    compiler,
    driver: "node-sqlite",
    spanAttributes: [["db.system.name", "sqlite"]],
    beginTransaction: "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  }).pipe(Effect.provideServiceEffect(Reactivity.Reactivity, Reactivity.make))
})

const open = Effect.fnUntraced(function*(options: NodeSqliteOptions) {
  const { busyTimeout = defaultBusyTimeout, file, readOnly = false } = options
  // Loaded when first used: on Node 22 the module warns that it is experimental, and only who opens a store is to hear it.
  const { DatabaseSync } = yield* Effect.promise(() => import("node:sqlite"))
  const database = yield* Effect.acquireRelease(
    attempt("open", () => new DatabaseSync(file, { readOnly })),
    (database) => Effect.sync(() => database.close())
  )
  // The timeout comes first: turning on the journal may meet a lock, too.
  const pragmas = [
    `busy_timeout = ${Duration.toMillis(busyTimeout)}`,
    "foreign_keys = ON",
    "cell_size_check = ON",
    ...options.pragmas ?? (readOnly ? [] : durable)
  ]
  yield* attempt("open", () => {
    for (const pragma of pragmas) database.exec(`PRAGMA ${pragma}`)
  })
  return database
})

/** Rows are never transformed: the client is made without a transformation. */
const connect = (database: DatabaseSync): SqlConnection.Connection => {
  const prepare = keepStatements(database)

  const execute = (sql: string, params: ReadonlyArray<unknown>) =>
    attempt("execute", () => prepare(sql).all(...params.map(toInput)))

  const executeUnprepared = (sql: string, params: ReadonlyArray<unknown>) =>
    attempt("execute", () => database.prepare(sql).all(...params.map(toInput)))

  const executeValues = (sql: string, params: ReadonlyArray<unknown>) =>
    attempt("execute", () => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return statement.all(...params.map(toInput)) as ReadonlyArray<unknown> as ReadonlyArray<ReadonlyArray<unknown>>
    })

  // A statement of its own: to run it a second time would take away the rows that are still to be read.
  const executeStream = (sql: string, params: ReadonlyArray<unknown>) =>
    attempt("execute", () => untilEnd(database.prepare(sql).iterate(...params.map(toInput)))).pipe(
      Effect.map((rows) => Effect.filterOrElse(nextChunk(rows), Array.isArrayNonEmpty, () => Cause.done())),
      Stream.fromPull
    )

  return {
    execute,
    executeRaw: execute,
    executeValues,
    executeValuesUnprepared: executeValues,
    executeUnprepared,
    executeStream
  }
}

/** Prepares each statement once, and forgets the one longest unused. */
const keepStatements = (database: DatabaseSync) => {
  const kept = new Map<string, StatementSync>()
  return (sql: string): StatementSync => {
    const statement = kept.get(sql) ?? database.prepare(sql)
    kept.delete(sql)
    kept.set(sql, statement)
    for (const oldest of kept.keys()) {
      if (kept.size <= statementsKept) break
      kept.delete(oldest)
    }
    return statement
  }
}

/** Asked again at the end, it stays there: on Node 22 the rows themselves would begin anew. */
const untilEnd = function*<A>(rows: Iterable<A>): Generator<A> {
  yield* rows
}

const nextChunk = <A>(rows: Iterator<A, unknown>) =>
  attempt("execute", () => {
    const chunk: Array<A> = []
    while (chunk.length < rowsPerChunk) {
      const next = rows.next()
      if (next.done === true) break
      chunk.push(next.value)
    }
    return chunk
  })

/** SQLite has no booleans. */
const toInput = (value: unknown): SQLInputValue => Predicate.isBoolean(value) ? Number(value) : value as SQLInputValue

const attempt = <A>(operation: string, run: () => A): Effect.Effect<A, SqlError.SqlError> =>
  Effect.try({
    try: run,
    catch: (cause) => new SqlError.SqlError({ reason: SqlError.classifySqliteError(withErrno(cause), { operation }) })
  })

/** Node calls SQLite's result code `errcode`; other drivers, and those who classify it, call it `errno`. */
const withErrno = (cause: unknown): unknown =>
  Predicate.isError(cause) && "errcode" in cause ? Object.assign(cause, { errno: cause.errcode }) : cause
