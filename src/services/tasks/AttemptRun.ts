/**
 * One attempt of one task on one slot, from the moment the slot is lent to the moment everything is on record. It runs
 * in a fiber of its own; interrupting that fiber stops the worker, and what that came to is recorded all the same.
 */
import { Cause, DateTime, Effect, Exit, Option, Ref, Schedule, type Scope } from "effect"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import { Failure, type Reason } from "../../domain/Failure.ts"
import { launchOf } from "../../domain/Launch.ts"
import { TimedOut } from "../../domain/LimitFailure.ts"
import { zeroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Progress } from "../../domain/Progress.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { summarize, TaskResult } from "../../domain/TaskResult.ts"
import { PoolDefect, SessionLost } from "../../domain/WorkerFailure.ts"
import type { Reservation } from "../Budget.ts"
import type { Answer, Worker } from "../ClaudeCli.ts"
import { nextAttemptAt } from "../RetryPolicy.ts"
import type { Slot } from "../Slots.ts"
import { type Change, Store } from "../Store.ts"

export interface AttemptRunOptions {
  readonly maxAttempts: number
  readonly record: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
  /** Why a task's fiber was interrupted, if somebody asked for it: else the pool is ending. */
  readonly cancelNote: (id: TaskId) => Option.Option<string>
  /** Whether the pool is ending, so that nothing may be waited for any more. */
  readonly isStopping: () => boolean
  readonly observe: (id: TaskId, progress: Progress) => Effect.Effect<void>
}

/** What an attempt has to go on. */
export interface Assignment {
  readonly task: Task
  readonly slot: Slot
  readonly reservation: Reservation
}

/** The end of an attempt, before it is judged by the rules of the task. */
interface Ending {
  readonly exit: Exit.Exit<Answer, Failure>
  readonly spend: Spend
  readonly session: Attempt["session"]
  /** The model's last text. */
  readonly said: string
}

