/**
 * The lines of the ledger, each with what is left of the attempt and the task that it is about. There may be very many: they
 * are read by pages, and others get in between.
 */
import { Effect, Option, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import type { Failure } from "../../domain/Failure.ts"
import type { MetricsLine } from "../../domain/Metrics.ts"
import { ModelCost } from "../../domain/ModelUsage.ts"
import { unseal } from "./Seal.ts"
import { damaged, type WithFailures } from "./StorageError.ts"

/** What of an attempt is asked for. */
const decodeAttempt = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({
  startedAt: Schema.Int,
  finishedAt: Schema.NullOr(Schema.Int),
  model: Schema.NullOr(Schema.String),
  costs: Schema.optionalKey(Schema.Array(ModelCost))
})))

const LineRow = Schema.Struct({
  seq: Schema.Int,
  task: Schema.Int,
  attempt: Schema.Int,
  at: Schema.Int,
  cost: Schema.Int,
  inputTokens: Schema.Int,
  outputTokens: Schema.Int,
  cacheReadTokens: Schema.Int,
  cacheWriteTokens: Schema.Int,
  turns: Schema.Int,
  exact: Schema.BooleanFromBit,
  state: Schema.NullOr(Schema.String),
  body: Schema.NullOr(Schema.String)
})

const TagRow = Schema.Struct({ task: Schema.Int, tag: Schema.String })

export interface MetricsStore {
  /** Hands out each line of what ended at this time or later, once, in their order; `tags`: with the tags of its task. */
  readonly each: (
    options: { readonly since: number; readonly tags: boolean },
    use: (line: MetricsLine) => void
  ) => Effect.Effect<void, Failure>
}

const pageLength = 500

const gone = { millis: 0, model: null, costs: [] }

/** One by one and at once: it is what most of the time goes into. */
const attemptOf = ({ at, attempt, task }: Pick<typeof LineRow.Type, "at" | "task" | "attempt">, sealed: string) => {
  const body = unseal(sealed)
  const read = body === null ? Option.none() : decodeAttempt(body)
  if (Option.isNone(read)) return damaged(`attempt ${attempt} of task ${task} is not as it was written`)
  const { costs = [], finishedAt, model, startedAt } = read.value
  return Effect.succeed({ millis: Math.max(0, (finishedAt ?? at) - startedAt), model, costs })
}

export const makeMetricsQueries = Effect.fnUntraced(function*(failing: WithFailures) {
  const sql = yield* SqlClient.SqlClient

  const pageRows = SqlSchema.findAll({
    Request: Schema.Struct({ since: Schema.Int, after: Schema.Int }),
    Result: LineRow,
    execute: ({ after, since }) =>
      sql`SELECT ledger.seq, ledger.task, ledger.attempt, at, cost, inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, turns,
          exact, tasks.state, attempts.body
        FROM ledger LEFT JOIN tasks ON tasks.seq = ledger.task
          LEFT JOIN attempts ON attempts.task = ledger.task AND attempts.number = ledger.attempt
        WHERE ledger.seq > ${after} AND at >= ${since} ORDER BY ledger.seq LIMIT ${pageLength}`
  })

  // A task is listed under its tags, and under what it is a part of.
  const tagRows = SqlSchema.findAll({
    Request: Schema.Struct({ from: Schema.fromJsonString(Schema.Array(Schema.Int)) }),
    Result: TagRow,
    execute: ({ from }) =>
      sql`SELECT listings.task, tag FROM listings JOIN tasks ON tasks.seq = listings.task
        WHERE listings.task IN (SELECT value FROM json_each(${from}))
          AND listings.name = '' AND tag <> '' AND tag IS NOT tasks.parent`
  })

  const tagsOf = Effect.fnUntraced(function*(rows: ReadonlyArray<typeof LineRow.Type>) {
    const tags = new Map<number, Array<string>>()
    for (const { tag, task } of yield* tagRows({ from: rows.map(({ task }) => task) })) {
      const own = tags.get(task)
      if (own === undefined) tags.set(task, [tag])
      else own.push(tag)
    }
    return tags
  })

  const each = Effect.fn("Store.metrics")(function*(
    { since, tags }: { readonly since: number; readonly tags: boolean },
    use: (line: MetricsLine) => void
  ) {
    for (let after = 0, length = pageLength; length === pageLength;) {
      const rows = yield* pageRows({ since, after })
      const known = tags ? yield* tagsOf(rows) : new Map<number, Array<string>>()
      for (const { body, ...row } of rows) {
        use({ ...row, ...(body === null ? gone : yield* attemptOf(row, body)), tags: known.get(row.task) ?? [] })
        after = row.seq
      }
      length = rows.length
      yield* Effect.yieldNow
    }
  }, failing)

  return { each } satisfies MetricsStore as MetricsStore
})
