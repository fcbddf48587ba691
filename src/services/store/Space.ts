/**
 * How much room the store takes on the disk, and how it gives back what it no longer needs.
 */
import { Effect, Result } from "effect"
import { SqlClient } from "effect/sql"
import type { GroupCommit } from "./GroupCommit.ts"
import type { StoreFolder } from "./StoreFolder.ts"

/** Pages that are given back in one transaction: others get in between. */
const pagesAtOnce = 500

const asIncremental = 2

export interface Size {
  /** All of it, as it lies on the disk. */
  readonly bytes: number
  /** Without the pages that are free and the journal, which can be given back. */
  readonly used: number
  readonly freePages: number
  /** Whether free pages can be given back one by one. */
  readonly shrinks: boolean
}

export const makeSpace = Effect.fnUntraced(function*(
  { commits, folder }: { readonly commits: GroupCommit; readonly folder: StoreFolder }
) {
  const sql = yield* SqlClient.SqlClient

  const pages = Effect.gen(function*() {
    const [row] = yield* sql<
      { readonly pages: number; readonly size: number; readonly free: number; readonly mode: number }
    >`SELECT page_count AS pages, page_size AS size, freelist_count AS free, auto_vacuum AS mode
      FROM pragma_page_count, pragma_page_size, pragma_freelist_count, pragma_auto_vacuum`
    return row ?? { pages: 0, size: 0, free: 0, mode: 0 }
  })

  /** `files` is what the transcripts weigh. */
  const measure = Effect.fnUntraced(function*(files: number) {
    const { free, mode, pages: all, size } = yield* pages
    const { journal, others } = yield* folder.otherBytes
    return {
      bytes: all * size + journal + others + files,
      used: (all - free) * size + others + files,
      freePages: free,
      shrinks: mode === asIncremental
    } satisfies Size as Size
  })

  const shrink = commits.submit({
    durable: false,
    apply: Effect.map(sql.unsafe(`PRAGMA incremental_vacuum(${pagesAtOnce})`).unprepared, () => Result.void)
  })

  /** Works the journal in and empties it, unless somebody reads in it. */
  const emptyJournal = Effect.gen(function*() {
    const [row] = yield* sql.unsafe<{ readonly log: number; readonly checkpointed: number }>(
      "PRAGMA wal_checkpoint(PASSIVE)"
    ).unprepared
    // With a reader in it, to empty it would mean to wait, and the whole process with it.
    if (row !== undefined && row.log === row.checkpointed) {
      yield* sql.unsafe("PRAGMA wal_checkpoint(TRUNCATE)").unprepared
    }
  })

  /** Gives the free pages back to the disk, in parts. */
  const giveBack = Effect.gen(function*() {
    for (;;) {
      const { free, mode } = yield* pages
      if (free === 0 || mode !== asIncremental) break
      yield* shrink
    }
    yield* emptyJournal
  })

  return { measure, giveBack }
})
