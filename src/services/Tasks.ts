/**
 * Tasks from their acceptance to their end: the durable queue, and one fiber for each task that runs. What there is to
 * do is in `tasks/`, by phase; here it is put together.
 */
import { Context, Duration, Effect, FiberMap, Iterable, Layer, Option, type Queue, type Scope } from "effect"
import type { Demand } from "../domain/Autoscaling.ts"
import type { DrainOptions } from "../domain/CallOptions.ts"
import type { ChainId } from "../domain/ChainId.ts"
import type { DrainReport } from "../domain/DrainReport.ts"
import { Failure, type Reason } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { Parent } from "../domain/Parent.ts"
import { NotFound, ShuttingDown } from "../domain/RequestFailure.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { Live, WaitsFor } from "../domain/TaskView.ts"
import { Events } from "./Events.ts"
import { Holds } from "./Holds.ts"
import { type Change, Store } from "./Store.ts"
import { type AdmissionOptions, makeAdmission } from "./tasks/Admission.ts"
import { makeBacklog, waiting, waitingOf } from "./tasks/Backlog.ts"
import { makeCancellation } from "./tasks/Cancellation.ts"
import { makeDraining, type RunningTasks } from "./tasks/Draining.ts"
import { makeEnds } from "./tasks/Ends.ts"
import { type LentSlot, makeExecution } from "./tasks/Execution.ts"
import { makeIntake } from "./tasks/Intake.ts"
import { makeLeaving } from "./tasks/Leaving.ts"
import { recoverTasks } from "./tasks/Recovery.ts"
import { type ApprovalOf, makeReviews } from "./tasks/Reviews.ts"
import type { AttemptRules } from "./tasks/Verdict.ts"

/** The bounds of the queue, and what becomes of it in the end. */
export interface TasksOptions extends AdmissionOptions, AttemptRules {
  readonly queueLimit: number
  /** Whether tasks that were in the queue before are taken up again, beside those that are submitted here. */
  readonly resume: boolean
  /** How long a drain lets running tasks finish, where it does not say itself. */
  readonly drainGrace: Duration.Duration
  /** How long the end of the pool lets them finish, and how long an interrupted worker may take to tell its figures. */
  readonly shutdownGrace: Duration.Duration
}

