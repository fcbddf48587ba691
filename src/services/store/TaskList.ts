/**
 * Lists and counts of tasks, however many there are: a page costs what it shows, and a count is kept, not made.
 */
import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { TaskStateTag } from "../../domain/Task.ts"
import type { TaskFilter, TaskPage } from "../Store.ts"
import { cut, readCursor, readEndCursor } from "./Cursor.ts"
import { any, CountRow, countStates, EndedRow, ListedRow, listingKey, taskStates } from "./TaskRows.ts"

const decodeListed = Schema.decodeUnknownEffect(Schema.Array(ListedRow))
const decodeEnded = Schema.decodeUnknownEffect(Schema.Array(EndedRow))

const endStates: ReadonlySet<TaskStateTag> = new Set(["Done", "Failed", "Cancelled"])

/** Which listing, and which of its states. */
interface Listed {
  readonly tag: string
  readonly name: string
  readonly states: ReadonlyArray<TaskStateTag>
}

export const makeTaskList = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const tally = SqlSchema.findAll({
    Request: Schema.Struct({ tag: Schema.String, name: Schema.String }),
    Result: CountRow,
    execute: ({ name, tag }) => sql`SELECT state, tasks FROM tally WHERE tag = ${tag} AND name = ${name}`
  })

  const countsOf = (listing: { readonly tag: string; readonly name: string }) => Effect.map(tally(listing), countStates)

  const byAge = Effect.fnUntraced(function*({ cursor, limit, order }: TaskFilter, { name, states, tag }: Listed) {
    const isUpwards = order === "oldest"
    const from = isUpwards && cursor === undefined ? 0 : yield* readCursor(cursor)
    const direction = sql.literal(isUpwards ? "ASC" : "DESC")

    // Each state's listing is in order already; all of them together would have to be sorted.
    const firstOf = (state: TaskStateTag) =>
      sql`SELECT * FROM (SELECT task FROM listings
        WHERE tag = ${tag} AND name = ${name} AND state = ${state}
        AND ${isUpwards ? sql`task > ${from}` : sql`task < ${from}`}
        ORDER BY task ${direction} LIMIT ${limit + 1})`

    const rows = yield* Effect.flatMap(
      sql`SELECT seq, body FROM tasks
        WHERE seq IN (${sql.join(" UNION ALL ", false)(states.map(firstOf))})
        ORDER BY seq ${direction} LIMIT ${limit + 1}`,
      decodeListed
    )
    return cut(rows, limit)
  })

  /** What has ended is in the order of its ends already; what of it is not wanted is passed over. */
  const byEnd = Effect.fnUntraced(function*({ cursor, limit }: TaskFilter, { name, states, tag }: Listed) {
    const { at, seq } = yield* readEndCursor(cursor)
    const rows = yield* Effect.flatMap(
      sql`SELECT seq, body, finished_at AS endedAt FROM tasks INDEXED BY tasks_ended
        WHERE finished_at IS NOT NULL AND (finished_at, seq) < (${at}, ${seq}) AND ${sql.in("state", states)}
        AND EXISTS (SELECT 1 FROM listings
          WHERE tag = ${tag} AND name = ${name} AND state = tasks.state AND task = tasks.seq)
        ORDER BY finished_at DESC, seq DESC LIMIT ${limit + 1}`,
      decodeEnded
    )
    return cut(rows, limit)
  })

  const list = Effect.fnUntraced(function*(filter: TaskFilter) {
    const { order, states: asked = [] } = filter
    const listed = {
      tag: listingKey(filter.tag ?? any),
      name: listingKey(filter.name ?? any),
      states: (asked.length === 0 ? taskStates : [...new Set(asked)]).filter((state) =>
        order !== "ended" || endStates.has(state)
      )
    }
    const { nextCursor, shown } = yield* order === "ended" ? byEnd(filter, listed) : byAge(filter, listed)
    const counts = yield* countsOf(listed)
    return {
      tasks: shown.map((row) => row.body),
      nextCursor,
      total: listed.states.reduce((total, state) => total + counts[state], 0)
    } satisfies TaskPage as TaskPage
  })

  return { list, counts: countsOf({ tag: any, name: any }) }
})
