/**
 * The store's questions about single tasks, their attempts and answers.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { TaskId } from "../../domain/TaskId.ts"
import { damaged } from "./StorageError.ts"
import { any, AttemptRow, OutputRow, PatchRow, QueuedRow, RunningRow, TaskRow } from "./TaskRows.ts"

export const makeTaskReads = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const taskRow = SqlSchema.findOneOption({
    Request: TaskId,
    Result: TaskRow,
    execute: (id) => sql`SELECT body FROM tasks WHERE id = ${id}`
  })

  const attemptRows = SqlSchema.findAll({
    Request: TaskId,
    Result: AttemptRow,
    execute: (id) =>
      sql`SELECT body FROM attempts WHERE task = (SELECT seq FROM tasks WHERE id = ${id}) ORDER BY number`
  })

  const outputRow = SqlSchema.findOneOption({
    Request: TaskId,
    Result: OutputRow,
    execute: (id) => sql`SELECT body FROM outputs WHERE task = (SELECT seq FROM tasks WHERE id = ${id})`
  })

  const patchRow = SqlSchema.findOneOption({
    Request: TaskId,
    Result: PatchRow,
    execute: (id) => sql`SELECT body FROM patches WHERE task = (SELECT seq FROM tasks WHERE id = ${id})`
  })

  const queued = SqlSchema.findAll({
    Request: Schema.Void,
    Result: QueuedRow,
    execute: () =>
      sql`SELECT id, parent, role, not_before AS "notBefore" FROM tasks WHERE state = 'Queued' ORDER BY seq`
  })(undefined)

  // An outer join: a running task that has no attempt is not to be missed, and so it fails to decode.
  const runningRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: RunningRow,
    execute: () =>
      sql`SELECT tasks.body AS task, attempts.body AS attempt
        FROM listings JOIN tasks ON tasks.seq = listings.task LEFT JOIN attempts ON attempts.task = tasks.seq
          AND attempts.number = (SELECT max(number) FROM attempts WHERE attempts.task = tasks.seq)
        WHERE listings.tag = ${any} AND listings.name = ${any} AND listings.state = 'Running' ORDER BY tasks.seq`
  })(undefined)

  const find = Effect.fnUntraced(function*(id: TaskId) {
    const row = yield* taskRow(id)
    if (Option.isSome(row) && row.value.body.id !== id) return yield* damaged(`another task is kept under ${id}`)
    return Option.map(row, ({ body }) => body)
  })

  const attempts = Effect.fnUntraced(function*(id: TaskId) {
    const rows = yield* attemptRows(id)
    if (rows.some(({ body }) => body.task !== id)) return yield* damaged(`another task's attempt is kept under ${id}`)
    return rows.map(({ body }) => body)
  })

  const output = Effect.fnUntraced(function*(id: TaskId) {
    const row = Option.getOrNull(yield* outputRow(id))
    if (row === null) return Option.none()
    if (typeof row.body === "string") return Option.some(row.body)
    if (row.body.task !== id) return yield* damaged(`another task's answer is kept under ${id}`)
    return Option.some(row.body.text)
  })

  const patch = Effect.fnUntraced(function*(id: TaskId) {
    const row = Option.getOrNull(yield* patchRow(id))
    if (row === null) return Option.none()
    if (row.body.task !== id) return yield* damaged(`another task's patch is kept under ${id}`)
    return Option.some(row.body.text)
  })

  return {
    find,
    attempts,
    output,
    patch,
    queued,
    running: Effect.map(runningRows, (rows) => rows.map(({ attempt, task }) => [task, attempt] as const))
  }
})
