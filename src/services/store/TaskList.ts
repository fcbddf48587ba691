/**
 * Lists and counts of tasks, however many there are: a page costs what it shows, and a count is kept, not made.
 */
import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { TaskStateTag } from "../../domain/Task.ts"
import type { TaskFilter, TaskPage } from "../Store.ts"
import { cut, readCursor } from "./Cursor.ts"
import { any, CountRow, countStates, ListedRow, listingKey, taskStates } from "./TaskRows.ts"

const decodeListed = Schema.decodeUnknownEffect(Schema.Array(ListedRow))

export const makeTaskList = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const tally = SqlSchema.findAll({
    Request: Schema.Struct({ tag: Schema.String, name: Schema.String }),
    Result: CountRow,
    execute: ({ name, tag }) => sql`SELECT state, tasks FROM tally WHERE tag = ${tag} AND name = ${name}`
  })

  const countsOf = (listing: { readonly tag: string; readonly name: string }) => Effect.map(tally(listing), countStates)

  const list = Effect.fnUntraced(function*(filter: TaskFilter) {
    const { cursor, limit, states: asked = [] } = filter
    const [tag, name] = [listingKey(filter.tag ?? any), listingKey(filter.name ?? any)]
    const states = asked.length === 0 ? taskStates : [...new Set(asked)]
    const isUpwards = filter.oldestFirst === true
    const from = isUpwards && cursor === undefined ? 0 : yield* readCursor(cursor)
    const order = sql.literal(isUpwards ? "ASC" : "DESC")

    // Each state's listing is in order already; all of them together would have to be sorted.
    const firstOf = (state: TaskStateTag) =>
      sql`SELECT * FROM (SELECT task FROM listings
        WHERE tag = ${tag} AND name = ${name} AND state = ${state}
        AND ${isUpwards ? sql`task > ${from}` : sql`task < ${from}`}
        ORDER BY task ${order} LIMIT ${limit + 1})`

    const rows = yield* Effect.flatMap(
      sql`SELECT seq, body FROM tasks
        WHERE seq IN (${sql.join(" UNION ALL ", false)(states.map(firstOf))})
        ORDER BY seq ${order} LIMIT ${limit + 1}`,
      decodeListed
    )
    const counts = yield* countsOf({ tag, name })
    const { nextCursor, shown } = cut(rows, limit)
    return {
      tasks: shown.map((row) => row.body),
      nextCursor,
      total: states.reduce((total, state) => total + counts[state], 0)
    } satisfies TaskPage as TaskPage
  })

  return { list, counts: countsOf({ tag: any, name: any }) }
})
