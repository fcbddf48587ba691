/**
 * The groups of the store, and which task stands for each of their items.
 */
import { Array, DateTime, Effect, Equal, Option, Result, Schema, Struct } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { ChainId } from "../../domain/ChainId.ts"
import { Failure } from "../../domain/Failure.ts"
import { Group } from "../../domain/Group.ts"
import { GroupId } from "../../domain/GroupId.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { KeyConflict } from "../../domain/RequestFailure.ts"
import { makeAdvance } from "./Advance.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import { cut, readCursor } from "./Cursor.ts"
import type { GroupChange, GroupStore, Member } from "./GroupStore.ts"
import type { Ledger } from "./Ledger.ts"
import type { WithFailures } from "./StorageError.ts"
import { CountRow, countStates, TaskRow, workColumns } from "./TaskRows.ts"
import type { Writing } from "./TaskWrites.ts"

const GroupBody = bodyOf(Group)
const GroupRow = Schema.Struct({ seq: Schema.Int, body: GroupBody })
const MemberRow = Schema.Struct({ index: Schema.Int, task: TaskRow.fields.body })
const encodeGroup = encodeWith(GroupBody)

const columnsOf = Effect.fnUntraced(function*(group: Group) {
  return { ...workColumns(group), body: yield* encodeGroup(group) }
})