export class Tasks extends Context.Service<Tasks, {
  /** Checks a request and makes a task of it, which is not kept yet. `within`: the chain of the group that it is a part of. */
  readonly prepare: (
    request: TaskRequest,
    parent: Parent | null,
    within?: ChainId | null
  ) => Effect.Effect<Task, Failure>
  /** Accepts a task: it is durable when this returns. The same key returns the same task. */
  readonly submit: (request: TaskRequest, parent?: Parent | null) => Effect.Effect<Task, Failure>
  /** Whether the queue takes so many tasks more: fails with `QueueFull` or `ShuttingDown`. */
  readonly room: (tasks: number) => Effect.Effect<void, Failure>
  /** Puts tasks that the store has already into the queue, in this order. */
  readonly enqueue: (tasks: ReadonlyArray<Task>) => Effect.Effect<void>
  /** How many tasks of a group may run at once; null: as many as there are slots, and nothing is kept of the group. */
  readonly limit: (group: GroupId, concurrency: number | null) => Effect.Effect<void>
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Waits for the end of a task, good or bad. */
  readonly ended: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Waits until a task has ended or waits for its review: until somebody else has to do something. */
  readonly settled: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Every end of a task of that parent from now on, none missed, until the scope closes. */
  readonly follow: (parent: GroupId | ChainId) => Effect.Effect<Queue.Dequeue<Task>, never, Scope.Scope>
  /** Stops a task for good and answers once nothing of it runs any more; false if it had finished before. */
  readonly cancel: (id: TaskId, note: string) => Effect.Effect<boolean, Failure>
  /** Lets a result that waits for its review pass. To approve it again is no mistake. */
  readonly approve: (id: TaskId, approval?: ApprovalOf) => Effect.Effect<Task, Failure>
  /** Sends a result back to its author, who goes on from it; once too often, and the task fails. */
  readonly reject: (id: TaskId, feedback: string) => Effect.Effect<Task, Failure>
  /** What is known of an unfinished task beside its record. */
  readonly live: (task: Task) => Live
  /** Whether a task may be ready for a slot of that role; null: a slot without one. */
  readonly hasReady: (role: string | null) => Effect.Effect<boolean>
  /** The tasks that only a slot is missing for. */
  readonly demand: Effect.Effect<ReadonlyArray<Demand>>
  /** A watch of one's own, which waits until that may have changed since it was last asked. */
  readonly watch: Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
  /** Starts the next task that has its money on a slot, in a fiber of its own which gives the slot back; false if there is none. */
  readonly dispatch: (lent: LentSlot) => Effect.Effect<boolean>
  /** Fails the next task for a slot of that role, for a reason that lies in the slots. */
  readonly refuseNext: (role: string | null, reason: Reason) => Effect.Effect<void>
  /** Starts nothing more, takes nothing more in, and cuts off what has not finished within the grace: it waits again. */
  readonly drain: (options?: DrainOptions) => Effect.Effect<DrainReport>
  /** Takes work in again, and starts it, after a drain. */
  readonly resume: Effect.Effect<void>
  /** Waits until work may be started: while the pool is drained, and for ever where it is ending. */
  readonly open: Effect.Effect<void>
  /** Work that is no task: begun while the pool is open, let finish or cut off by a drain, and begun anew after it. */
  readonly beside: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Drains for good, with the short grace of the pool's end. */
  readonly stop: Effect.Effect<void>
}>()("claude-pool/services/Tasks") {
  static readonly layer = (options: TasksOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const holds = yield* Holds
        const prepare = yield* makeAdmission(options)
        const leaving = yield* makeLeaving
        const backlog = yield* makeBacklog
        let stopping = false
        const isStopping = () => stopping
        const running: RunningTasks = yield* FiberMap.make<TaskId, Task | null, never>()
        const draining = yield* makeDraining({
          backlog,
          running,
          // Beside its figures: the end of its process, and of all that it has started.
          stopWithin: Duration.sum(options.shutdownGrace, Duration.seconds(1))
        })
        const isClosed = () => stopping || draining.isClosed()
        const mustBeOpen = Effect.suspend(() => {
          if (!isClosed()) return Effect.void
          return new Failure({ reason: new ShuttingDown(stopping ? {} : { drained: true }) })
        })
        // Whether anybody asks for work: a pool that only accepts tasks says that they wait for one that runs them.
        let attended = false

        const find = Effect.fnUntraced(function*(id: TaskId) {
          const found = yield* store.find(id)
          if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
          return found.value
        })

        /** What is on record is also told, in this order. */
        const record = (change: Change) => Effect.tap(store.commit(change), () => events.publish(change.event))

        const ends = makeEnds(find, leaving.leave)
        const intake = yield* makeIntake({ backlog, prepare, mustBeOpen, queueLimit: options.queueLimit })
        const execution = yield* makeExecution({
          rules: options,
          backlog,
          ends,
          find,
          record,
          running,
          isStopping,
          isClosed
        })
        const cancel = makeCancellation({ backlog, ends, find, record, cut: execution.cut })

        const reviews = yield* makeReviews({ backlog, ends, find, record, isStopping })

        const stopNow = Effect.suspend(() => {
          stopping = true
          return execution.stop
        })
        yield* Effect.addFinalizer(() => stopNow)

        const waitsFor = (task: Task): WaitsFor | undefined => {
          if (task.state._tag !== "Queued") return undefined
          // A pool without slots does not know which roles there are.
          if (task.options.role !== undefined && options.roles?.().includes(task.options.role) !== true) return "role"
          if (!attended) return "pool"
          // Between the queue and its record: it is being started, or put back.
          if (!backlog.has(task.id)) return FiberMap.hasUnsafe(running, task.id) ? "slot" : "pool"
          if (isClosed()) return "drain"
          if (backlog.isParked(task.id)) return task.state.lastFailure?._tag === "UsageLimited" ? "limit" : "retry"
          const cause = holds.heldBy()
          if (cause !== null) return cause
          const it = waitingOf(task)
          if (backlog.isFull(it.group)) return "group"
          return execution.isShort(it) ? "budget" : "slot"
        }

        yield* Effect.catchTag(recoverTasks(options), "IllegalTransition", Effect.die)
        yield* leaving.leaveFinished
        const left = options.resume ? yield* store.queued : []
        yield* Effect.forEach(left, (task) => backlog.offer(waiting(task), task.notBefore), { discard: true })

        return {
          prepare,
          ...intake,
          limit: backlog.limit,
          find,
          ended: ends.ended,
          settled: ends.settled,
          follow: ends.follow,
          cancel,
          ...reviews,
          live: (task) => ({ progress: execution.progressOf(task.id), waitsFor: waitsFor(task) }),
          hasReady: (role) =>
            Effect.sync(() => {
              attended = true
              return !isClosed() && !Iterable.isEmpty(backlog.ready({ role }))
            }),
          demand: Effect.sync(() => backlog.demand(execution.isShort)),
          watch: backlog.watch,
          dispatch: execution.dispatch,
          refuseNext: execution.refuseNext,
          drain: ({ grace = options.drainGrace } = {}) => draining.drain(grace),
          // What is ending does not go on.
          resume: Effect.suspend(() => stopping ? Effect.void : draining.resume),
          open: Effect.suspend(() => stopping ? Effect.never : draining.open),
          beside: draining.beside,
          stop: Effect.andThen(draining.drain(options.shutdownGrace), stopNow)
        }
      })
    )
}
