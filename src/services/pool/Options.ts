/**
 * The options of the calls that read a pool.
 */
import type { Duration } from "effect"
import type { TaskId } from "../../domain/TaskId.ts"
import type { StateName } from "../../domain/TaskView.ts"

export interface WaitOptions {
  /** Which tasks; without any, all that have not finished now. */
  readonly ids: ReadonlyArray<TaskId>
  readonly mode: "all" | "any"
  /** The wait ends here at the latest, and says so; the tasks go on. */
  readonly timeout: Duration.Duration
}

export interface ListOptions {
  readonly states?: ReadonlyArray<StateName>
  readonly tag?: string
  readonly name?: string
  /** Where the last page ended. */
  readonly cursor?: string
  readonly limit: number
}
