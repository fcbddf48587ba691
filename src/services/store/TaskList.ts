/**
 * Lists and counts of tasks, however many there are: a page costs what it shows, and a count is kept, not made.
 */
import { Effect, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { TaskStateTag } from "../../domain/Task.ts"
import type { TaskFilter, TaskPage } from "../Store.ts"
import { any, ListedRow, listingKey, taskStates } from "./TaskRows.ts"

/** The number of the last task shown. */
const isCursor = Schema.is(Schema.String.check(Schema.isPattern(/^\d{1,15}$/)))
const decodeListed = Schema.decodeUnknownEffect(Schema.Array(ListedRow))

export const makeTaskList = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const tally = SqlSchema.findAll({
    Request: Schema.Struct({ tag: Schema.String, name: Schema.String }),
    Result: Schema.Struct({ state: Schema.Literals(taskStates), tasks: Schema.Int }),
    execute: ({ name, tag }) => sql`SELECT state, tasks FROM tally WHERE tag = ${tag} AND name = ${name}`
  })

  const countsOf = Effect.fnUntraced(function*(listing: { readonly tag: string; readonly name: string }) {
    const rows = yield* tally(listing)
    const count = (state: TaskStateTag) => rows.find((row) => row.state === state)?.tasks ?? 0
    return {
      Queued: count("Queued"),
      Running: count("Running"),
      Done: count("Done"),
      Failed: count("Failed"),
      Cancelled: count("Cancelled")
    }
  })

  const list = Effect.fnUntraced(function*(filter: TaskFilter) {
    const { cursor, limit, states: asked = [] } = filter
    const [tag, name] = [listingKey(filter.tag ?? any), listingKey(filter.name ?? any)]
    const states = asked.length === 0 ? taskStates : [...new Set(asked)]
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : yield* readCursor(cursor)

    // Each state's listing is in order already; all of them together would have to be sorted.
    const newest = (state: TaskStateTag) =>
      sql`SELECT * FROM (SELECT task FROM listings
        WHERE tag = ${tag} AND name = ${name} AND state = ${state} AND task < ${before}
        ORDER BY task DESC LIMIT ${limit + 1})`

    const rows = yield* Effect.flatMap(
      sql`SELECT seq, body FROM tasks
        WHERE seq IN (${sql.join(" UNION ALL ", false)(states.map(newest))})
        ORDER BY seq DESC LIMIT ${limit + 1}`,
      decodeListed
    )
    const counts = yield* countsOf({ tag, name })
    const shown = rows.slice(0, limit)
    return {
      tasks: shown.map((row) => row.body),
      nextCursor: rows.length > limit ? `${shown.at(-1)?.seq}` : null,
      total: states.reduce((total, state) => total + counts[state], 0)
    } satisfies TaskPage as TaskPage
  })

  return { list, counts: countsOf({ tag: any, name: any }) }
})

const readCursor = Effect.fnUntraced(function*(cursor: string) {
  if (isCursor(cursor)) return Number(cursor)
  return yield* fail(
    new InvalidRequest({
      issues: [`cursor: ${JSON.stringify(cursor)} is not one that a list has given`],
      hint: "pass on the cursor of the page before, or none for the first page"
    })
  )
})
