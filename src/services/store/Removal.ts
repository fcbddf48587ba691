/**
 * Takes finished work out of the tables. A whole is gone for every caller with one transaction; its tasks, of which there
 * may be ten thousand, follow in parts. A program that is killed in between has left a note, and the next one goes on.
 */
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import { type Finished, finishedRows } from "./Finished.ts"
import type { GroupCommit } from "./GroupCommit.ts"
import type { StorageError } from "./StorageError.ts"

/** Tasks that go in one transaction: others get in between. */
const tasksAtOnce = 200

export const makeRemoval = Effect.fnUntraced(function*(commits: GroupCommit) {
  const sql = yield* SqlClient.SqlClient

  /** What refers to the tasks goes first. Answers with how many messages have gone to nobody now. */
  const dropTasks = Effect.fnUntraced(function*(seqs: ReadonlyArray<number>) {
    const these = sql`(SELECT value FROM json_each(${JSON.stringify(seqs)}))`
    const ids = sql`(SELECT id FROM tasks WHERE seq IN ${these})`
    for (const table of ["listings", "attempts", "outputs", "patches", "turns", "members"]) {
      yield* sql`DELETE FROM ${sql(table)} WHERE task IN ${these}`
    }
    yield* sql`DELETE FROM context WHERE scope IN ${ids}`
    const messages = yield* sql`DELETE FROM messages WHERE mailbox IN ${ids} RETURNING seq`
    yield* sql`DELETE FROM tasks WHERE seq IN ${these}`
    return messages.length
  })

  const write = <A>(apply: Effect.Effect<A, StorageError>) =>
    commits.submit({ durable: false, apply: Effect.map(apply, (answer) => Result.succeed(answer)) })

  /** Looked at again where nobody can write in between. */
  const stillFree = Effect.fnUntraced(function*(kind: Finished["kind"], seqs: ReadonlyArray<number>) {
    const rows = yield* sql.unsafe<{ readonly seq: number; readonly free: number }>(
      `SELECT seq, free FROM (${finishedRows[kind]} AND seq IN (SELECT value FROM json_each(?)))`,
      [JSON.stringify(seqs)]
    )
    return rows.flatMap(({ free, seq }) => free === 1 ? [seq] : [])
  })

  const tasks = (seqs: ReadonlyArray<number>) =>
    write(Effect.gen(function*() {
      const free = yield* stillFree("task", seqs)
      return { tasks: free.length, messages: yield* dropTasks(free) }
    }))

  /** The rest of what has been condemned: nothing refers to it any more. Answers with how many messages went along. */
  const finish = Effect.gen(function*() {
    let messages = 0
    for (;;) {
      const left = yield* write(Effect.gen(function*() {
        const rows = yield* sql<{ readonly seq: number }>`SELECT seq FROM tasks
          WHERE parent IN (SELECT parent FROM condemned) LIMIT ${tasksAtOnce}`
        messages += yield* dropTasks(rows.map(({ seq }) => seq))
        if (rows.length < tasksAtOnce) yield* sql`DELETE FROM condemned`
        return rows.length === tasksAtOnce
      }))
      if (!left) return messages
    }
  })

  /** False where something goes on from it by now. */
  const whole = ({ id, kind, seq }: Finished) =>
    write(Effect.gen(function*() {
      if (kind === "task" || (yield* stillFree(kind, [seq])).length === 0) return false
      yield* sql`INSERT OR IGNORE INTO condemned (parent)
        SELECT ${id} UNION ALL SELECT id FROM groups WHERE within = ${id}`
      yield* sql`DELETE FROM members WHERE parent IN
        (SELECT groups.seq FROM groups JOIN condemned ON condemned.parent = groups.id)`
      yield* sql`DELETE FROM context WHERE scope IN (SELECT parent FROM condemned)`
      yield* sql`DELETE FROM groups WHERE id IN (SELECT parent FROM condemned)`
      if (kind === "chain") {
        yield* sql`DELETE FROM journal WHERE chain = ${seq}`
        yield* sql`DELETE FROM chains WHERE seq = ${seq}`
      }
      return true
    }))

  return { tasks, whole, finish, write }
})
