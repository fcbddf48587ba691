/**
 * The log of what has happened, in the transaction of what it tells of.
 */
import { DateTime, Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { isLogged, LoggedEvent, PoolEvent } from "../../domain/PoolEvent.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import { damaged } from "./StorageError.ts"

/** With its time, so that this is sealed too; the first programs kept the bare event. */
const EventBody = bodyOf(Schema.Union([Schema.Struct({ at: LoggedEvent.fields.at, event: PoolEvent }), PoolEvent]))
const EventRow = Schema.Struct({ ...LoggedEvent.fields, event: EventBody })
const encode = encodeWith(EventBody)

const firstNumber = (rows: ReadonlyArray<{ readonly seq: number | null }>): number => rows[0]?.seq ?? 0

export type EventLog = Effect.Success<typeof makeEventLog>

export const makeEventLog = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  /** The write of an event that happens now, to be run in a transaction. */
  const entry = (event: PoolEvent): Effect.Effect<Effect.Effect<unknown, SqlError>> =>
    !isLogged(event) ? Effect.succeed(Effect.void) : Effect.map(
      Effect.flatMap(DateTime.now, (at) => Effect.map(encode({ at, event }), (body) => ({ at, body }))),
      ({ at, body }) => sql`INSERT INTO events ${sql.insert({ at: DateTime.toEpochMillis(at), body })}`
    )

  const rows = SqlSchema.findAll({
    Request: Schema.Struct({ since: Schema.Int, limit: Schema.Int }),
    Result: EventRow,
    execute: ({ limit, since }) =>
      sql`SELECT seq, at, body AS event FROM events WHERE seq > ${since} ORDER BY seq LIMIT ${limit}`
  })

  const endRows = SqlSchema.findAll({
    Request: Schema.Struct({ after: Schema.Int, to: Schema.Int, limit: Schema.Int }),
    Result: EventRow,
    // A quotation mark within a text of JSON has a backslash before it: only tags look like this.
    execute: ({ after, limit, to }) =>
      sql`SELECT seq, at, body AS event FROM events WHERE seq > ${after} AND seq <= ${to} AND (
        instr(body, '"_tag":"Finished"') OR instr(body, '"_tag":"Presented"') OR
        instr(body, '"_tag":"GroupFinished"') OR instr(body, '"_tag":"ChainFinished"')
      ) ORDER BY seq LIMIT ${limit}`
  })

  const read = Effect.forEach(({ at, event, seq }: typeof EventRow.Type) => {
    if ("_tag" in event) return Effect.succeed<LoggedEvent>({ at, event, seq })
    return DateTime.toEpochMillis(event.at) === DateTime.toEpochMillis(at)
      ? Effect.succeed<LoggedEvent>({ at, event: event.event, seq })
      : damaged(`event ${seq} has another time than it was written with`)
  })

  return {
    entry,
    since: (since: number, limit: number) => Effect.flatMap(rows({ since, limit }), read),
    /** Ends and reviews after one number, up to another. */
    ends: (piece: { readonly after: number; readonly to: number; readonly limit: number }) =>
      Effect.flatMap(endRows(piece), read),
    /** The newest number that was ever given out; 0: none. */
    newest: Effect.map(
      sql<{ readonly seq: number }>`SELECT seq FROM sqlite_sequence WHERE name = 'events'`,
      firstNumber
    ),
    /** The number of the oldest event that is kept; 0: there is none. */
    oldest: Effect.map(sql<{ readonly seq: number | null }>`SELECT min(seq) AS seq FROM events`, firstNumber)
  }
})