export const makeGroupTable = Effect.fnUntraced(function*(
  { commits, failing, ledger, log, newTasks }: Writing & { readonly ledger: Ledger; readonly failing: WithFailures }
) {
  const sql = yield* SqlClient.SqlClient
  const advance = makeAdvance(sql, "groups")

  const byId = SqlSchema.findOneOption({
    Request: GroupId,
    Result: GroupRow,
    execute: (id) => sql`SELECT seq, body FROM groups WHERE id = ${id}`
  })

  const byKey = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: GroupRow,
    execute: (key) => sql`SELECT seq, body FROM groups WHERE key = ${key}`
  })

  const openRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: GroupRow,
    execute: () => sql`SELECT seq, body FROM groups WHERE state IN ('Running', 'Reducing') ORDER BY seq`
  })(undefined)

  const rowsWithin = SqlSchema.findAll({
    Request: ChainId,
    Result: GroupRow,
    execute: (chain) => sql`SELECT seq, body FROM groups WHERE within = ${chain} ORDER BY seq`
  })

  const pageRows = SqlSchema.findAll({
    Request: Schema.Struct({ before: Schema.Int, limit: Schema.Int }),
    Result: GroupRow,
    execute: ({ before, limit }) =>
      sql`SELECT seq, body FROM groups WHERE seq < ${before} ORDER BY seq DESC LIMIT ${limit}`
  })

  const memberRows = SqlSchema.findAll({
    Request: Schema.Struct({ id: GroupId, from: Schema.Int, limit: Schema.Int }),
    Result: MemberRow,
    execute: ({ from, id, limit }) =>
      sql`SELECT members.idx AS "index", tasks.body AS task FROM members JOIN tasks ON tasks.seq = members.task
        WHERE members.parent = (SELECT seq FROM groups WHERE id = ${id}) AND members.idx >= ${from}
        ORDER BY members.idx LIMIT ${limit}`
  })

  const countRows = SqlSchema.findAll({
    Request: GroupId,
    Result: CountRow,
    execute: (id) =>
      sql`SELECT tasks.state AS state, count(*) AS tasks FROM members JOIN tasks ON tasks.seq = members.task
        WHERE members.parent = (SELECT seq FROM groups WHERE id = ${id}) GROUP BY tasks.state`
  })

  const contentRows = SqlSchema.findAll({
    Request: Schema.Struct({ id: GroupId, content: Schema.String }),
    Result: TaskRow,
    execute: ({ content, id }) =>
      sql`SELECT body FROM tasks WHERE parent = ${id} AND content = ${content} ORDER BY seq DESC`
  })

  /** Puts tasks that are in the store in the places of items. */
  const place = (group: number, members: ReadonlyArray<Member>) => {
    const places = JSON.stringify(members.map(({ index, task }) => [index, task.id]))
    return sql`INSERT INTO members (parent, idx, task)
      SELECT ${group}, place.value ->> 0, tasks.seq
      FROM json_each(${places}) AS place JOIN tasks ON tasks.id = place.value ->> 1 WHERE true
      ON CONFLICT DO UPDATE SET task = excluded.task`
  }

  /** The group that has the key already, where it was asked for with the same items. */
  const sameRequest = Effect.fnUntraced(
    function*(seq: number, known: Group, group: Group, members: ReadonlyArray<Member>) {
      const conflict = Result.fail(new Failure({ reason: new KeyConflict({ key: known.key ?? "", id: known.id }) }))
      // One that was taken up again may have been given other items since.
      if (known.retries > 0) return Result.succeed(known)
      if (!Equal.equals(requestOf(known), requestOf(group))) return conflict
      const rows = yield* sql<{ readonly content: string | null }>`
        SELECT tasks.content AS content FROM members JOIN tasks ON tasks.seq = members.task
        WHERE members.parent = ${seq} ORDER BY members.idx`
      return rows.every(({ content }, index) => content === contentOf(members[index]))
        ? Result.succeed(known)
        : conflict
    }
  )

  const accept = Effect.fn("Store.groups.accept")(
    function*(group: Group, members: ReadonlyArray<Member>) {
      const insertTasks = yield* newTasks.entry(members.map(({ task }) => task))
      const columns = {
        ...(yield* columnsOf(group)),
        id: group.id,
        key: group.key,
        submitted_at: DateTime.toEpochMillis(group.submittedAt),
        within: group.within
      }
      const event = yield* log.entry(PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: members.length }))

      const apply = Effect.gen(function*() {
        const known = group.key === null ? Option.none() : yield* byKey(group.key)
        if (Option.isSome(known)) return yield* sameRequest(known.value.seq, known.value.body, group, members)
        yield* insertTasks
        const rows = yield* sql<{ readonly seq: number }>`INSERT INTO groups ${sql.insert(columns)} RETURNING seq`
        yield* Effect.forEach(rows, ({ seq }) => place(seq, members), { discard: true })
        yield* event
        return Result.succeed(group)
      })

      return yield* commits.submit({ durable: true, apply })
    },
    failing
  )

  const commit = Effect.fn("Store.groups.commit")(
    function*({ event, group, kept = [], tasks = [] }: GroupChange) {
      const insertTasks = yield* newTasks.entry(tasks.map(({ task }) => task))
      const columns = yield* columnsOf(group)
      const entry = yield* log.entry(event)

      const apply = Effect.gen(function*() {
        const row = yield* advance(group, columns)
        if (Result.isFailure(row)) return Result.fail(row.failure)
        yield* insertTasks
        yield* place(row.success, [...tasks, ...kept])
        yield* sql`DELETE FROM members WHERE parent = ${row.success} AND idx >= ${group.size}`
        yield* entry
        return Result.void
      })

      yield* commits.submit({ durable: true, apply })
    },
    failing
  )

  const list = Effect.fn("Store.groups.list")(
    function*({ cursor, limit }: { readonly cursor?: string; readonly limit: number }) {
      const rows = yield* pageRows({ before: yield* readCursor(cursor), limit: limit + 1 })
      const { nextCursor, shown } = cut(rows, limit)
      return { groups: shown.map(({ body }) => body), nextCursor }
    },
    failing
  )

  return {
    accept,
    commit,
    find: Effect.fn("Store.groups.find")((id) => Effect.map(byId(id), Option.map(({ body }) => body)), failing),
    open: failing(Effect.map(openRows, Array.map(({ body }) => body))),
    within: Effect.fn("Store.groups.within")(
      (chain) => Effect.map(rowsWithin(chain), Array.map(({ body }) => body)),
      failing
    ),
    list,
    members: Effect.fn("Store.groups.members")((id, page) => memberRows({ id, ...page }), failing),
    counts: Effect.fn("Store.groups.counts")((id) => Effect.map(countRows(id), countStates), failing),
    byContent: Effect.fn("Store.groups.byContent")(
      (id, content) => Effect.map(contentRows({ id, content }), Array.map(({ body }) => body)),
      failing
    ),
    spent: Effect.fn("Store.groups.spent")((id) => ledger.spentOf(id), failing)
  } satisfies GroupStore as GroupStore
})

/** What was asked for, beside the items. */
const requestOf = (group: Group) =>
  Struct.pick(group, ["name", "size", "onFailure", "concurrency", "budget", "reduce", "within"])

const contentOf = (member: Member | undefined): string | null =>
  member?.task.parent?._tag === "Item" ? member.task.parent.content : null
