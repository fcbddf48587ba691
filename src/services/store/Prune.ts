/**
 * Throws away what is old of what is finished: works as wholes, the oldest first, and what belongs to them. Unfinished work
 * is not touched, nor what it stands on; the ledger stays. It goes by small transactions, and may be interrupted between
 * any two of them.
 */
import { Array, Clock, Duration, Effect } from "effect"
import { SqlClient } from "effect/sql"
import type { PruneOptions, PruneReport } from "../../domain/Pruning.ts"
import { type Finished, makeFinished } from "./Finished.ts"
import type { GroupCommit } from "./GroupCommit.ts"
import { makeRemoval } from "./Removal.ts"
import { makeSpace } from "./Space.ts"
import type { WithFailures } from "./StorageError.ts"
import type { StoreFolder, TranscriptFile } from "./StoreFolder.ts"

const tasksAtOnce = 100
const rowsAtOnce = 2000
const mostRounds = 4

/** A transcript that no attempt has is nobody's if it is older than this, and than the pool. */
const forgottenAfter = Duration.toMillis("1 day")

/** What a run has taken out, or would. */
interface Gone {
  chains: number
  groups: number
  tasks: number
  messages: number
  bytes: number
  readonly seqs: Set<number>
  readonly parents: Set<string>
  readonly sessions: Set<string>
}

const weightOf = (files: ReadonlyArray<TranscriptFile>) => sum(files.map(({ bytes }) => bytes))
const sum = (numbers: ReadonlyArray<number>) => numbers.reduce((total, one) => total + one, 0)

