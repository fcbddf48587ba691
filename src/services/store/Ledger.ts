/**
 * What has been spent, summed over the ledger: one line for each attempt that has ended, and no line is ever changed.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { ChainId } from "../../domain/ChainId.ts"
import { GroupId } from "../../domain/GroupId.ts"
import { SessionId } from "../../domain/SessionId.ts"
import { Spend } from "../../domain/Spend.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { AttemptRow } from "./TaskRows.ts"

/** A flag is an integer in SQLite. */
const SpendRow = Schema.Struct({ ...Spend.fields, exact: Schema.BooleanFromBit })

/** So many attempts are looked at for what models have cost lately. */
const priced = 200

export type Ledger = Effect.Success<typeof makeLedger>

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
    // The sum is kept beside the ledger: to add it up again would cost more with every attempt ever made.
    execute: () =>
      sql`SELECT cost, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, turns, exact FROM spending`
  })(undefined)

  const totalOfSession = SqlSchema.findAll({
    Request: SessionId,
    Result: SpendRow,
    execute: (session) => sql`SELECT ${sum} FROM ledger WHERE session = ${session}`
  })

  /** The tasks of a chain's steps are its own; those of the groups within it have the group as their parent. */
  const totalOfWork = SqlSchema.findAll({
    Request: Schema.Union([GroupId, ChainId]),
    Result: SpendRow,
    execute: (id) =>
      sql`SELECT ${sum} FROM tasks JOIN ledger ON ledger.task = tasks.seq
        WHERE tasks.parent IN (SELECT ${id} UNION ALL SELECT id FROM groups WHERE within = ${id})`
  })

  const lastWithSession = SqlSchema.findOneOption({
    Request: TaskId,
    Result: AttemptRow,
    execute: (id) =>
      sql`SELECT body FROM attempts
        WHERE task = (SELECT seq FROM tasks WHERE id = ${id}) AND session IS NOT NULL
        ORDER BY number DESC LIMIT 1`
  })

  // Only so far back: an older price may not hold any more, and a store without any is not to be searched to its end.
  const lastCosts = SqlSchema.findAll({
    Request: Schema.Void,
    Result: AttemptRow,
    execute: () => sql`SELECT body FROM attempts ORDER BY task DESC, number DESC LIMIT ${priced}`
  })(undefined)

  const sessionOf = Effect.fnUntraced(function*(id: TaskId) {
    const session = Option.getOrNull(Option.map(yield* lastWithSession(id), (row) => row.body.session))
    if (session === null) return Option.none()
    return Option.some({ session, spend: asSpend(yield* totalOfSession(session)) })
  })

  return {
    spent: Effect.map(total, asSpend),
    /** What all tasks that were ever part of a group or chain have cost. */
    spentOf: (id: GroupId | ChainId) => Effect.map(totalOfWork(id), asSpend),
    costs: Effect.map(lastCosts, (rows) => rows.flatMap(({ body }) => body.costs ?? [])),
    sessionOf
  }
})

/** A sum without a grouping has one row. */
const asSpend = ([sum]: ReadonlyArray<typeof SpendRow.Type>): Spend => sum === undefined ? Spend.zero : new Spend(sum)
