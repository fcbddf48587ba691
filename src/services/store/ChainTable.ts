/**
 * The chains of the store, and their journals.
 */
import { Array, DateTime, Effect, Equal, Option, Result, Schema, Struct } from "effect"
import { SqlClient, SqlSchema } from "effect/sql"
import { Chain } from "../../domain/Chain.ts"
import { ChainId } from "../../domain/ChainId.ts"
import { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { KeyConflict } from "../../domain/RequestFailure.ts"
import { StepRecord } from "../../domain/StepRecord.ts"
import { makeAdvance } from "./Advance.ts"
import { bodyOf, encodeWith } from "./Body.ts"
import type { ChainStore } from "./ChainStore.ts"
import { cut, readCursor } from "./Cursor.ts"
import type { Ledger } from "./Ledger.ts"
import type { WithFailures } from "./StorageError.ts"
import { TaskRow, workColumns } from "./TaskRows.ts"
import type { Writing } from "./TaskWrites.ts"

const ChainBody = bodyOf(Chain)
const ChainRow = Schema.Struct({ seq: Schema.Int, body: ChainBody })
const encodeChain = encodeWith(ChainBody)

const RecordBody = bodyOf(StepRecord)
const RecordRow = Schema.Struct({ body: RecordBody })
const encodeRecord = encodeWith(RecordBody)

const columnsOf = Effect.fnUntraced(function*(chain: Chain) {
  return { ...workColumns(chain), body: yield* encodeChain(chain) }
})

export const makeChainTable = Effect.fnUntraced(function*(
  { commits, failing, ledger, log }: Omit<Writing, "newTasks"> & {
    readonly ledger: Ledger
    readonly failing: WithFailures
  }
) {
  const sql = yield* SqlClient.SqlClient
  const advance = makeAdvance(sql, "chains")

  const byId = SqlSchema.findOneOption({
    Request: ChainId,
    Result: ChainRow,
    execute: (id) => sql`SELECT seq, body FROM chains WHERE id = ${id}`
  })

  const byKey = SqlSchema.findOneOption({
    Request: Schema.String,
    Result: ChainRow,
    execute: (key) => sql`SELECT seq, body FROM chains WHERE key = ${key}`
  })

  const openRows = SqlSchema.findAll({
    Request: Schema.Void,
    Result: ChainRow,
    execute: () => sql`SELECT seq, body FROM chains WHERE state = 'Running' ORDER BY seq`
  })(undefined)

  const pageRows = SqlSchema.findAll({
    Request: Schema.Struct({ before: Schema.Int, limit: Schema.Int }),
    Result: ChainRow,
    execute: ({ before, limit }) =>
      sql`SELECT seq, body FROM chains WHERE seq < ${before} ORDER BY seq DESC LIMIT ${limit}`
  })

  const recordRows = SqlSchema.findAll({
    Request: ChainId,
    Result: RecordRow,
    execute: (id) => sql`SELECT body FROM journal WHERE chain = (SELECT seq FROM chains WHERE id = ${id}) ORDER BY seq`
  })

  const taskRows = SqlSchema.findAll({
    Request: ChainId,
    Result: TaskRow,
    execute: (id) => sql`SELECT body FROM tasks WHERE parent = ${id} ORDER BY seq`
  })

  const accept = Effect.fn("Store.chains.accept")(function*(chain: Chain) {
    const columns = {
      ...(yield* columnsOf(chain)),
      id: chain.id,
      key: chain.key,
      submitted_at: DateTime.toEpochMillis(chain.submittedAt)
    }
    const event = yield* log.entry(PoolEvent.cases.ChainSubmitted.make({ id: chain.id }))

    const apply = Effect.gen(function*() {
      const known = chain.key === null ? Option.none() : yield* byKey(chain.key)
      if (Option.isSome(known)) return sameRequest(known.value.body, chain)
      yield* sql`INSERT INTO chains ${sql.insert(columns)}`
      yield* event
      return Result.succeed(chain)
    })

    return yield* commits.submit({ durable: true, apply })
  }, failing)

  const commit = Effect.fn("Store.chains.commit")(
    function*({ chain, event }: { readonly chain: Chain; readonly event: PoolEvent }) {
      const columns = yield* columnsOf(chain)
      const entry = yield* log.entry(event)
      const apply = Effect.gen(function*() {
        const row = yield* advance(chain, columns)
        if (Result.isFailure(row)) return Result.fail(row.failure)
        yield* entry
        return Result.void
      })
      yield* commits.submit({ durable: true, apply })
    },
    failing
  )

  const list = Effect.fn("Store.chains.list")(
    function*({ cursor, limit }: { readonly cursor?: string; readonly limit: number }) {
      const rows = yield* pageRows({ before: yield* readCursor(cursor), limit: limit + 1 })
      const { nextCursor, shown } = cut(rows, limit)
      return { chains: shown.map(({ body }) => body), nextCursor }
    },
    failing
  )

  const record = Effect.fn("Store.chains.record")(function*(id: ChainId, record: StepRecord, event: PoolEvent) {
    const body = yield* encodeRecord(record)
    const entry = yield* log.entry(event)
    const apply = Effect.gen(function*() {
      yield* sql`INSERT OR REPLACE INTO journal (chain, key, body)
        VALUES ((SELECT seq FROM chains WHERE id = ${id}), ${record.key}, ${body})`
      yield* entry
      return Result.void
    })
    yield* commits.submit({ durable: true, apply })
  }, failing)

  const forget = Effect.fn("Store.chains.forget")(function*(id: ChainId, keys: ReadonlyArray<string>) {
    const apply = sql`DELETE FROM journal WHERE chain = (SELECT seq FROM chains WHERE id = ${id})
      AND key IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`
    yield* commits.submit({ durable: true, apply: Effect.as(apply, Result.void) })
  }, failing)

  return {
    accept,
    commit,
    find: Effect.fn("Store.chains.find")((id) => Effect.map(byId(id), Option.map(({ body }) => body)), failing),
    open: failing(Effect.map(openRows, Array.map(({ body }) => body))),
    list,
    record,
    journal: Effect.fn("Store.chains.journal")(
      (id) => Effect.map(recordRows(id), Array.map(({ body }) => body)),
      failing
    ),
    forget,
    tasks: Effect.fn("Store.chains.tasks")((id) => Effect.map(taskRows(id), Array.map(({ body }) => body)), failing),
    spent: Effect.fn("Store.chains.spent")((id) => ledger.spentOf(id), failing)
  } satisfies ChainStore as ChainStore
})

/** What was asked for. The context is what it was when the chain was accepted, whatever it is now. */
const requestOf = (chain: Chain) => Struct.pick(chain, ["name", "definition", "vars", "cwd", "defaults"])

const sameRequest = (known: Chain, chain: Chain): Result.Result<Chain, Failure> =>
  Equal.equals(requestOf(known), requestOf(chain))
    ? Result.succeed(known)
    : Result.fail(new Failure({ reason: new KeyConflict({ key: known.key ?? "", id: known.id }) }))
