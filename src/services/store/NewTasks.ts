/**
 * Tasks that are new to the store, one of them or ten thousand: each with its row and its listings.
 */
import { Array, DateTime, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { SqlError } from "effect/sql/SqlError"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { encodeTask, listingColumns, stateColumns } from "./TaskRows.ts"

/** Rows that one statement inserts: more would not be quicker, and a statement may not have too many parameters. */
const rowsPerStatement = 200

export type NewTasks = Effect.Success<typeof makeNewTasks>

export const makeNewTasks = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const insert = Effect.fnUntraced(function*(
    tasks: ReadonlyArray<Task>,
    rows: Array.NonEmptyReadonlyArray<Effect.Success<ReturnType<typeof rowOf>>>
  ) {
    const kept = yield* sql<{ readonly id: TaskId; readonly seq: number }>`
      INSERT INTO tasks ${sql.insert(rows)} RETURNING id, seq`
    const seqs = new Map(kept.map(({ id, seq }) => [id, seq]))
    const listings = tasks.flatMap((task) => listingColumns(task, seqs.get(task.id) ?? 0))
    yield* Effect.forEach(
      Array.chunksOf(listings, rowsPerStatement),
      (some) => sql`INSERT INTO listings ${sql.insert(some)}`,
      { discard: true }
    )
  })

  /** The write of tasks, to be run in a transaction: what it takes to encode them is done before. */
  const entry = (tasks: ReadonlyArray<Task>): Effect.Effect<Effect.Effect<void, SqlError>> =>
    Effect.map(
      Effect.forEach(
        Array.chunksOf(tasks, rowsPerStatement),
        (some) => Effect.map(Effect.forEach(some, rowOf), (rows) => insert(some, rows))
      ),
      (inserts) => Effect.all(inserts, { discard: true })
    )

  return { entry }
})

const rowOf = Effect.fnUntraced(function*(task: Task) {
  return {
    id: task.id,
    key: task.key,
    name: task.options.name ?? null,
    parent: task.parent?.id ?? null,
    content: task.parent?._tag === "Item" ? task.parent.content : null,
    role: task.options.role ?? null,
    continues: task.options.continueFrom ?? null,
    submitted_at: DateTime.toEpochMillis(task.submittedAt),
    ...stateColumns(task),
    body: yield* encodeTask(task)
  }
})
