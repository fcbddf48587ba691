/**
 * A store as the second release wrote it: tasks in each of their states, a chain with a group within it, a record of its
 * journal, context and a message. The rows are that release's own.
 */
import { Effect, Schema } from "effect"
import { SqlClient } from "effect/sql"
import { readFileSync } from "node:fs"
import { firstStep } from "../../src/services/store/tables/FirstStep.ts"
import { secondStep } from "../../src/services/store/tables/SecondStep.ts"

const Rows = Schema.Record(
  Schema.String,
  Schema.Array(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite, Schema.Null])))
)

const rows = Schema.decodeSync(Schema.fromJsonString(Rows))(
  readFileSync(new URL("second-store.json", import.meta.url), "utf8")
)

export const makeSecondStore = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const run = (statement: string) => sql.unsafe(statement).unprepared
  yield* run("PRAGMA foreign_keys = OFF")
  yield* Effect.forEach([...firstStep, ...secondStep], run, { discard: true })
  yield* run("PRAGMA foreign_keys = ON")
  for (const [table, all] of Object.entries(rows)) {
    // What is listed is counted by the tables themselves.
    if (table === "tally") continue
    yield* Effect.forEach(all, (row) => sql`INSERT INTO ${sql(table)} ${sql.insert(row)}`, { discard: true })
  }
  yield* run(`PRAGMA application_id = ${0x636c706f}`)
  yield* run("PRAGMA user_version = 2")
})
