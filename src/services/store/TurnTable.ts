/**
 * The turns of the store: a row for each piece, numbered within its task. How much is kept of a task is bounded: how it
 * began and how it ended says more than the middle.
 */
import { Array, Effect, Result, Schema } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { TaskId } from "../../domain/TaskId.ts"
import { NewTurn, type Turn, type TurnsOptions } from "../../domain/Turn.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import { damaged, type StorageError, type WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"
import type { TurnStore } from "./TurnStore.ts"

/** It says whose it is. */
const TurnBody = bodyOf(Schema.Struct({ task: TaskId, ...NewTurn.fields }))
const TurnRow = Schema.Struct({ seq: Schema.Int, body: TurnBody })
const encodeTurn = encodeWith(TurnBody)

/** Of one task: so many pieces, and so many bytes, with all that is kept beside their texts. */
export const mostPieces = 2000
export const mostBytes = 2 * 1024 * 1024

/** What stays in any case, of the first and of the last, once there is too much. Less in all: there is room again then. */
const head = { pieces: mostPieces / 4, bytes: mostBytes / 4 }
const tail = { pieces: mostPieces / 2, bytes: mostBytes / 2 }

/** Pieces on their way: what is left is the task's number in the database. Answers with the number of the last one. */
export type TurnEntry = (task: number) => Effect.Effect<number, StorageError>

export type TurnWrites = Effect.Success<typeof makeTurnWrites>

export const makeTurnWrites = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const giveUpMiddle = (task: number) =>
    sql`DELETE FROM turns WHERE task = ${task} AND seq IN (
      SELECT seq FROM (
        SELECT seq,
          count(*) OVER (ORDER BY seq) AS nth,
          sum(octet_length(body)) OVER (ORDER BY seq) AS upTo,
          count(*) OVER (ORDER BY seq DESC) AS fromEnd,
          sum(octet_length(body)) OVER (ORDER BY seq DESC) AS sinceEnd
        FROM turns WHERE task = ${task}
      ) WHERE (nth > ${head.pieces} OR upTo > ${head.bytes}) AND (fromEnd > ${tail.pieces} OR sinceEnd > ${tail.bytes})
    )`

  /** Encoded before it is queued; to be run in a transaction. */
  const entry = (id: TaskId, turns: ReadonlyArray<NewTurn>): Effect.Effect<TurnEntry> =>
    Effect.map(
      Effect.forEach(turns, (turn) => encodeTurn({ task: id, ...turn })),
      (bodies) =>
        Effect.fnUntraced(function*(task: number) {
          if (bodies.length === 0) return 0
          const [kept] = yield* sql<{ readonly last: number; readonly pieces: number; readonly bytes: number }>`
            SELECT coalesce(max(seq), 0) AS last, count(*) AS pieces, coalesce(sum(octet_length(body)), 0) AS bytes
            FROM turns WHERE task = ${task}`
          const { bytes, last, pieces } = kept ?? { last: 0, pieces: 0, bytes: 0 }
          // SQLite takes so many values in one statement.
          for (const some of Array.chunksOf(bodies.map((body, at) => ({ task, seq: last + 1 + at, body })), 500)) {
            yield* sql`INSERT INTO turns ${sql.insert(some)}`
          }
          const added = bodies.reduce((sum, body) => sum + body.length, 0)
          if (pieces + bodies.length > mostPieces || bytes + added > mostBytes) yield* giveUpMiddle(task)
          return last + bodies.length
        })
    )

  return { entry }
})

export const makeTurnTable = Effect.fnUntraced(function*(
  { commits, failing, turns }: Pick<Writing, "commits"> & { readonly failing: WithFailures; readonly turns: TurnWrites }
) {
  const sql = yield* SqlClient.SqlClient

  const rows = SqlSchema.findAll({
    Request: Schema.Struct({ id: TaskId, since: Schema.Int, limit: Schema.Int }),
    Result: TurnRow,
    execute: ({ id, limit, since }) =>
      sql`SELECT seq, body FROM turns WHERE task = (SELECT seq FROM tasks WHERE id = ${id}) AND seq > ${since}
        ORDER BY seq LIMIT ${limit}`
  })

  const append = Effect.fn("Store.turns.append")(function*(id: TaskId, pieces: ReadonlyArray<NewTurn>) {
    const entry = yield* turns.entry(id, pieces)
    const apply = Effect.gen(function*() {
      const [row] = yield* sql<{ readonly seq: number }>`SELECT seq FROM tasks WHERE id = ${id}`
      return Result.succeed(row === undefined ? 0 : yield* entry(row.seq))
    })
    return yield* commits.submit({ durable: false, apply })
  }, failing)

  const list = Effect.fn("Store.turns.list")(function*(id: TaskId, page: TurnsOptions) {
    const found = yield* rows({ id, ...page })
    return yield* Effect.forEach(
      found,
      ({ body: { task, ...turn }, seq }) =>
        task === id ? Effect.succeed<Turn>({ seq, ...turn }) : damaged(`another task's turn is kept under ${id}`)
    )
  }, failing)

  return { append, list } satisfies TurnStore as TurnStore
})
