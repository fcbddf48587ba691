/**
 * The store's changes: what is written for a new task, and for a step of one.
 */
import { DateTime, Effect, Equal, Option, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { Attempt } from "../../domain/Attempt.ts"
import { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { KeyConflict } from "../../domain/RequestFailure.ts"
import { IllegalTransition, type Task } from "../../domain/Task.ts"
import type { Change } from "../Store.ts"
import { makeGroupCommit } from "./GroupCommit.ts"
import {
  encodeAttempt,
  encodeEvent,
  encodeOutput,
  encodeTask,
  ledgerColumns,
  listingColumns,
  stateColumns,
  TaskRow
} from "./TaskRows.ts"

export const makeTaskWrites = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient
  const { submit } = yield* makeGroupCommit

  const findByKey = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: TaskRow,
    execute: (key) => sql`SELECT body FROM tasks WHERE key = ${key}`
  })

  const log = (at: number, body: string) => sql`INSERT INTO events ${sql.insert({ at, body })}`

  const accept = Effect.fnUntraced(function*(task: Task) {
    const at = yield* now
    // Encoded before it is queued: what cannot be encoded is nobody else's trouble.
    const event = yield* encodeEvent(PoolEvent.cases.Submitted.make({ id: task.id }))
    const columns = {
      id: task.id,
      key: task.key,
      name: task.options.name ?? null,
      submitted_at: DateTime.toEpochMillis(task.submittedAt),
      ...stateColumns(task),
      body: yield* encodeTask(task)
    }

    const apply = Effect.gen(function*() {
      const known = task.key === null ? Option.none() : yield* findByKey(task.key)
      if (Option.isSome(known)) return sameRequest(known.value.body, task)
      const rows = yield* sql<{ readonly seq: number }>`INSERT INTO tasks ${sql.insert(columns).returning("seq")}`
      yield* Effect.forEach(rows, ({ seq }) => sql`INSERT INTO listings ${sql.insert(listingColumns(task, seq))}`)
      yield* log(at, event)
      return Result.succeed(task)
    })

    return yield* submit({ durable: true, apply })
  })

  const settle = (task: number, at: number, attempt: Attempt) =>
    sql`INSERT INTO ledger ${sql.insert({ task, at, ...ledgerColumns(attempt) })}`

  const keepAttempt = (task: number, { number, session }: Attempt, body: string) =>
    sql`INSERT INTO attempts ${sql.insert({ task, number, session, body })}
      ON CONFLICT DO UPDATE SET session = excluded.session, body = excluded.body`

  const keepOutput = (task: number, body: string) =>
    sql`INSERT INTO outputs ${sql.insert({ task, body })} ON CONFLICT DO UPDATE SET body = excluded.body`

  const commit = Effect.fnUntraced(function*({ attempt, event, output, task }: Change) {
    const at = yield* now
    const columns = { ...stateColumns(task), body: yield* encodeTask(task) }
    const attemptBody = attempt === undefined ? null : yield* encodeAttempt(attempt)
    const outputBody = output === undefined ? null : yield* encodeOutput(output)
    const eventBody = event._tag === "Progressed" ? null : yield* encodeEvent(event)

    const apply = Effect.gen(function*() {
      const [row] = yield* sql<{ readonly seq: number }>`
        UPDATE tasks SET ${sql.update(columns)} WHERE id = ${task.id} AND version = ${task.version - 1} RETURNING seq`
      if (row === undefined) return Result.fail(yield* refusal(task))
      if (attempt !== undefined && attemptBody !== null) {
        yield* keepAttempt(row.seq, attempt, attemptBody)
        if (attempt.outcome._tag !== "Running") yield* settle(row.seq, at, attempt)
      }
      if (outputBody !== null) yield* keepOutput(row.seq, outputBody)
      if (eventBody !== null) yield* log(at, eventBody)
      return Result.succeed(undefined)
    })

    // What a crash of the machine takes back from a running task is only that it runs.
    yield* submit({ durable: task.state._tag !== "Running", apply })
  })

  const refusal = Effect.fnUntraced(function*({ id, version }: Task) {
    const [row] = yield* sql<{ readonly state: string; readonly version: number }>`
      SELECT state, version FROM tasks WHERE id = ${id}`
    return row === undefined
      ? new IllegalTransition({ id, from: "not in the store", change: "be changed" })
      : new IllegalTransition({ id, from: row.state, change: `go from version ${row.version} to ${version}` })
  })

  return { accept, commit }
})

const now = Effect.map(DateTime.now, DateTime.toEpochMillis)

const sameRequest = (known: Task, task: Task): Result.Result<Task, Failure> =>
  known.prompt === task.prompt && Equal.equals(known.options, task.options)
    ? Result.succeed(known)
    : Result.fail(new Failure({ reason: new KeyConflict({ key: known.key ?? "", id: known.id }) }))
