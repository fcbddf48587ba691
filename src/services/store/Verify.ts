/**
 * Whether what a database says twice is the same both times: sums and lists are kept beside what they are made of. Each
 * question has rows only where something is wrong.
 */
import { Effect, Option, Schema, Stream } from "effect"
import { SqlClient } from "effect/sql"
import { currentVersion } from "./Migrations.ts"
import { unseal } from "./Seal.ts"

const figures = ["cost", "inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "turns"]

/** Read aloud, each name is what does not hold. */
const consistency: Readonly<Record<string, string>> = {
  "the ledger has another sum than the one that is kept": `SELECT 1 FROM spending, (SELECT count(*) AS lines,
      ${figures.map((figure) => `coalesce(sum(${figure}), 0) AS ${figure}`).join(", ")},
      coalesce(min(exact), 1) AS exact FROM ledger) AS made
    WHERE ${["lines", ...figures, "exact"].map((figure) => `spending.${figure} <> made.${figure}`).join(" OR ")}`,
  "there is no sum of the ledger": `SELECT 1 WHERE (SELECT count(*) FROM spending) <> 1`,
  "a task is not listed as what it is": `SELECT 1 FROM tasks WHERE NOT EXISTS (SELECT 1 FROM listings
      WHERE tag = '' AND name = '' AND listings.state = tasks.state AND task = tasks.seq)`,
  "a list has another task than there are": `SELECT 1 FROM listings NOT INDEXED LEFT JOIN tasks ON tasks.seq = task
    WHERE tasks.seq IS NULL OR tasks.state <> listings.state`,
  "a count is not that of its list": `SELECT tag, name, state, count(*) AS tasks FROM listings GROUP BY tag, name, state
    EXCEPT SELECT tag, name, state, tasks FROM tally`,
  "a place of a group has a task that is not its own": `SELECT 1 FROM members
    JOIN groups ON groups.seq = members.parent JOIN tasks ON tasks.seq = members.task WHERE tasks.parent IS NOT groups.id`,
  "a group has a place too many, or too few": `SELECT 1 FROM members GROUP BY parent
    HAVING min(idx) <> 0 OR max(idx) <> count(*) - 1`,
  "there is a count of nothing": `SELECT tag, name, state, tasks FROM tally WHERE tasks <> 0
    EXCEPT SELECT tag, name, state, count(*) FROM listings GROUP BY tag, name, state`
}

/** Where the sealed values are. */
const sealed: ReadonlyArray<readonly [table: string, column: string]> = [
  ["tasks", "body"],
  ["attempts", "body"],
  ["outputs", "body"],
  ["patches", "body"],
  ["turns", "body"],
  ["workspaces", "body"],
  ["merges", "body"],
  ["groups", "body"],
  ["chains", "body"],
  ["journal", "body"],
  ["context", "body"],
  ["messages", "body"],
  ["messages", "fate"],
  ["events", "body"]
]

/** What stands in columns of its own and in the body too, where the body is a task's. */
const columnsOfTask = `SELECT id, key, version, state, parent, content, role, continues,
  submitted_at AS submittedAt, finished_at AS finishedAt, not_before AS notBefore, body FROM tasks`

interface TaskColumns {
  readonly id: string
  readonly key: string | null
  readonly version: number
  readonly state: string
  readonly parent: string | null
  readonly content: string | null
  readonly role: string | null
  readonly continues: string | null
  readonly submittedAt: number
  readonly finishedAt: number | null
  readonly notBefore: number | null
  readonly body: string
}

const decodeTask = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Struct({
  id: Schema.String,
  key: Schema.NullOr(Schema.String),
  version: Schema.Int,
  state: Schema.Struct({
    _tag: Schema.String,
    finishedAt: Schema.optionalKey(Schema.Int),
    notBefore: Schema.optionalKey(Schema.NullOr(Schema.Int))
  }),
  parent: Schema.NullOr(Schema.Struct({ id: Schema.String, content: Schema.optionalKey(Schema.String) })),
  options: Schema.Struct({
    role: Schema.optionalKey(Schema.String),
    continueFrom: Schema.optionalKey(Schema.String)
  }),
  submittedAt: Schema.Int
})))

const differs = ({ body, ...columns }: TaskColumns): boolean => {
  const task = Option.getOrNull(decodeTask(unseal(body)))
  if (task === null) return true
  const { options, parent, state } = task
  const same = [
    [task.id, columns.id],
    [task.key, columns.key],
    [task.version, columns.version],
    [state._tag, columns.state],
    [parent?.id ?? null, columns.parent],
    [parent?.content ?? null, columns.content],
    [options.role ?? null, columns.role],
    [task.submittedAt, columns.submittedAt],
    [state.finishedAt ?? null, columns.finishedAt],
    [state.notBefore ?? null, columns.notBefore]
  ]
  // What older programs kept of a finished task does not say from whom it went on.
  const goesOn = columns.finishedAt === null || columns.continues !== null
  return same.some(([said, stands]) => said !== stands) ||
    (goesOn && (options.continueFrom ?? null) !== columns.continues)
}

/** The first answer to a question, where there is one. */
const first = <A>(sql: SqlClient.SqlClient, question: string, which: (row: A) => boolean) =>
  Stream.runHead(Stream.filter(sql.unsafe<A & object>(question).stream, which))

/** Each row by itself: the first of them that is not what was written, or null. */
export const verifyRows = Effect.fn("Store.verifyRows")(function*() {
  const sql = yield* SqlClient.SqlClient
  const odd = Option.getOrNull(yield* first(sql, columnsOfTask, differs))
  if (odd !== null) return `the row of task ${odd.id} is not what was written`
  for (const [table, column] of sealed) {
    const found = yield* first<{ readonly value: string }>(
      sql,
      `SELECT ${column} AS value FROM ${table}`,
      ({ value }) => unseal(value) === null
    )
    if (Option.isSome(found)) return `a row of ${table} is not what was written`
  }
  return null
})

/** What SQLite says of the file as a whole, and what the rows say of each other. The questions, and what does not hold. */
export const questions = (how: "quick_check" | "integrity_check", version: number): ReadonlyArray<Question> => [
  { what: null, question: `SELECT ${how} AS found FROM pragma_${how} WHERE ${how} <> 'ok'` },
  ...(version < currentVersion ? [] : Object.entries(consistency).map(([what, question]) => ({ what, question })))
]

export interface Question {
  /** Null: the answer says it. */
  readonly what: string | null
  readonly question: string
}

/** Asks them all. The first that is wrong, or null. */
export const ask = Effect.fn("Store.ask")(function*(all: ReadonlyArray<Question>) {
  const sql = yield* SqlClient.SqlClient
  for (const { question, what } of all) {
    const [row] = yield* sql.unsafe<{ readonly found?: string }>(`SELECT * FROM (${question}) LIMIT 1`)
    if (row !== undefined) return what ?? row.found ?? "it is damaged"
  }
  return null
})
