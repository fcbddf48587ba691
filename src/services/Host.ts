/**
 * The process that has the pool of this store, from the outside.
 */
import { Context, type Effect } from "effect"
import type { DrainOptions } from "../domain/CallOptions.ts"
import type { DrainReport } from "../domain/DrainReport.ts"
import type { Failure } from "../domain/Failure.ts"

/** What it was, and what became of its work. */
export interface HostEnd {
  readonly pid: number
  readonly version: string
  /** Null: it is of another version, and could only be told to end. */
  readonly report: DrainReport | null
}

export class Host extends Context.Service<Host, {
  /** Drains it and ends it, and waits until it is gone. Null: there is none. */
  readonly stop: (options: DrainOptions) => Effect.Effect<HostEnd | null, Failure>
}>()("claude-pool/services/Host") {}
