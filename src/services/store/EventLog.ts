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

  const since = Effect.fnUntraced(function*(since: number, limit: number) {
    const found = yield* rows({ since, limit })
    return yield* Effect.forEach(found, ({ at, event, seq }) => {
      if ("_tag" in event) return Effect.succeed<LoggedEvent>({ at, event, seq })
      return DateTime.toEpochMillis(event.at) === DateTime.toEpochMillis(at)
        ? Effect.succeed<LoggedEvent>({ at, event: event.event, seq })
        : damaged(`event ${seq} has another time than it was written with`)
    })
  })

  return { entry, since }
})
