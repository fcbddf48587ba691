/**
 * Tasks from their acceptance to their end: the durable queue, and one fiber for each task that runs. What there is to
 * do is in `tasks/`, by phase; here it is put together.
 */
import { Context, Effect, Iterable, Layer, Option, type Queue, type Scope } from "effect"
import type { ChainId } from "../domain/ChainId.ts"
import { Failure, type Reason } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { Parent } from "../domain/Parent.ts"
import { NotFound } from "../domain/RequestFailure.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { Live, WaitsFor } from "../domain/TaskView.ts"
import { Events } from "./Events.ts"
import { type Change, Store } from "./Store.ts"
import { type AdmissionOptions, makeAdmission } from "./tasks/Admission.ts"
import { makeBacklog, waiting, waitingOf } from "./tasks/Backlog.ts"
import { makeCancellation } from "./tasks/Cancellation.ts"
import { makeEnds } from "./tasks/Ends.ts"
import { type LentSlot, makeExecution } from "./tasks/Execution.ts"
import { makeIntake } from "./tasks/Intake.ts"
import { recoverTasks } from "./tasks/Recovery.ts"
import { type ApprovalOf, makeReviews } from "./tasks/Reviews.ts"
import type { AttemptRules } from "./tasks/Verdict.ts"

export interface TasksOptions extends AdmissionOptions, AttemptRules {
  readonly queueLimit: number
  /** Whether tasks that were in the queue before are taken up again, beside those that are submitted here. */
  readonly resume: boolean
}

export class Tasks extends Context.Service<Tasks, {
  /** Checks a request and makes a task of it, which is not kept yet. */
  readonly prepare: (request: TaskRequest, parent: Parent | null) => Effect.Effect<Task, Failure>
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
  /** A watch of one's own, which waits until that may have changed since it was last asked. */
  readonly watch: Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
  /** Starts the next task that has its money on a slot, in a fiber of its own which gives the slot back; false if there is none. */
  readonly dispatch: (lent: LentSlot) => Effect.Effect<boolean>
  /** Fails the next task for a slot of that role, for a reason that lies in the slots. */
  readonly refuseNext: (role: string | null, reason: Reason) => Effect.Effect<void>
  /** Takes no more work, and puts what runs back into the queue, once its processes have told their figures. */
  readonly stop: Effect.Effect<void>
}>()("claude-pool/services/Tasks") {
  static readonly layer = (options: TasksOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const prepare = yield* makeAdmission(options)
        const backlog = yield* makeBacklog
        let stopping = false
        const isStopping = () => stopping
        // Whether anybody asks for work: a pool that only accepts tasks says that they wait for one that runs them.
        let attended = false

        const find = Effect.fnUntraced(function*(id: TaskId) {
          const found = yield* store.find(id)
          if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
          return found.value
        })

        /** What is on record is also told, in this order. */
        const record = (change: Change) => Effect.tap(store.commit(change), () => events.publish(change.event))

        const ends = makeEnds(find)
        const intake = yield* makeIntake({ backlog, prepare, isStopping, queueLimit: options.queueLimit })
        const execution = yield* makeExecution({ rules: options, backlog, ends, find, record, isStopping })
        const cancel = makeCancellation({ backlog, ends, find, record, cut: execution.cut })

        const reviews = yield* makeReviews({ backlog, ends, find, record, isStopping })

        const stop = Effect.suspend(() => {
          stopping = true
          return execution.stop
        })
        yield* Effect.addFinalizer(() => stop)

        const waitsFor = (task: Task): WaitsFor | undefined => {
          if (task.state._tag !== "Queued") return undefined
          // A pool without slots does not know which roles there are.
          if (task.options.role !== undefined && options.roles?.includes(task.options.role) !== true) return "role"
          if (!attended || !backlog.has(task.id)) return "pool"
          if (backlog.isParked(task.id)) return task.state.lastFailure?._tag === "UsageLimited" ? "limit" : "retry"
          const it = waitingOf(task)
          if (backlog.isFull(it.group)) return "group"
          return execution.isShort(it) ? "budget" : "slot"
        }

        yield* Effect.catchTag(recoverTasks, "IllegalTransition", Effect.die)
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
              return !Iterable.isEmpty(backlog.ready({ role }))
            }),
          watch: backlog.watch,
          dispatch: execution.dispatch,
          refuseNext: execution.refuseNext,
          stop
        }
      })
    )
}
