/**
 * What the store keeps of the turns of tasks' workers.
 */
import type { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { NewTurn, Turn, TurnsOptions } from "../../domain/Turn.ts"

export interface TurnStore {
  /**
   * Adds to what a task's workers said and did, and answers with the number of the last piece. It survives a crash of the
   * process; of very much, the middle is given up. Of a task that is gone, nothing is kept.
   */
  readonly append: (id: TaskId, turns: ReadonlyArray<NewTurn>) => Effect.Effect<number, Failure>
  /** The pieces after a number, in order. */
  readonly list: (id: TaskId, page: TurnsOptions) => Effect.Effect<ReadonlyArray<Turn>, Failure>
}
