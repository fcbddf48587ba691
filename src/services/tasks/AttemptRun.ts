/**
 * One attempt of one task on one slot, from the moment the slot is lent to the moment everything is on record. It runs
 * in a fiber of its own; interrupting that fiber stops the worker, and what that came to is recorded all the same.
 */
import { DateTime, Effect, Exit, Ref, Schedule, type Scope } from "effect"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import type { Failure } from "../../domain/Failure.ts"
import { zeroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Progress } from "../../domain/Progress.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Reservation } from "../Budget.ts"
import type { Worker } from "../ClaudeCli.ts"
import type { Slot } from "../Slots.ts"
import type { Change } from "../Store.ts"
import { type Ending, makeVerdict, type VerdictOptions } from "./Verdict.ts"
import { type Finished, makeWork } from "./Work.ts"

export interface AttemptRunOptions extends VerdictOptions {
  readonly record: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
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

export const makeAttemptRun = Effect.fnUntraced(function*(options: AttemptRunOptions) {
  const work = yield* makeWork(options.observe)
  const judge = yield* makeVerdict(options)

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

  /** What the store cannot do, because the disk is full, is tried again until it can, or the pool ends. */
  const persist = <A, E extends Failure | IllegalTransition>(step: Effect.Effect<A, E>) =>
    step.pipe(
      Effect.tapError((error) =>
        error._tag === "Failure" ? Effect.logWarning(`not recorded yet: ${error.message}`) : Effect.void
      ),
      Effect.retry({
        while: (error) => error._tag === "Failure" && mayPass(error) && !options.isStopping(),
        schedule: Schedule.spaced("1 second")
      })
    )

  const endingOf = Effect.fnUntraced(function*(
    exit: Exit.Exit<Finished, Failure>,
    used: ReadonlyArray<Worker>
  ): Effect.fn.Return<Ending> {
    const last = used.at(-1)
    const spends = yield* Effect.forEach(used, ({ spent }) => spent)
    return {
      exit: Exit.map(exit, ({ answer }) => answer),
      spend: spends.reduce((sum, spend) => sum.plus(spend), Spend.zero),
      session: last === undefined ? null : yield* last.session,
      said: last === undefined ? "" : yield* last.said
    }
  })

  /**
   * Runs the attempt and answers with the task as it then is. To be run in an uninterruptible region, so that an
   * interruption is recorded and its record seen: only the work itself is done under `restore`.
   */
  return (assignment: Assignment, restore: Restore): Effect.Effect<Task, Failure | IllegalTransition, Scope.Scope> =>
    Effect.gen(function*() {
      const { reservation, slot } = assignment
      const started = yield* begin(assignment)
      yield* options.record(started.change)
      const used = yield* Ref.make<ReadonlyArray<Worker>>([])
      const exit = yield* Effect.exit(restore(work({ task: started.task, slot, budget: reservation.amount, used })))
      // What has reached the worker and is not confirmed is told again: better twice than never.
      if (Exit.isSuccess(exit)) yield* Effect.ignore(persist(exit.value.confirm))
      const ending = yield* endingOf(exit, yield* Ref.get(used))
      const judged = yield* persist(judge(started.task, started.attempt, ending))
      const task = yield* Effect.fromResult(judged.task)
      yield* persist(options.record({ ...judged, task, event: eventOf(task) }))
      yield* reservation.settle(ending.spend.cost)
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
    case "InReview":
      return PoolEvent.cases.Presented.make({ id })
    case "Queued":
    case "Running":
      return PoolEvent.cases.Requeued.make({
        id,
        cause: state._tag === "Queued" && state.lastFailure !== null ? state.lastFailure._tag : "Interrupted"
      })
  }
}
