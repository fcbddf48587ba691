/**
 * The log of what has happened, in the transaction of what it tells of.
 */
import { Clock, Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import { LoggedEvent, PoolEvent } from "../../domain/PoolEvent.ts"
import { bodyOf, encodeWith } from "./Body.ts"

const EventBody = bodyOf(PoolEvent)
const EventRow = Schema.Struct({ ...LoggedEvent.fields, event: EventBody })
const encode = encodeWith(EventBody)

export type EventLog = Effect.Success<typeof makeEventLog>

export const makeEventLog = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  /** The write of an event that happens now, to be run in a transaction; `Progressed` is not logged. */
  const entry = (event: PoolEvent): Effect.Effect<Effect.Effect<unknown, SqlError>> =>
    event._tag === "Progressed" ? Effect.succeed(Effect.void) : Effect.map(
      Effect.all([Clock.currentTimeMillis, encode(event)]),
      ([at, body]) => sql`INSERT INTO events ${sql.insert({ at, body })}`
    )

  const rows = SqlSchema.findAll({
    Request: Schema.Struct({ since: Schema.Int, limit: Schema.Int }),
    Result: EventRow,
    execute: ({ limit, since }) =>
      sql`SELECT seq, at, body AS event FROM events WHERE seq > ${since} ORDER BY seq LIMIT ${limit}`
  })

  return { entry, since: (since: number, limit: number) => rows({ since, limit }) }
})
