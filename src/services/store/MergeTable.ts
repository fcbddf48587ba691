/**
 * The landings of the store: one row for each, in their order.
 */
import { Array, Effect, Option, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { Merge, type MergeId } from "../../domain/Merge.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import type { MergeStore } from "./MergeStore.ts"
import type { WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"

const MergeBody = bodyOf(Merge)
const MergeRow = Schema.Struct({ body: MergeBody })
const encodeMerge = encodeWith(MergeBody)

export const makeMergeTable = Effect.fnUntraced(function*(
  { commits, failing }: Pick<Writing, "commits"> & { readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient

  const rowOf = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: MergeRow,
    execute: (id) => sql`SELECT body FROM merges WHERE id = ${id}`
  })

  const allRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: MergeRow,
    execute: () => sql`SELECT body FROM merges ORDER BY seq`
  })(undefined)

  const keep = Effect.fn("Store.merges.keep")(function*(merge: Merge) {
    const row = { id: merge.id, body: yield* encodeMerge(merge) }
    const apply = sql`INSERT INTO merges ${sql.insert(row)} ON CONFLICT (id) DO UPDATE SET body = excluded.body`
    yield* commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  return {
    keep,
    find: Effect.fn("Store.merges.find")(
      (id: MergeId) => Effect.map(rowOf(id), Option.map(({ body }) => body)),
      failing
    ),
    all: failing(Effect.map(allRows, Array.map(({ body }) => body)))
  } satisfies MergeStore as MergeStore
})
