/**
 * What is finished and by itself, oldest first: tasks that are part of nothing, groups that are steps of no chain, and
 * chains. What an unfinished task goes on from is left out, and all that this is a part of.
 */
import { Array, Effect, Schema, Struct } from "effect"
import { SqlClient } from "effect/sql"
import { ChainId } from "../../domain/ChainId.ts"
import { GroupId } from "../../domain/GroupId.ts"
import { TaskId } from "../../domain/TaskId.ts"

/** One thing that goes as a whole or stays. */
const Row = Schema.Struct({
  seq: Schema.Int,
  id: Schema.Union([TaskId, GroupId, ChainId]),
  finishedAt: Schema.Int,
  /** What it weighs in the database, about. */
  bytes: Schema.Int,
  sessions: Schema.fromJsonString(Schema.Array(Schema.String)),
  /** Nothing unfinished goes on from it, or is in it. */
  free: Schema.BooleanFromBit
})

export interface Finished extends Schema.Schema.Type<typeof Row> {
  readonly kind: Kind
}

type Kind = "task" | "group" | "chain"

const kinds: ReadonlyArray<Kind> = ["task", "group", "chain"]

const decodeRows = Schema.decodeUnknownEffect(Schema.Array(Row))

/** What a row costs beside its values: keys, the indexes, the listings. */
const rowBytes = 900
const rowsPerRead: Record<Kind, number> = { task: 200, group: 10, chain: 10 }

/** Ids of a work and of all groups within it: what its tasks have as their parent. */
const parentsOf = (work: string) => `SELECT ${work} UNION ALL SELECT id FROM groups WHERE within = ${work}`

const open = `('Queued', 'Running', 'InReview')`

const wholeColumns = (table: string) => {
  const its = `tasks.parent IN (${parentsOf(`${table}.id`)})`
  return `octet_length(${table}.body) + ${rowBytes}
      + coalesce((SELECT sum(${rowBytes} + octet_length(tasks.body) + coalesce(octet_length(outputs.body), 0)
          + coalesce(octet_length(patches.body), 0))
        FROM tasks LEFT JOIN outputs ON outputs.task = tasks.seq
          LEFT JOIN patches ON patches.task = tasks.seq WHERE ${its}), 0)
      + coalesce((SELECT sum(octet_length(attempts.body))
        FROM tasks JOIN attempts ON attempts.task = tasks.seq WHERE ${its}), 0)
      + coalesce((SELECT sum(octet_length(turns.body))
        FROM tasks JOIN turns ON turns.task = tasks.seq WHERE ${its}), 0)
      ${
    table === "chains"
      ? "+ coalesce((SELECT sum(octet_length(body)) FROM journal WHERE chain = chains.seq), 0)"
      : ""
  } AS bytes,
    (SELECT json_group_array(DISTINCT attempts.session) FROM tasks JOIN attempts ON attempts.task = tasks.seq
      WHERE ${its} AND attempts.session IS NOT NULL) AS sessions,
    NOT EXISTS (SELECT 1 FROM tally
      WHERE tag IN (${parentsOf(`${table}.id`)}) AND name = '' AND state IN ${open} AND tasks > 0)
    AND NOT EXISTS (SELECT 1 FROM tasks AS later JOIN tasks ON tasks.id = later.continues
      WHERE later.continues IS NOT NULL AND later.finished_at IS NULL AND ${its}) AS free`
}

/** The questions, each for a page of its kind. */
export const finishedRows: Record<Kind, string> = {
  task: `SELECT seq, id, finished_at AS finishedAt,
      ${rowBytes} + octet_length(body)
        + coalesce((SELECT octet_length(body) FROM outputs WHERE task = tasks.seq), 0)
        + coalesce((SELECT octet_length(body) FROM patches WHERE task = tasks.seq), 0)
        + coalesce((SELECT sum(octet_length(body)) FROM turns WHERE task = tasks.seq), 0)
        + coalesce((SELECT sum(octet_length(body)) FROM attempts WHERE task = tasks.seq), 0) AS bytes,
      (SELECT json_group_array(DISTINCT session) FROM attempts
        WHERE task = tasks.seq AND session IS NOT NULL) AS sessions,
      NOT EXISTS (SELECT 1 FROM members WHERE task = tasks.seq)
      AND NOT EXISTS (SELECT 1 FROM tasks AS later
        WHERE later.continues = tasks.id AND later.finished_at IS NULL) AS free
    FROM tasks INDEXED BY tasks_finished WHERE parent IS NULL AND finished_at IS NOT NULL`,
  group: `SELECT seq, id, finished_at AS finishedAt, ${wholeColumns("groups")}
    FROM groups WHERE within IS NULL AND finished_at IS NOT NULL`,
  chain: `SELECT seq, id, finished_at AS finishedAt, ${wholeColumns("chains")}
    FROM chains WHERE finished_at IS NOT NULL`
}

export const makeFinished = Effect.gen(function*() {
  const sql = yield* SqlClient.SqlClient

  const page = Effect.fnUntraced(function*(kind: Kind, last: Finished | undefined) {
    const after = [last?.finishedAt ?? Number.MIN_SAFE_INTEGER, last?.seq ?? 0]
    const rows = yield* sql.unsafe(
      `${finishedRows[kind]} AND (finished_at, seq) > (?, ?) ORDER BY finished_at, seq LIMIT ${rowsPerRead[kind]}`,
      after
    )
    return Array.map(yield* decodeRows(rows), (row): Finished => Struct.assign(row, { kind }))
  })

  const reader = (kind: Kind) => {
    let rows: ReadonlyArray<Finished> = []
    let last: Finished | undefined
    let ended = false
    return {
      /** The oldest that has not been taken, undefined at the end. */
      peek: Effect.gen(function*() {
        if (rows.length === 0 && !ended) {
          rows = yield* page(kind, last)
          last = rows.at(-1) ?? last
          ended = rows.length === 0
        }
        return rows[0]
      }),
      take: () => {
        rows = rows.slice(1)
      }
    }
  }

  /** A walk over all of it, which says at each step what comes next; undefined at the end. */
  return () => {
    const readers = kinds.map(reader)
    return Effect.gen(function*() {
      const heads = yield* Effect.forEach(readers, (one) => Effect.map(one.peek, (head) => ({ one, head })))
      const known = Array.flatMap(heads, ({ head, one }) => head === undefined ? [] : [{ head, one }])
      const oldest = known.reduce<typeof known[number] | undefined>(
        (first, next) => first === undefined || next.head.finishedAt < first.head.finishedAt ? next : first,
        undefined
      )
      oldest?.one.take()
      return oldest?.head
    })
  }
})
