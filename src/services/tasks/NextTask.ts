/**
 * Which task is next for a slot: the oldest one that it may take and that its money can be reserved for.
 */
import { Effect, Semaphore } from "effect"
import type { Failure, Reason } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { BudgetExceeded, type BudgetRefused } from "../../domain/LimitFailure.ts"
import { lessUsd } from "../../domain/MicroUsd.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Budget, Reservation } from "../Budget.ts"
import type { Backlog, Waiting } from "./Backlog.ts"

export interface NextTaskOptions {
  readonly backlog: Backlog
  readonly budget: Budget["Service"]
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Ends a queued task that cannot be run. */
  readonly refuse: (task: Task, reason: Reason) => Effect.Effect<void, Failure | IllegalTransition>
}

/** A task that has been taken out of the queue, with its money. */
export interface Taken {
  readonly task: Task
  readonly waiting: Waiting
  readonly reservation: Reservation
}

/** So many tasks that wait for the pool's money may be overtaken by younger ones that need less of it. */
const overtaken = 16

export const makeNextTask = Effect.fnUntraced(function*({ backlog, budget, find, refuse }: NextTaskOptions) {
  // Slots of several roles may ask at once, and a task is found before it is taken.
  const turn = yield* Semaphore.make(1)
  const short = new Set<TaskId>()
  /** Groups whose own purse was empty when they were last looked at. */
  let poor: Set<GroupId> = new Set()

  /** The money for one more attempt, or why there is none now; null where there never will be: then the task has been ended. */
  const reserve = Effect.fnUntraced(function*(task: Task): Effect.fn.Return<
    Reservation | BudgetRefused | null,
    Failure | IllegalTransition
  > {
    const left = lessUsd(task.options.budget, task.spend.cost)
    if (left === 0) {
      yield* refuse(task, new BudgetExceeded({ cap: task.options.budget, spent: task.spend.cost }))
      return null
    }
    const of = task.parent?.id ?? null
    const refused = yield* budget.hopeless(left, of)
    if (refused !== null) {
      yield* refuse(task, refused)
      return null
    }
    return yield* Effect.catchReason(
      budget.reserve(left, of),
      "Failure",
      "BudgetRefused",
      (refused) => Effect.succeed(refused)
    )
  })

  const take = Effect.fnUntraced(function*(role: string | null): Effect.fn.Return<
    Taken | null,
    Failure | IllegalTransition
  > {
    poor = new Set()
    let passed = 0
    for (const waiting of backlog.ready({ role, except: poor })) {
      const { group, id } = waiting
      const task = yield* find(id)
      if (task.state._tag !== "Queued") {
        yield* backlog.remove(id)
        continue
      }
      const reserved = yield* reserve(task)
      if (reserved === null) {
        // There may be thousands like it: whoever else asks for a task has a turn in between.
        yield* backlog.poke
        return null
      }
      if (!("_tag" in reserved)) {
        yield* backlog.start(waiting)
        return { task, waiting, reservation: reserved }
      }
      short.add(id)
      // Whose own purse is empty does not keep those waiting who have another one.
      if (reserved.of === "pool" && ++passed > overtaken) return null
      if (reserved.of !== "pool" && group !== null) poor.add(group)
    }
    return null
  })

  const forgetGone = Effect.sync(() => {
    for (const id of short) if (!backlog.has(id)) short.delete(id)
  })

  return {
    /** Takes the next task for a slot of that role out of the queue; null if none can start now. */
    take: (role: string | null) => turn.withPermit(Effect.andThen(forgetGone, take(role))),
    /** Whether it was passed over because money was short. */
    isShort: ({ group, id }: Waiting): boolean => short.has(id) || (group !== null && poor.has(group))
  }
})
