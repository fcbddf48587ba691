/**
 * What has been spent, summed over the ledger: one line for each attempt that has ended, and no line is ever changed.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { SessionId } from "../../domain/SessionId.ts"
import { Spend } from "../../domain/Spend.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { AttemptRow } from "./TaskRows.ts"

/** A flag is an integer in SQLite. */
const SpendRow = Schema.Struct({ ...Spend.fields, exact: Schema.BooleanFromBit })

export const makeLedger = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const sum = sql.literal(`
    coalesce(sum(cost), 0) AS cost,
    coalesce(sum(inputTokens), 0) AS inputTokens,
    coalesce(sum(outputTokens), 0) AS outputTokens,
    coalesce(sum(cacheReadTokens), 0) AS cacheReadTokens,
    coalesce(sum(cacheWriteTokens), 0) AS cacheWriteTokens,
    coalesce(sum(turns), 0) AS turns,
    coalesce(min(exact), 1) AS exact`)

  const total = SqlSchema.findAll({
    Request: Schema.Void,
    Result: SpendRow,
    execute: () => sql`SELECT ${sum} FROM ledger`
  })(undefined)

  const totalOfSession = SqlSchema.findAll({
    Request: SessionId,
    Result: SpendRow,
    execute: (session) => sql`SELECT ${sum} FROM ledger WHERE session = ${session}`
  })

  const lastWithSession = SqlSchema.findOneOption({
    Request: TaskId,
    Result: AttemptRow,
    execute: (id) =>
      sql`SELECT body FROM attempts
        WHERE task = (SELECT seq FROM tasks WHERE id = ${id}) AND session IS NOT NULL
        ORDER BY number DESC LIMIT 1`
  })

  const sessionOf = Effect.fnUntraced(function*(id: TaskId) {
    const session = Option.getOrNull(Option.map(yield* lastWithSession(id), (row) => row.body.session))
    if (session === null) return Option.none()
    return Option.some({ session, spend: asSpend(yield* totalOfSession(session)) })
  })

  return { spent: Effect.map(total, asSpend), sessionOf }
})

/** A sum without a grouping has one row. */
const asSpend = ([sum]: ReadonlyArray<typeof SpendRow.Type>): Spend => sum === undefined ? Spend.zero : new Spend(sum)
