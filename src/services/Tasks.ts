/**
 * Tasks from their acceptance to their end: the durable queue, and one fiber for each task that runs.
 */
import { Context, DateTime, Deferred, Effect, Exit, Fiber, FiberMap, Iterable, Layer, Option, Scope } from "effect"
import { Failure, type Reason } from "../domain/Failure.ts"
import { QueueFull } from "../domain/LimitFailure.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import type { Progress } from "../domain/Progress.ts"
import { ShuttingDown, TaskNotFound } from "../domain/RequestFailure.ts"
import { Spend } from "../domain/Spend.ts"
import type { IllegalTransition, Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { Live, WaitsFor } from "../domain/TaskView.ts"
import { Budget, type Reservation } from "./Budget.ts"
import { Events } from "./Events.ts"
import type { Slot } from "./Slots.ts"
import { type Change, Store } from "./Store.ts"
import { type AdmissionOptions, makeAdmission } from "./tasks/Admission.ts"
import { makeAttemptRun, mayPass } from "./tasks/AttemptRun.ts"
import { makeBacklog } from "./tasks/Backlog.ts"
import { makeNextTask } from "./tasks/NextTask.ts"
import { recoverTasks } from "./tasks/Recovery.ts"

export interface TasksOptions extends AdmissionOptions {
  readonly maxAttempts: number
  readonly queueLimit: number
  /** Whether tasks that were in the queue before are taken up again, beside those that are submitted here. */
  readonly resume: boolean
}

/** A slot that has been lent, and how to give it back. */
export interface LentSlot {
  readonly slot: Slot
  readonly scope: Scope.Closeable
}

export class Tasks extends Context.Service<Tasks, {
  /** Accepts a task: it is durable when this returns. The same key returns the same task. */
  readonly submit: (request: TaskRequest) => Effect.Effect<Task, Failure>
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Waits for the end of a task, good or bad. */
  readonly ended: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Stops a task for good and answers once nothing of it runs any more; false if it had finished before. */
  readonly cancel: (id: TaskId, note: string) => Effect.Effect<boolean, Failure>
  /** What is known of an unfinished task beside its record. */
  readonly live: (task: Task) => Live
  /** Whether a task may be ready for a slot. */
  readonly hasReady: Effect.Effect<boolean>
  /** Waits until that may have changed. */
  readonly changed: Effect.Effect<void>
  /** Starts the next task that has its money on a slot, in a fiber of its own which gives the slot back; false if there is none. */
  readonly dispatch: (lent: LentSlot) => Effect.Effect<boolean>
  /** Fails the next task, for a reason that lies in the slots. */
  readonly refuseNext: (reason: Reason) => Effect.Effect<void>
  /** Takes no more work, and puts what runs back into the queue, once its processes have told their figures. */
  readonly stop: Effect.Effect<void>
}>()("claude-pool/services/Tasks") {
  static readonly layer = (options: TasksOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const budget = yield* Budget
        const admit = yield* makeAdmission(options)
        const backlog = yield* makeBacklog

        const own = yield* Effect.scope

        const progress = new Map<TaskId, Progress>()
        const notes = new Map<TaskId, string>()
        const ends = new Map<TaskId, Deferred.Deferred<Task, Failure>>()
        let stopping = false
        // Whether anybody asks for work: a pool that only accepts tasks says that they wait for one that runs them.
        let attended = false

        const running = yield* FiberMap.make<TaskId>()
        const stop = Effect.suspend(() => {
          stopping = true
          return Fiber.interruptAll(Array.from(running, ([, fiber]) => fiber))
        })
        yield* Effect.addFinalizer(() => stop)

        /** What is on record is also told, in this order. */
        const record = (change: Change) => Effect.tap(store.commit(change), () => events.publish(change.event))

        const attempt = yield* makeAttemptRun({
          maxAttempts: options.maxAttempts,
          record,
          cancelNote: (id) => Option.fromUndefinedOr(notes.get(id)),
          isStopping: () => stopping,
          observe: (id, seen) =>
            Effect.suspend(() => {
              progress.set(id, seen)
              return events.publish(PoolEvent.cases.Progressed.make({ id, progress: seen }))
            })
        })

        const find = Effect.fnUntraced(function*(id: TaskId) {
          const found = yield* store.find(id)
          if (Option.isNone(found)) return yield* new Failure({ reason: new TaskNotFound({ id }) })
          return found.value
        })

        /** Tells whoever waits for the end of a task, once it is on record. */
        const announce = (task: Task) =>
          Effect.suspend(() => {
            const end = task.isFinished ? ends.get(task.id) : undefined
            if (end === undefined) return Effect.void
            ends.delete(task.id)
            return Effect.asVoid(Deferred.succeed(end, task))
          })

        const submit = Effect.fn("Tasks.submit")(function*(request: TaskRequest) {
          if (stopping) return yield* new Failure({ reason: new ShuttingDown() })
          const task = yield* admit(request)
          const refused = yield* budget.hopeless(task.options.budget)
          if (refused !== null) return yield* new Failure({ reason: refused })
          if ((yield* backlog.size) >= options.queueLimit) {
            return yield* new Failure({ reason: new QueueFull({ limit: options.queueLimit }) })
          }
          const accept = Effect.gen(function*() {
            const kept = yield* store.accept(task)
            if (kept.id === task.id) yield* events.publish(PoolEvent.cases.Submitted.make({ id: kept.id }))
            // A task of that key may be left from an earlier pool: who asks for it wants it to be run.
            if (kept.state._tag === "Queued" && !backlog.has(kept.id)) {
              yield* backlog.offer(kept.id, kept.state.notBefore)
            }
            return kept
          })
          return yield* Effect.uninterruptible(accept)
        })

        const ended = Effect.fn("Tasks.ended")(function*(id: TaskId) {
          const end = ends.get(id) ?? Deferred.makeUnsafe<Task, Failure>()
          ends.set(id, end)
          // Looked at after the wait is set up, so that an end in between is not missed.
          const task = yield* find(id)
          if (!task.isFinished) return yield* Deferred.await(end)
          ends.delete(id)
          return task
        })

        const cancelQueued = Effect.fnUntraced(function*(task: Task, note: string) {
          const cancelled = yield* Effect.fromResult(task.cancel(note, Spend.zero, yield* DateTime.now))
          const event = PoolEvent.cases.Finished.make({ id: task.id, state: "Cancelled" })
          yield* record({ task: cancelled, event })
          yield* backlog.remove(task.id)
          yield* announce(cancelled)
          return true
        }, Effect.uninterruptible)

        const cancelRunning = Effect.fnUntraced(
          function*(id: TaskId, fiber: Fiber.Fiber<unknown, unknown>, note: string) {
            notes.set(id, note)
            yield* Fiber.interrupt(fiber)
            notes.delete(id)
          }
        )

        const cancel = Effect.fn("Tasks.cancel")(function*(id: TaskId, note: string) {
          let stopped = false
          while (true) {
            const task = yield* find(id)
            if (task.isFinished) return stopped && task.state._tag === "Cancelled"
            const fiber = FiberMap.getUnsafe(running, id)
            if (Option.isSome(fiber)) {
              yield* cancelRunning(id, fiber.value, note)
              stopped = true
              continue
            }
            // It may be taken up in this very moment: then its version has risen, and the next look finds its fiber.
            const done = yield* Effect.catchTag(cancelQueued(task, note), "IllegalTransition", () =>
              Effect.succeed(false))
            if (done) {
              return true
            }
            yield* Effect.yieldNow
          }
        })

        /** Ends a queued task that cannot be run. */
        const refuse = Effect.fnUntraced(function*(task: Task, reason: Reason) {
          const failed = yield* Effect.fromResult(task.refuse(reason, yield* DateTime.now))
          yield* record({ task: failed, event: PoolEvent.cases.Finished.make({ id: task.id, state: "Failed" }) })
          yield* backlog.remove(task.id)
          yield* announce(failed)
        })

        const nextTask = makeNextTask({ backlog, budget, find, refuse })

        /** The store does not take writes: the task is looked at again once it may, and else whoever waits is told. */
        const unrecorded = Effect.fnUntraced(function*(id: TaskId, failure: Failure) {
          yield* Effect.logError(`task ${id} is not on record: ${failure.message}`)
          if (stopping) {
            return
          }
          if (mayPass(failure)) {
            return yield* backlog.offer(id, DateTime.add(yield* DateTime.now, { seconds: 5 }))
          }
          const end = ends.get(id)
          ends.delete(id)
          if (end !== undefined) {
            yield* Deferred.fail(end, failure)
          }
        })

        /** One attempt, and what follows from it. Interrupted or not, its end is recorded and told. */
        const runOn = ({ scope, slot }: LentSlot, task: Task, reservation: Reservation) =>
          Effect.uninterruptibleMask((restore) =>
            attempt({ task, slot, reservation }, restore).pipe(
              Effect.tap((after) =>
                after.state._tag === "Queued" ? backlog.offer(after.id, after.state.notBefore) : announce(after)
              ),
              Effect.catchTags({
                // Cancelled in the moment before it began: somebody else has announced it.
                IllegalTransition: () =>
                  Effect.void,
                Failure: (failure) =>
                  unrecorded(task.id, failure)
              }),
              Effect.ensuring(Effect.sync(() => progress.delete(task.id))),
              Scope.provide(scope),
              Effect.ensuring(Effect.andThen(Scope.close(scope, Exit.void), backlog.poke))
            )
          )

        const lookAgain = (error: Failure | IllegalTransition) =>
          Effect.logWarning(`no task could be taken up: ${error.message}`).pipe(
            Effect.andThen(Effect.sleep("1 second")),
            Effect.andThen(backlog.poke),
            Effect.forkIn(own),
            Effect.as(null)
          )

        const dispatch = Effect.fn("Tasks.dispatch")(function*(lent: LentSlot) {
          const assignment = yield* Effect.catch(nextTask.take, lookAgain)
          if (assignment === null) return false
          yield* FiberMap.run(running, assignment.task.id, runOn(lent, assignment.task, assignment.reservation))
          return true
        }, Effect.uninterruptible)

        const refuseNext = Effect.fn("Tasks.refuseNext")(function*(reason: Reason) {
          for (const id of backlog.ready) {
            const task = yield* Effect.option(find(id))
            if (Option.isSome(task)) yield* Effect.ignore(refuse(task.value, reason))
            return
          }
        })

        const waitsFor = (task: Task): WaitsFor | undefined => {
          if (task.state._tag !== "Queued") return undefined
          if (!attended || !backlog.has(task.id)) return "pool"
          if (backlog.isParked(task.id)) return task.state.lastFailure?._tag === "UsageLimited" ? "limit" : "retry"
          return nextTask.isShort(task.id) ? "budget" : "slot"
        }

        yield* Effect.catchTag(recoverTasks, "IllegalTransition", Effect.die)
        const left = options.resume ? yield* store.queued : []
        yield* Effect.forEach(left, ({ id, notBefore }) => backlog.offer(id, notBefore), { discard: true })

        return {
          submit,
          find,
          ended,
          cancel,
          live: (task) => ({ progress: progress.get(task.id), waitsFor: waitsFor(task) }),
          hasReady: Effect.sync(() => {
            attended = true
            return !Iterable.isEmpty(backlog.ready)
          }),
          changed: backlog.changed,
          dispatch,
          refuseNext,
          stop
        }
      })
    )
}
