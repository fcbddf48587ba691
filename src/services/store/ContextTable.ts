/**
 * The shared context of the store: one row for each key of a scope.
 */
import { Array, Effect, Option, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { ContextEntry, ContextScope } from "../../domain/ContextEntry.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import type { ContextStore } from "./ContextStore.ts"
import type { WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"

const EntryBody = bodyOf(ContextEntry)
const EntryRow = Schema.Struct({ body: EntryBody })
const encodeEntry = encodeWith(EntryBody)

export const makeContextTable = Effect.fnUntraced(function*(
  { commits, failing }: Pick<Writing, "commits"> & { readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient

  const entryRow = SqlSchema.findOneOption({
    Request: Schema.Struct({ scope: ContextScope, key: Schema.String }),
    Result: EntryRow,
    execute: ({ key, scope }) => sql`SELECT body FROM context WHERE scope = ${scope} AND key = ${key}`
  })

  const entryRows = SqlSchema.findAll({
    Request: ContextScope,
    Result: EntryRow,
    execute: (scope) => sql`SELECT body FROM context WHERE scope = ${scope} ORDER BY key`
  })

  const scopeRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: Schema.Struct({ scope: ContextScope }),
    execute: () => sql`SELECT DISTINCT scope FROM context`
  })

  const set = Effect.fn("Store.context.set")(function*(entry: ContextEntry) {
    const row = { scope: entry.scope, key: entry.key, body: yield* encodeEntry(entry) }
    const apply = sql`INSERT INTO context ${sql.insert(row)} ON CONFLICT DO UPDATE SET body = excluded.body`
    yield* commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  const remove = Effect.fn("Store.context.delete")((scope: ContextScope, key: string) => {
    const apply = sql`DELETE FROM context WHERE scope = ${scope} AND key = ${key} RETURNING key`
    return commits.submit({ durable: true, apply: Effect.map(apply, (rows) => Result.succeed(rows.length > 0)) })
  }, failing)

  return {
    set,
    get: Effect.fn("Store.context.get")(
      (scope, key) => Effect.map(entryRow({ scope, key }), Option.map(({ body }) => body)),
      failing
    ),
    delete: remove,
    scopes: failing(Effect.map(scopeRows(undefined), Array.map(({ scope }) => scope))),
    list: Effect.fn("Store.context.list")(
      (scope) => Effect.map(entryRows(scope), Array.map(({ body }) => body)),
      failing
    )
  } satisfies ContextStore as ContextStore
})
