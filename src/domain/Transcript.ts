/**
 * What a session's transcript says of it, beside what its process has said: the CLI writes it as it works.
 */
import type { DateTime, Schema } from "effect"
import type { ModelUsage } from "./ModelUsage.ts"
import type { SessionId } from "./SessionId.ts"

/** What can be told without reading it: whether it grows. */
export interface TranscriptSize {
  readonly bytes: number
  readonly modifiedAt: DateTime.Utc
}

/** `from` is the time from which on entries count: a session that goes on from another one begins with a copy of it. */
export interface Transcript extends TranscriptSize {
  readonly session: SessionId
  /** Whether what was asked is in it, and nothing but its last line is torn: then it can be gone on with. */
  readonly isIntact: boolean
  /** The answer, where the last turn came to its end; null where it was cut off. */
  readonly answer: { readonly output: string; readonly structured?: Schema.Json; readonly model: string | null } | null
  /** Of the calls since `from`, subagents' included, each counted once. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** Whether `usage` is all that was paid for, at ordinary prices, as far as can be told. */
  readonly isWhole: boolean
  /** Messages that were answered, those with the results of tools included. */
  readonly turns: number
  /** Calls of tools that are work, subagents' included. */
  readonly toolCalls: number
}
