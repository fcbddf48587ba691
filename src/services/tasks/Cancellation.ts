/**
 * Stopping a task for good, wherever it is: in the queue, at work, or in review.
 */
import { DateTime, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Change } from "../Store.ts"
import type { Backlog } from "./Backlog.ts"
import type { Ends } from "./Ends.ts"

export interface CancellationOptions {
  readonly backlog: Backlog
  readonly ends: Ends
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  readonly record: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
  /** Cuts off a task that runs; false if it does not. */
  readonly cut: (id: TaskId, note: string) => Effect.Effect<boolean>
}

export const makeCancellation = ({ backlog, cut, ends, find, record }: CancellationOptions) => {
  const cancelAtRest = Effect.fnUntraced(function*(task: Task, note: string) {
    const cancelled = yield* Effect.fromResult(task.cancel(note, Spend.zero, yield* DateTime.now))
    yield* record({ task: cancelled, event: PoolEvent.cases.Finished.make({ id: task.id, state: "Cancelled" }) })
    yield* backlog.remove(task.id)
    yield* ends.announce(cancelled)
    return true
  }, Effect.uninterruptible)

  return Effect.fn("Tasks.cancel")(function*(id: TaskId, note: string) {
    let stopped = false
    while (true) {
      const task = yield* find(id)
      if (task.isFinished) return stopped && task.state._tag === "Cancelled"
      if (yield* cut(id, note)) {
        stopped = true
        continue
      }
      // It may be taken up in this very moment: then its version has risen, and the next look finds its fiber.
      const done = yield* Effect.catchTag(cancelAtRest(task, note), "IllegalTransition", () => Effect.succeed(false))
      if (done) return true
      yield* Effect.yieldNow
    }
  })
}
