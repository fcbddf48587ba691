/**
 * What a store has in its directory beside its database: a store in memory has nothing.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"

/** What the CLI has written of a session, which it needs to go on with it. */
export interface TranscriptFile {
  readonly session: string
  readonly path: string
  readonly bytes: number
  /** In milliseconds since 1970. */
  readonly modifiedAt: number
}

export interface StoreFolder {
  /** Bytes of the database's journal, and of what the slots have left in the directory. */
  readonly otherBytes: Effect.Effect<{ readonly journal: number; readonly others: number }, Failure>
  readonly transcripts: Effect.Effect<ReadonlyArray<TranscriptFile>, Failure>
  /** How many of them could be removed. */
  readonly remove: (paths: ReadonlyArray<string>) => Effect.Effect<number>
}

export const noFolder: StoreFolder = {
  otherBytes: Effect.succeed({ journal: 0, others: 0 }),
  transcripts: Effect.succeed([]),
  remove: () => Effect.succeed(0)
}
