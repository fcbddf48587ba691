/**
 * The next version of a row, in the place of the one just before it and of no other.
 */
import { Effect, Result } from "effect"
import type { SqlClient } from "effect/sql"
import { IllegalTransition } from "../../domain/Task.ts"
import type { WorkId } from "../../domain/WorkId.ts"

/** Answers with the number of the row. */
export const makeAdvance = (sql: SqlClient.SqlClient, table: "tasks" | "groups" | "chains") =>
  Effect.fnUntraced(function*(
    { id, version }: { readonly id: WorkId; readonly version: number },
    columns: { readonly [column: string]: string | number | null }
  ) {
    const [row] = yield* sql<{ readonly seq: number }>`
      UPDATE ${sql(table)} SET ${sql.update(columns)} WHERE id = ${id} AND version = ${version - 1} RETURNING seq`
    if (row !== undefined) return Result.succeed(row.seq)

    const [kept] = yield* sql<{ readonly state: string; readonly version: number }>`
      SELECT state, version FROM ${sql(table)} WHERE id = ${id}`
    return Result.fail(
      kept === undefined
        ? new IllegalTransition({ id, from: "not in the store", change: "be changed" })
        : new IllegalTransition({ id, from: kept.state, change: `go from version ${kept.version} to ${version}` })
    )
  })
