/**
 * The tasks that run: one fiber for each, from the moment that a slot is lent to it to the moment that its end is told.
 */
import { DateTime, Effect, Exit, Fiber, FiberMap, Option, Scope } from "effect"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { zeroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Progress } from "../../domain/Progress.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Budget } from "../Budget.ts"
import { Events } from "../Events.ts"
import type { Pass } from "../Holds.ts"
import type { Slot } from "../Slots.ts"
import type { Change } from "../Store.ts"
import { makeAttemptRun, mayPass } from "./AttemptRun.ts"
import { type Backlog, waitingOf } from "./Backlog.ts"
import type { RunningTasks } from "./Draining.ts"
import type { Ends } from "./Ends.ts"
import { makeNextTask, type Taken } from "./NextTask.ts"
import type { AttemptRules } from "./Verdict.ts"

/** A slot that has been lent, with leave to start an attempt on it, and how to give both back. */
export interface LentSlot {
  readonly slot: Slot
  readonly pass: Pass
  readonly scope: Scope.Closeable
}

export interface ExecutionOptions {
  readonly rules: AttemptRules
  readonly backlog: Backlog
  readonly ends: Ends
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  readonly record: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
  readonly running: RunningTasks
  readonly isStopping: () => boolean
  /** Whether nothing is to be started. */
  readonly isClosed: () => boolean
}

export const makeExecution = Effect.fnUntraced(function*(options: ExecutionOptions) {
  const { backlog, ends, find, isClosed, isStopping, record, running } = options
  const events = yield* Events
  const budget = yield* Budget
  const own = yield* Effect.scope
  const progress = new Map<TaskId, Progress>()
  const notes = new Map<TaskId, string>()

  const attempt = yield* makeAttemptRun({
    rules: options.rules,
    record,
    isStopping,
    cancelNote: (id) => Option.fromUndefinedOr(notes.get(id)),
    observe: (id, seen) =>
      Effect.suspend(() => {
        progress.set(id, seen)
        return events.publish(PoolEvent.cases.Progressed.make({ id, progress: seen }))
      })
  })

  /** Ends a queued task that cannot be run. */
  const refuse = Effect.fnUntraced(function*(task: Task, reason: Reason) {
    const failed = yield* Effect.fromResult(task.refuse(reason, yield* DateTime.now))
    yield* record({ task: failed, event: PoolEvent.cases.Finished.make({ id: task.id, state: "Failed" }) })
    yield* backlog.remove(task.id)
    yield* ends.announce(failed)
  })

  const next = yield* makeNextTask({ backlog, budget, find, refuse })

  /** The store does not take writes: the task is looked at again once it may, and else whoever waits is told. */
  const unrecorded = Effect.fnUntraced(function*(task: Task, failure: Failure) {
    yield* Effect.logError(`task ${task.id} is not on record: ${failure.message}`)
    if (isStopping()) return
    yield* mayPass(failure)
      ? backlog.offer(waitingOf(task), DateTime.add(yield* DateTime.now, { seconds: 5 }))
      : ends.giveUp(task.id, failure)
  })

  /** One attempt, and what follows from it. Interrupted or not, its end is recorded and told. */
  const runOn = ({ pass, scope, slot }: LentSlot, { reservation, task, waiting }: Taken) =>
    Effect.uninterruptibleMask((restore) =>
      attempt({ task, slot, pass, reservation }, restore).pipe(
        Effect.tap((after) =>
          after.state._tag === "Queued" ? backlog.offer(waiting, after.state.notBefore) : ends.announce(after)
        ),
        Effect.catchTags({
          // Cancelled in the moment before it began: somebody else has announced it.
          IllegalTransition: () => Effect.succeed(null),
          Failure: (failure) => Effect.as(unrecorded(task, failure), null)
        }),
        Effect.ensuring(Effect.sync(() => progress.delete(task.id))),
        Scope.provide(scope),
        Effect.ensuring(Effect.andThen(Scope.close(scope, Exit.void), backlog.release(waiting)))
      )
    )

  const lookAgain = (error: Failure | IllegalTransition) =>
    Effect.logWarning(`no task could be taken up: ${error.message}`).pipe(
      Effect.andThen(Effect.sleep("1 second")),
      Effect.andThen(backlog.poke),
      Effect.forkIn(own),
      Effect.as(null)
    )

  /** A task that was taken up in the moment in which the pool was closed. */
  const putBack = ({ reservation, waiting }: Taken) =>
    Effect.all([reservation.settle(zeroUsd), backlog.release(waiting), backlog.offer(waiting, null)], { discard: true })

  const dispatch = Effect.fn("Tasks.dispatch")(function*(lent: LentSlot) {
    if (isClosed()) return false
    const taken = yield* Effect.catch(next.take(lent.slot.role), lookAgain)
    if (taken === null) return false
    if (isClosed()) return yield* Effect.as(putBack(taken), false)
    yield* FiberMap.run(running, taken.task.id, runOn(lent, taken))
    return true
  }, Effect.uninterruptible)

  const refuseNext = Effect.fn("Tasks.refuseNext")(function*(role: string | null, reason: Reason) {
    if (isClosed()) return
    for (const { id } of backlog.ready({ role })) {
      const task = yield* Effect.option(find(id))
      if (Option.isNone(task)) return
      yield* Effect.catchTags(refuse(task.value, reason), {
        // Somebody else has ended it.
        IllegalTransition: () => backlog.remove(id),
        // The same task comes again: not at full speed.
        Failure: (failure) =>
          Effect.andThen(Effect.logWarning(`not refused yet: ${failure.message}`), Effect.sleep("1 second"))
      })
      return
    }
  })

  return {
    dispatch,
    refuseNext,
    isShort: next.isShort,
    progressOf: (id: TaskId): Progress | undefined => progress.get(id),
    /** Cuts off a task that runs, for good, and answers once that is on record; false if it does not run. */
    cut: Effect.fnUntraced(function*(id: TaskId, note: string) {
      const fiber = FiberMap.getUnsafe(running, id)
      if (Option.isNone(fiber)) return false
      notes.set(id, note)
      yield* Fiber.interrupt(fiber.value)
      notes.delete(id)
      return true
    }),
    /** Cuts off all that runs; it waits again. */
    stop: Effect.suspend(() => Fiber.interruptAll(Array.from(running, ([, fiber]) => fiber)))
  }
})
