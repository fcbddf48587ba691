/**
 * What has ended, for who traces it: attempts as the ledger has them, and how far that and the log have been read, which
 * outlives the process.
 */
import { Effect, Option, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { Attempt } from "../../domain/Attempt.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { Task } from "../../domain/Task.ts"
import type { GroupCommit } from "./GroupCommit.ts"
import type { WithFailures } from "./StorageError.ts"
import { AttemptRow, TaskRow } from "./TaskRows.ts"

/** Up to which entries: of the log, and of the ledger. */
export interface TraceMark {
  readonly event: number
  readonly line: number
}

export interface EndedAttempt {
  /** Of its line in the ledger. */
  readonly line: number
  readonly task: Task
  readonly attempt: Attempt
}

export interface TraceStore {
  /** What was kept last; none where nothing has been traced. */
  readonly mark: Effect.Effect<Option.Option<TraceMark>, Failure>
  /** The newest entries that there are. */
  readonly newest: Effect.Effect<TraceMark, Failure>
  readonly keep: (mark: TraceMark) => Effect.Effect<void, Failure>
  /** Attempts that have ended after a line of the ledger, oldest first, and the last line that was looked at. */
  readonly ended: (line: number, limit: number) => Effect.Effect<
    { readonly attempts: ReadonlyArray<EndedAttempt>; readonly last: number },
    Failure
  >
  /** How often a group or chain has ended, by the log: with this entry and after it. */
  readonly ends: (id: GroupId | ChainId, from: number) => Effect.Effect<number, Failure>
}

const names = { event: "telemetry, of the log", line: "telemetry, of the ledger" }

const MarkRow = Schema.Struct({ event: Schema.NullOr(Schema.Int), line: Schema.NullOr(Schema.Int) })

const EndedRow = Schema.Struct({
  line: Schema.Int,
  task: Schema.NullOr(TaskRow.fields.body),
  attempt: Schema.NullOr(AttemptRow.fields.body)
})

export const makeTraceFeed = Effect.fnUntraced(function*(
  { commits, failing }: { readonly commits: GroupCommit; readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient

  const kept = SqlSchema.findOneOption({
    Request: Schema.Void,
    Result: MarkRow,
    execute: () =>
      sql`SELECT (SELECT seq FROM readers WHERE name = ${names.event}) AS event,
        (SELECT seq FROM readers WHERE name = ${names.line}) AS line`
  })(undefined)

  const last = SqlSchema.findOneOption({
    Request: Schema.Void,
    Result: MarkRow,
    execute: () => sql`SELECT (SELECT max(seq) FROM events) AS event, (SELECT max(seq) FROM ledger) AS line`
  })(undefined)

  const lines = SqlSchema.findAll({
    Request: Schema.Struct({ line: Schema.Int, limit: Schema.Int }),
    Result: EndedRow,
    execute: ({ limit, line }) =>
      sql`SELECT ledger.seq AS line, tasks.body AS task, attempts.body AS attempt
        FROM ledger LEFT JOIN tasks ON tasks.seq = ledger.task
          LEFT JOIN attempts ON attempts.task = ledger.task AND attempts.number = ledger.attempt
        WHERE ledger.seq > ${line} ORDER BY ledger.seq LIMIT ${limit}`
  })

  const ended = Effect.fn("Store.traces.ended")(function*(line: number, limit: number) {
    const rows = yield* lines({ line, limit })
    return {
      attempts: rows.flatMap(({ attempt, line, task }) =>
        task === null || attempt === null ? [] : [{ attempt, line, task }]
      ),
      last: rows.at(-1)?.line ?? line
    }
  }, failing)

  const ends = Effect.fn("Store.traces.ends")(function*(id: GroupId | ChainId, from: number) {
    const [row] = yield* sql<{ readonly ends: number }>`SELECT count(*) AS ends FROM events
      WHERE seq >= ${from} AND instr(body, ${`"id":"${id}"`}) AND
        (instr(body, '"_tag":"GroupFinished"') OR instr(body, '"_tag":"ChainFinished"'))`
    return row?.ends ?? 0
  }, failing)

  const write = (name: string, seq: number) =>
    sql`INSERT INTO readers (name, seq) VALUES (${name}, ${seq}) ON CONFLICT DO UPDATE SET seq = excluded.seq`

  const keep = Effect.fn("Store.traces.keep")((mark: TraceMark) => {
    const apply = Effect.andThen(write(names.event, mark.event), write(names.line, mark.line))
    return commits.submit({ durable: false, apply: Effect.as(apply, Result.void) })
  }, failing)

  return {
    mark: failing(
      Effect.map(
        kept,
        Option.flatMap(({ event, line }) =>
          event === null || line === null ? Option.none() : Option.some({ event, line })
        )
      )
    ),
    newest: failing(Effect.map(last, (row) => ({
      event: Option.match(row, { onNone: () => 0, onSome: ({ event }) => event ?? 0 }),
      line: Option.match(row, { onNone: () => 0, onSome: ({ line }) => line ?? 0 })
    }))),
    keep,
    ended,
    ends
  } satisfies TraceStore as TraceStore
})
