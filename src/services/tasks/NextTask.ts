/**
 * Which task is next: the oldest one that its money can be reserved for.
 */
import { Effect } from "effect"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { BudgetExceeded } from "../../domain/LimitFailure.ts"
import { lessUsd } from "../../domain/MicroUsd.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Budget, Reservation } from "../Budget.ts"
import type { Backlog } from "./Backlog.ts"

export interface NextTaskOptions {
  readonly backlog: Backlog
  readonly budget: Budget["Service"]
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Ends a queued task that cannot be run. */
  readonly refuse: (task: Task, reason: Reason) => Effect.Effect<void, Failure | IllegalTransition>
}

/** So many tasks that wait for money may be overtaken by younger ones that need less of it. */
const overtaken = 16

export const makeNextTask = ({ backlog, budget, find, refuse }: NextTaskOptions) => {
  const short = new Set<TaskId>()

  /** The money for one more attempt; null where it may come later, or never will: then the task has been ended. */
  const reserve = Effect.fnUntraced(function*(task: Task): Effect.fn.Return<
    Reservation | null,
    Failure | IllegalTransition
  > {
    const left = lessUsd(task.options.budget, task.spend.cost)
    if (left === 0) {
      yield* refuse(task, new BudgetExceeded({ cap: task.options.budget, spent: task.spend.cost }))
      return null
    }
    const refused = yield* budget.hopeless(left)
    if (refused !== null) {
      yield* refuse(task, refused)
      return null
    }
    return yield* Effect.orElseSucceed(budget.reserve(left), () => null)
  })

  /** Takes the next task out of the queue, with its money; null if none can start now. */
  const take = Effect.gen(function*() {
    for (const id of backlog.ready) {
      const task = yield* find(id)
      const reservation = task.state._tag === "Queued" ? yield* reserve(task) : null
      if (reservation !== null) {
        short.delete(id)
        yield* backlog.remove(id)
        return { task, reservation }
      }
      if (task.state._tag !== "Queued") yield* backlog.remove(id)
      else if (backlog.has(id)) short.add(id)
      if (short.size > overtaken) return null
    }
    return null
  })

  return { take, isShort: (id: TaskId): boolean => short.has(id) }
}