export const makeAttemptRun = Effect.fnUntraced(function*(options: AttemptRunOptions) {
  const store = yield* Store

  /** The process to work with, and its answer, within the task's time. */
  const work = (assignment: Assignment, task: Task, worker: Ref.Ref<Worker | null>) =>
    Effect.gen(function*() {
      const from = task.options.continueFrom
      const session = from === undefined ? Option.none() : yield* store.sessionOf(from)
      if (from !== undefined && Option.isNone(session)) {
        return yield* new Failure({ reason: new SessionLost({ session: `of task ${from}` }) })
      }
      const launch = launchOf(task.options, assignment.reservation.amount, Option.getOrUndefined(session)?.session)
      const started = yield* assignment.slot.worker(launch)
      yield* Ref.set(worker, started)
      return yield* started.run(
        { prompt: task.prompt, model: task.options.model },
        (progress) => options.observe(task.id, progress)
      )
    }).pipe(
      Effect.timeoutOrElse({
        duration: task.options.timeout,
        orElse: () => new Failure({ reason: new TimedOut({ after: task.options.timeout }) })
      })
    )

  const begin = Effect.fnUntraced(function*({ slot, task }: Assignment) {
    const now = yield* DateTime.now
    const running = yield* Effect.fromResult(task.start(slot.id, now))
    const attempt = new Attempt({
      task: task.id,
      number: running.attempts,
      slot: slot.id,
      startedAt: now,
      finishedAt: null,
      outcome: AttemptOutcome.cases.Running.make({}),
      session: null,
      model: task.options.model ?? null,
      spend: Spend.zero
    })
    const event = PoolEvent.cases.Started.make({ id: task.id, attempt: attempt.number, slot: slot.id })
    return { task: running, attempt, change: { task: running, attempt, event } satisfies Change }
  })

  /** The rules: what the task becomes, given how its attempt ended. */
  const judge = Effect.fnUntraced(function*(task: Task, attempt: Attempt, ending: Ending) {
    const { exit, said, session, spend } = ending
    // What was paid for is kept, also when the attempt failed.
    const kept = said === "" ? {} : { output: said }
    const now = yield* DateTime.now
    const closed = (outcome: AttemptOutcome, model = attempt.model) =>
      new Attempt({ ...attempt, finishedAt: now, outcome, model, session, spend })
    const number = attempt.number

    if (Exit.isSuccess(exit)) {
      const { denials, model, output, structured } = exit.value
      const result = new TaskResult({
        summary: summarize(output),
        outputChars: output.length,
        ...(structured === undefined ? {} : { structured }),
        session,
        model,
        denials
      })
      return {
        task: task.complete(number, result, spend, now),
        attempt: closed(AttemptOutcome.cases.Completed.make({}), model),
        output
      }
    }
    const note = options.cancelNote(task.id)
    if (Option.isSome(note)) {
      return {
        task: task.cancel(note.value, spend, now),
        attempt: closed(AttemptOutcome.cases.Interrupted.make({ by: "cancel" })),
        ...kept
      }
    }
    const failure = Cause.findErrorOption(exit.cause)
    if (Option.isNone(failure) && Cause.hasInterruptsOnly(exit.cause)) {
      return {
        task: task.requeue(number, "shutdown", spend),
        attempt: closed(AttemptOutcome.cases.Interrupted.make({ by: "shutdown" })),
        ...kept
      }
    }
    if (Option.isNone(failure)) yield* Effect.logError("an attempt died", exit.cause)
    const reason: Reason = Option.match(failure, {
      onNone: () => new PoolDefect({ detail: String(Cause.squash(exit.cause)).slice(0, 200) }),
      onSome: (it) => it.reason
    })
    const again = yield* nextAttemptAt({ reason, failures: task.tries + 1, maxAttempts: options.maxAttempts })
    return {
      task: again === null ? task.fail(number, reason, spend, now) : task.retry(number, reason, spend, again),
      attempt: closed(AttemptOutcome.cases.Failed.make({ reason })),
      ...kept
    }
  })

  /** A result that cannot be written, because the disk is full, is kept and tried again until it can, or the pool ends. */
  const persist = (change: Change) =>
    options.record(change).pipe(
      Effect.tapErrorTag("Failure", (failure) => Effect.logWarning(`not recorded yet: ${failure.message}`)),
      Effect.retry({
        while: (error) => error._tag === "Failure" && mayPass(error) && !options.isStopping(),
        schedule: Schedule.spaced("1 second")
      })
    )

  /**
   * Runs the attempt and answers with the task as it then is. To be run in an uninterruptible region, so that an
   * interruption is recorded and its record seen: only the work itself is done under `restore`.
   */
  return (assignment: Assignment, restore: Restore): Effect.Effect<Task, Failure | IllegalTransition, Scope.Scope> =>
    Effect.gen(function*() {
      const started = yield* begin(assignment)
      yield* options.record(started.change)
      const worker = yield* Ref.make<Worker | null>(null)
      const exit = yield* Effect.exit(restore(work(assignment, started.task, worker)))
      const used = yield* Ref.get(worker)
      const ending: Ending = {
        exit,
        spend: used === null ? Spend.zero : yield* used.spent,
        session: used === null ? null : yield* used.session,
        said: used === null ? "" : yield* used.said
      }
      const judged = yield* judge(started.task, started.attempt, ending)
      const task = yield* Effect.fromResult(judged.task)
      yield* persist({ ...judged, task, event: eventOf(task) })
      yield* assignment.reservation.settle(ending.spend.cost)
      return task
    }).pipe(Effect.ensuring(assignment.reservation.settle(zeroUsd)))
})

/** Makes an effect interruptible again, as `Effect.uninterruptibleMask` hands it out. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** Whether a write that failed may succeed later. */
export const mayPass = ({ reason }: Failure): boolean => reason._tag === "StoreUnusable" && reason.mayPass

const eventOf = (task: Task): PoolEvent => {
  const { id, state } = task
  switch (state._tag) {
    case "Done":
    case "Failed":
    case "Cancelled":
      return PoolEvent.cases.Finished.make({ id, state: state._tag })
    case "Queued":
    case "Running":
      return PoolEvent.cases.Requeued.make({
        id,
        cause: state._tag === "Queued" && state.lastFailure !== null ? state.lastFailure._tag : "Interrupted"
      })
  }
}
