/**
 * The store's changes: what is written for a new task, and for a step of one.
 */
import { Clock, Effect, Equal, Option, Result, Schema, Struct } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { Attempt } from "../../domain/Attempt.ts"
import { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { KeyConflict } from "../../domain/RequestFailure.ts"
import type { Task } from "../../domain/Task.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { isolationOf, type SlotOption } from "../../domain/TaskRequest.ts"
import type { AttemptNote, Change } from "../Store.ts"
import { makeAdvance } from "./Advance.ts"
import type { EventLog } from "./EventLog.ts"
import type { GroupCommit } from "./GroupCommit.ts"
import type { NewTasks } from "./NewTasks.ts"
import {
  AttemptRow,
  encodeAttempt,
  encodeOutput,
  encodePatch,
  encodeTask,
  ledgerColumns,
  stateColumns,
  TaskRow
} from "./TaskRows.ts"
import type { TurnWrites } from "./TurnTable.ts"

/** What every part of the store that writes stands on. */
export interface Writing {
  readonly commits: GroupCommit
  readonly log: EventLog
  readonly newTasks: NewTasks
}

export const makeTaskWrites = Effect.fnUntraced(
  function*({ commits, log, newTasks, turns: turnWrites }: Writing & { readonly turns: TurnWrites }) {
    const sql = yield* SqlClient.SqlClient
    const advance = makeAdvance(sql, "tasks")

    const findByKey = SqlSchema.findOneOption({
      Request: Schema.String,
      Result: TaskRow,
      execute: (key) => sql`SELECT body FROM tasks WHERE key = ${key}`
    })

    const findAttempt = SqlSchema.findOneOption({
      Request: Schema.Struct({ task: TaskId, attempt: Schema.Int }),
      Result: AttemptRow,
      execute: ({ attempt, task }) =>
        sql`SELECT body FROM attempts WHERE task = (SELECT seq FROM tasks WHERE id = ${task}) AND number = ${attempt}`
    })

    const accept = Effect.fnUntraced(function*(task: Task) {
      // Encoded before it is queued: what cannot be encoded is nobody else's trouble.
      const insert = yield* newTasks.entry([task])
      const event = yield* log.entry(PoolEvent.cases.Submitted.make({ id: task.id }))

      const apply = Effect.gen(function*() {
        const known = task.key === null ? Option.none() : yield* findByKey(task.key)
        if (Option.isSome(known)) return sameRequest(known.value.body, task)
        yield* insert
        yield* event
        return Result.succeed(task)
      })

      return yield* commits.submit({ durable: true, apply })
    })

    const settle = (task: number, at: number, attempt: Attempt) =>
      sql`INSERT INTO ledger ${sql.insert({ task, at, ...ledgerColumns(attempt) })}`

    const keepAttempt = (task: number, { number, session }: Attempt, body: string) =>
      sql`INSERT INTO attempts ${sql.insert({ task, number, session, body })}
      ON CONFLICT DO UPDATE SET session = excluded.session, body = excluded.body`

    const keepOutput = (task: number, body: string) =>
      sql`INSERT INTO outputs ${sql.insert({ task, body })} ON CONFLICT DO UPDATE SET body = excluded.body`

    const keepPatch = (task: number, body: string) =>
      sql`INSERT INTO patches ${sql.insert({ task, body })} ON CONFLICT DO UPDATE SET body = excluded.body`

    const commit = Effect.fnUntraced(function*({ attempt, event, output, patch, task, turns = [] }: Change) {
      const at = yield* Clock.currentTimeMillis
      const columns = { ...stateColumns(task), body: yield* encodeTask(task) }
      const attemptBody = attempt === undefined ? null : yield* encodeAttempt(attempt)
      const outputBody = output === undefined ? null : yield* encodeOutput({ task: task.id, text: output })
      const patchBody = patch === undefined ? null : yield* encodePatch({ task: task.id, text: patch })
      const entry = yield* log.entry(event)
      const keepTurns = yield* turnWrites.entry(task.id, turns)

      const apply = Effect.gen(function*() {
        const row = yield* advance(task, columns)
        if (Result.isFailure(row)) return Result.fail(row.failure)
        if (attempt !== undefined && attemptBody !== null) {
          yield* keepAttempt(row.success, attempt, attemptBody)
          if (attempt.outcome._tag !== "Running") yield* settle(row.success, at, attempt)
        }
        if (outputBody !== null) yield* keepOutput(row.success, outputBody)
        if (patchBody !== null) yield* keepPatch(row.success, patchBody)
        yield* keepTurns(row.success)
        yield* entry
        return Result.void
      })

      // What a crash of the machine takes back from a running task is only that it runs.
      yield* commits.submit({
        durable: task.state._tag !== "Running",
        apply,
        bytes: (outputBody?.length ?? 0) + (patchBody?.length ?? 0)
      })
    })

    /** Beside the task's version: an attempt that has been closed in the meantime says more, and is let be. */
    const note = Effect.fnUntraced(function*({ attempt, resumes, session, task }: AttemptNote) {
      const apply = Effect.gen(function*() {
        const known = yield* findAttempt({ task, attempt })
        if (Option.isNone(known) || known.value.body.outcome._tag !== "Running") return Result.void
        const { resumes: _, ...running } = known.value.body
        const noted = new Attempt({ ...running, session, ...(resumes === null ? {} : { resumes }) })
        const body = yield* encodeAttempt(noted)
        yield* sql`UPDATE attempts SET ${sql.update({ session, body })}
        WHERE task = (SELECT seq FROM tasks WHERE id = ${task}) AND number = ${attempt}`
        return Result.void
      })
      yield* commits.submit({ durable: false, apply })
    })

    return { accept, commit, note }
  }
)

/**
 * What was not said now may have been filled in otherwise then, by the settings or by a slot; what becomes of it after a
 * crash is nothing that it asks for. A task of before there was a choice works where everybody works.
 */
const saidNow = ({ options }: Task, unsaid: ReadonlyArray<SlotOption>) => ({
  ...Struct.omit(options, ["unsaid", "onCrash", "workspaceOf", ...unsaid]),
  isolation: isolationOf(options)
})

const sameRequest = (known: Task, task: Task): Result.Result<Task, Failure> =>
  known.prompt === task.prompt &&
    Equal.equals(saidNow(known, task.options.unsaid ?? []), saidNow(task, task.options.unsaid ?? []))
    ? Result.succeed(known)
    : Result.fail(new Failure({ reason: new KeyConflict({ key: known.key ?? "", id: known.id }) }))
