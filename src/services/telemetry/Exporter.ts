/**
 * Where traces and numbers go.
 */
import type { Effect } from "effect"
import { Schema } from "effect"
import type { TaskStateTag } from "../../domain/Task.ts"
import type { TraceSpan } from "../../domain/TraceSpan.ts"

/** Spans did not arrive: `mayPass` says whether it is worth a try to send the same ones again. */
export class Unsent extends Schema.TaggedError<Unsent>()("Unsent", {
  detail: Schema.String,
  mayPass: Schema.Boolean
}) {}

/** How many tasks there are in each state. */
export type TaskCounts = { readonly [K in TaskStateTag]: number }

export interface Exporter {
  /** Hands over spans that have ended, within bounds. */
  readonly spans: (spans: ReadonlyArray<TraceSpan>) => Effect.Effect<void, Unsent>
  /** Counts what these spans tell of; each is given once. */
  readonly count: (spans: ReadonlyArray<TraceSpan>) => Effect.Effect<void>
  /** How the pool stands now. */
  readonly measure: (counts: TaskCounts) => Effect.Effect<void>
}
