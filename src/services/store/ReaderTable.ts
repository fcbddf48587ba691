/**
 * Readers of the log: one row for each. What they look for is found where the log lies: of all that happened, only ends
 * and reviews are taken out.
 */
import { Effect, Option, Result } from "effect"
import { SqlClient } from "effect/sql"
import type { WorkId } from "../../domain/WorkId.ts"
import type { EventLog } from "./EventLog.ts"
import type { Kept, ReaderStore } from "./ReaderStore.ts"
import type { WithFailures } from "./StorageError.ts"
import type { Writing } from "./TaskWrites.ts"

/** Numbers of the log that are looked at in one go: a tenth of a second, at the most. */
const window = 50_000

export const makeReaderTable = Effect.fnUntraced(function*(
  { commits, failing, log }: Pick<Writing, "commits"> & { readonly failing: WithFailures; readonly log: EventLog }
) {
  const sql = yield* SqlClient.SqlClient

  const seqOf = Effect.fn("Store.readers.seqOf")(function*(name: string) {
    const [row] = yield* sql<{ readonly seq: number }>`SELECT seq FROM readers WHERE name = ${name}`
    return Option.map(Option.fromUndefinedOr(row), ({ seq }) => seq)
  }, failing)

  const acknowledge = Effect.fn("Store.readers.acknowledge")(function*(name: string, seq: number) {
    const newest = yield* log.newest
    const row = { name, seq: Math.min(seq, newest) }
    const apply = sql`INSERT INTO readers ${sql.insert(row)}
      ON CONFLICT (name) DO UPDATE SET seq = max(seq, excluded.seq)`
    yield* commits.submit({ durable: false, apply: Effect.as(apply, Result.void) })
  }, failing)

  const ends = Effect.fn("Store.readers.ends")(function*(since: number, limit: number) {
    // Asked for first: what comes in between is found, and is not passed over.
    const newest = yield* log.newest
    const from = Math.max(since, (yield* log.oldest) - 1)
    const to = Math.min(from + window, Math.max(newest, from))
    const events = yield* log.ends({ after: from, to, limit })
    const last = events.at(-1)
    const seq = events.length === limit && last !== undefined ? last.seq : to
    return { events, seq, more: seq < newest }
  }, failing)

  const kept = Effect.fn("Store.readers.kept")(function*(ids: ReadonlyArray<WorkId>) {
    const these = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
    const rows = yield* sql<Kept & { readonly id: string }>`
      SELECT id, state, parent FROM tasks WHERE id IN ${these}
      UNION ALL SELECT id, state, within AS parent FROM groups WHERE id IN ${these}
      UNION ALL SELECT id, state, NULL AS parent FROM chains WHERE id IN ${these}`
    return new Map(rows.map(({ id, parent, state }) => [id, { parent, state }]))
  }, failing)

  return { newest: failing(log.newest), seqOf, acknowledge, ends, kept } satisfies ReaderStore as ReaderStore
})
