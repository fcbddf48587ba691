/**
 * What is thrown away of what is finished, and what that came to.
 */
import type { Duration } from "effect"
import { Schema } from "effect"

/** What is old enough to go. */
export interface PruneOptions {
  /** Work that finished longer ago than this goes; null: none goes for its age. */
  readonly olderThan: Duration.Duration | null
  /** The oldest goes until the store is no larger; null: none goes for its size. */
  readonly keepBytes: number | null
  /** Only says what would go. */
  readonly dryRun: boolean
}

/** What has gone, or would go. */
export const PruneReport = Schema.Struct({
  /** How much of each: whole chains and groups with their tasks, tasks by themselves. */
  chains: Schema.Int,
  groups: Schema.Int,
  tasks: Schema.Int,
  events: Schema.Int,
  messages: Schema.Int,
  /** Transcripts of sessions that nobody can go on from any more, and other files. */
  files: Schema.Int,
  /** Bytes on disk before and after, of the store and its files. */
  bytes_before: Schema.Int,
  bytes_after: Schema.Int,
  dry_run: Schema.Boolean
})
export type PruneReport = typeof PruneReport.Type
