/**
 * What can be told of a worker's life from its own events, as `Tracker` keeps it: enough to tell slow from hung.
 */
import type { DateTime, Duration } from "effect"
import type { Phase } from "./Progress.ts"
import type { SessionId } from "./SessionId.ts"

export interface Vitals {
  readonly phase: Phase
  /** When it came into this phase; a further tool, or a further try, begins it anew. */
  readonly phaseSince: DateTime.Utc
  /** When it last wrote anything that could be read. */
  readonly lastEventAt: DateTime.Utc
  /**
   * The tool that runs, in the phase `running-tool`, and how long it may take by its own input. Of several it is the one
   * that may take longest; null: one of them may take as long as it likes.
   */
  readonly tool: { readonly name: string; readonly timeout: Duration.Duration | null } | null
  /** When the CLI's own next try is due, in the phase `backing-off`. */
  readonly retryAt: DateTime.Utc | null
  readonly session: SessionId | null
}