export const makePrune = Effect.fnUntraced(function*(
  { commits, failing, folder }: {
    readonly commits: GroupCommit
    readonly failing: WithFailures
    readonly folder: StoreFolder
  }
) {
  const sql = yield* SqlClient.SqlClient
  const openedAt = yield* Clock.currentTimeMillis
  const removal = yield* makeRemoval(commits)
  const space = yield* makeSpace({ commits, folder })
  const walk = yield* makeFinished

  /** What goes along with works is counted where it stays: the copies of messages to their tasks. */
  const foresee = Effect.fnUntraced(function*(units: ReadonlyArray<Finished>, gone: Gone, before: number) {
    const ids = JSON.stringify(units.map(({ id }) => id))
    const within = yield* sql<{ readonly id: string }>`
      SELECT id FROM groups WHERE within IN (SELECT value FROM json_each(${ids}))`
    for (const { id } of within) gone.parents.add(id)
    const parents = JSON.stringify([...units, ...within].map(({ id }) => id))
    const [row] = yield* sql<{ readonly messages: number }>`SELECT count(*) AS messages FROM messages
      WHERE expires_at >= ${before} AND mailbox IN (SELECT id FROM tasks WHERE id IN (SELECT value FROM json_each(${ids}))
        OR parent IN (SELECT value FROM json_each(${parents})))`
    gone.messages += row?.messages ?? 0
  })

  const remove = Effect.fnUntraced(
    function*(units: ReadonlyArray<Finished>, gone: Gone, { before, dryRun }: { before: number; dryRun: boolean }) {
      if (dryRun) yield* foresee(units, gone, before)
      const seqs = units.filter(({ kind }) => kind === "task").map(({ seq }) => seq)
      const done = dryRun ? { tasks: seqs.length, messages: 0 } : yield* removal.tasks(seqs)
      gone.tasks += done.tasks
      gone.messages += done.messages
      for (const seq of seqs) gone.seqs.add(seq)
      for (const unit of units.filter(({ kind }) => kind !== "task")) {
        if (!dryRun && !(yield* removal.whole(unit))) continue
        if (!dryRun) gone.messages += yield* removal.finish
        gone[unit.kind === "chain" ? "chains" : "groups"]++
        gone.parents.add(unit.id)
      }
      for (const session of units.flatMap(({ sessions }) => sessions)) gone.sessions.add(session)
    }
  )

  /** Works that finished before `before`, and then the oldest until `excess` bytes have gone. */
  const removeWorks = Effect.fnUntraced(function*(
    { before, dryRun, excess, weights }: {
      readonly before: number
      readonly excess: number
      readonly weights: ReadonlyMap<string, number>
      readonly dryRun: boolean
    },
    gone: Gone
  ) {
    const next = walk()
    const start = gone.bytes
    let batch: Array<Finished> = []
    for (let unit = yield* next; unit !== undefined; unit = yield* next) {
      if (unit.finishedAt >= before && gone.bytes - start >= excess) break
      if (!unit.free) continue
      gone.bytes += unit.bytes + sum(unit.sessions.map((session) => weights.get(session) ?? 0))
      batch.push(unit)
      if (batch.length < tasksAtOnce) continue
      yield* remove(batch, gone, { before, dryRun })
      batch = []
    }
    yield* remove(batch, gone, { before, dryRun })
  })

  /** Transcripts that no task has that is kept. */
  const orphans = Effect.fnUntraced(function*(transcripts: ReadonlyArray<TranscriptFile>, gone: Gone, now: number) {
    const kept = new Set<string>()
    for (const some of Array.chunksOf(Array.dedupe(transcripts.map(({ session }) => session)), rowsAtOnce)) {
      const rows = yield* sql<
        { readonly session: string; readonly task: number; readonly parent: string | null }
      >`SELECT attempts.session AS session, attempts.task AS task, tasks.parent AS parent
        FROM attempts JOIN tasks ON tasks.seq = attempts.task
        WHERE attempts.session IN (SELECT value FROM json_each(${JSON.stringify(some)}))`
      for (const { parent, session, task } of rows) {
        if (!gone.seqs.has(task) && (parent === null || !gone.parents.has(parent))) kept.add(session)
      }
    }
    const old = Math.min(openedAt, now - forgottenAfter)
    return transcripts.filter(({ modifiedAt, session }) =>
      !kept.has(session) && (gone.sessions.has(session) || modifiedAt < old)
    )
  })

  /** Those up to the first that is young enough: the log is in the order of time. */
  const removeEvents = Effect.fnUntraced(function*(before: number, dryRun: boolean) {
    const [row] = yield* sql<{ readonly first: number | null; readonly events: number }>`
      SELECT min(seq) AS first, count(*) AS events FROM events
      WHERE seq < coalesce((SELECT seq FROM events WHERE at >= ${before} ORDER BY seq LIMIT 1), 9e15)`
    if (row === undefined || row.first === null || dryRun) return row?.events ?? 0
    for (let left = row.events; left > 0; left -= rowsAtOnce) {
      const some = Math.min(left, rowsAtOnce)
      yield* removal.write(
        sql`DELETE FROM events WHERE seq IN (SELECT seq FROM events ORDER BY seq LIMIT ${some})`
      )
    }
    return row.events
  })

  /** Messages that can reach nobody any more. */
  const removeMessages = Effect.fnUntraced(function*(before: number, dryRun: boolean) {
    const which = sql`seq IN (SELECT seq FROM messages WHERE expires_at < ${before} LIMIT ${rowsAtOnce})`
    if (dryRun) {
      const [row] = yield* sql<
        { readonly messages: number }
      >`SELECT count(*) AS messages FROM messages WHERE expires_at < ${before}`
      return row?.messages ?? 0
    }
    let removed = 0
    for (;;) {
      const some = (yield* removal.write(sql`DELETE FROM messages WHERE ${which} RETURNING seq`)).length
      removed += some
      if (some < rowsAtOnce) return removed
    }
  })

  return Effect.fn("Store.prune")(function*({ dryRun, keepBytes, olderThan }: PruneOptions) {
    const now = yield* Clock.currentTimeMillis
    const before = olderThan === null ? Number.MIN_SAFE_INTEGER : now - Duration.toMillis(olderThan)
    const gone: Gone = {
      chains: 0,
      groups: 0,
      tasks: 0,
      messages: 0,
      bytes: 0,
      seqs: new Set(),
      parents: new Set(),
      sessions: new Set()
    }
    let transcripts = yield* folder.transcripts
    const weights = new Map<string, number>()
    for (const { bytes, session } of transcripts) weights.set(session, (weights.get(session) ?? 0) + bytes)
    const size = yield* space.measure(weightOf(transcripts))
    const excess = size.used - (keepBytes ?? Infinity)

    if (!dryRun) yield* removal.finish
    const messages = yield* removeMessages(before, dryRun)
    const events = yield* removeEvents(before, dryRun)
    yield* removeWorks({ before, dryRun, weights, excess }, gone)
    let orphaned = yield* orphans(transcripts, gone, now)
    if (dryRun) {
      return {
        chains: gone.chains,
        groups: gone.groups,
        tasks: gone.tasks,
        messages: messages + gone.messages,
        events,
        files: orphaned.length,
        bytes_before: size.bytes,
        bytes_after: Math.max(0, size.used - gone.bytes),
        dry_run: dryRun
      } satisfies PruneReport as PruneReport
    }

    let files = 0
    for (let round = 1;; round++) {
      const some = new Set(orphaned)
      files += yield* folder.remove(orphaned.map(({ path }) => path))
      transcripts = transcripts.filter((one) => !some.has(one))
      yield* space.giveBack
      const left = yield* space.measure(weightOf(transcripts))
      const works = gone.chains + gone.groups + gone.tasks
      // What a row weighs is an estimate, and the figure that counts is that of the disk.
      if (left.used > (keepBytes ?? Infinity) && round < mostRounds) {
        yield* removeWorks({ before, dryRun, weights, excess: left.used - (keepBytes ?? Infinity) }, gone)
        orphaned = yield* orphans(transcripts, gone, now)
        if (gone.chains + gone.groups + gone.tasks > works) continue
      }
      return {
        chains: gone.chains,
        groups: gone.groups,
        tasks: gone.tasks,
        messages: messages + gone.messages,
        events,
        files,
        bytes_before: size.bytes,
        bytes_after: left.bytes,
        dry_run: dryRun
      } satisfies PruneReport as PruneReport
    }
  }, failing)
})
