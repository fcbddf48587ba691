/**
 * One attempt of one task on one slot, from the moment the slot is lent to the moment everything is on record. It runs
 * in a fiber of its own; interrupting that fiber stops the worker, and what that came to is recorded all the same.
 */
import { Cause, DateTime, Effect, Exit, Option, Ref, Schedule, type Scope } from "effect"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import type { Failure } from "../../domain/Failure.ts"
import { zeroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Progress } from "../../domain/Progress.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { tellBeginning, tellEnding } from "../../domain/TurnNotices.ts"
import type { Reservation } from "../Budget.ts"
import type { Worker } from "../ClaudeCli.ts"
import type { Pass } from "../Holds.ts"
import { type AttemptEnd, Restarts } from "../Restarts.ts"
import type { Slot } from "../Slots.ts"
import type { Change } from "../Store.ts"
import { makeRemains } from "./Remains.ts"
import { makeTurnLogs, type TurnLog } from "./TurnLog.ts"
import { type Ending, makeVerdict, type VerdictOptions } from "./Verdict.ts"
import { type Finished, makeWork } from "./Work.ts"
import { lookAt, makeWorkplaces, type Restore, type Seen } from "./Workplaces.ts"

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
  readonly pass: Pass
  readonly reservation: Reservation
}

export const makeAttemptRun = Effect.fnUntraced(function*(options: AttemptRunOptions) {
  const restarts = yield* Restarts
  const work = yield* makeWork
  const open = yield* makeWorkplaces
  const judge = yield* makeVerdict(options)
  const remainsOf = yield* makeRemains
  const openLog = yield* makeTurnLogs

  const begin = Effect.fnUntraced(function*({ slot, task }: Assignment) {
    const now = yield* DateTime.now
    const running = yield* Effect.fromResult(task.start(slot.id, now, slot.settings))
    const attempt = new Attempt({
      task: task.id,
      number: running.attempts,
      slot: slot.id,
      startedAt: now,
      finishedAt: null,
      outcome: AttemptOutcome.cases.Running.make({}),
      session: null,
      model: running.options.model ?? null,
      spend: Spend.zero
    })
    const event = PoolEvent.cases.Started.make({ id: task.id, attempt: attempt.number, slot: slot.id })
    const change: Change = { task: running, attempt, event, turns: [tellBeginning(attempt)] }
    return { task: running, attempt, change }
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

  /** What a process has spent: where it did not live to say so, its transcript says more than was heard. */
  const spentBy = Effect.fnUntraced(function*({ launch, name, spent }: Worker, startedAt: DateTime.Utc) {
    const heard = yield* spent
    if (heard.exact) return heard
    const remains = yield* Effect.orElseSucceed(
      remainsOf(name, launch.resume === undefined ? undefined : startedAt),
      () => null
    )
    return remains === null || remains.spend.cost < heard.cost
      ? heard
      : new Spend({ ...remains.spend, exact: false })
  })

  /** What its end means for the others, and for the slot, which is still lent. */
  const follow = Effect.fnUntraced(function*(
    { pass, slot, task }: Assignment,
    failure: AttemptEnd["failure"]
  ) {
    const { held, rest } = yield* restarts.ended({ task: task.id, slot: slot.id, pass, failure })
    if (rest !== null) yield* slot.rest(rest.duration, rest.why)
    return held
  })

  /** The first answer of the model says already that it can be reached. */
  const observing = ({ pass, task }: Assignment) => {
    let answered = false
    return (progress: Progress) =>
      Effect.suspend(() => {
        const first = !answered && progress.turns > 0 && progress.phase !== "finishing"
        answered ||= first
        return Effect.andThen(first ? restarts.answered(pass) : Effect.void, options.observe(task.id, progress))
      })
  }

  const endingOf = Effect.fnUntraced(function*(
    { answered, exit, found }: Seen,
    used: ReadonlyArray<Worker>,
    startedAt: DateTime.Utc
  ): Effect.fn.Return<Omit<Ending, "held">> {
    const last = used.at(-1)
    const spends = yield* Effect.forEach(used, (worker) => spentBy(worker, startedAt))
    return {
      exit,
      found,
      answered,
      denials: (yield* Effect.forEach(used, ({ denials }) => denials)).flat(),
      spend: spends.reduce((sum, spend) => sum.plus(spend), Spend.zero),
      costs: (yield* Effect.forEach(used, ({ costs }) => costs)).flat(),
      session: last === undefined ? null : yield* last.session,
      said: last === undefined ? "" : yield* last.said
    }
  })

  /** The work itself, in its place. Nothing of the worker is left when that is looked at, and it is left after that. */
  const inPlace = Effect.fnUntraced(
    function*(
      { reservation, slot }: Assignment,
      task: Task,
      used: Ref.Ref<ReadonlyArray<Worker>>,
      { hear, observe, restore }: Pick<TurnLog, "hear"> & { readonly observe: Observe; readonly restore: Restore }
    ): Effect.fn.Return<{ readonly seen: Seen; readonly failure: AttemptEnd["failure"] }, never, Scope.Scope> {
      const place = yield* Effect.exit(restore(open(task, slot.id)))
      // It says nothing of its slot.
      if (Exit.isFailure(place)) {
        return { seen: { exit: Exit.failCause(place.cause), found: null, answered: null }, failure: "cut" }
      }
      const { stay } = place.value
      const exit = yield* Effect.exit(
        restore(work({ task, slot, stay, budget: reservation.amount, used, observe, hear }))
      )
      // What has reached the worker and is not confirmed is told again: better twice than never.
      if (Exit.isSuccess(exit)) yield* Effect.ignore(persist(exit.value.confirm))
      const calls = yield* Effect.forEach(yield* Ref.get(used), ({ toolCalls }) => toolCalls)
      const toolCalls = calls.reduce((sum, count) => sum + count, 0)
      const seen = yield* lookAt(place.value, Exit.map(exit, ({ answer }) => answer), toolCalls, restore)
      return { seen, failure: failureOf(exit) }
    },
    Effect.scoped
  )

  /**
   * Runs the attempt and answers with the task as it then is. To be run in an uninterruptible region, so that an
   * interruption is recorded and its record seen: only the work itself is done under `restore`.
   */
  return (assignment: Assignment, restore: Restore): Effect.Effect<Task, Failure | IllegalTransition, Scope.Scope> =>
    Effect.gen(function*() {
      const { reservation } = assignment
      const started = yield* begin(assignment)
      yield* options.record(started.change)
      const used = yield* Ref.make<ReadonlyArray<Worker>>([])
      const observe = observing(assignment)
      const log = yield* openLog(started.task.id, started.attempt.number)
      const { failure, seen } = yield* inPlace(assignment, started.task, used, { hear: log.hear, observe, restore })
      const workers = yield* Ref.get(used)
      const ending = yield* endingOf(seen, workers, started.attempt.startedAt)
      const resumes = workers.at(-1)?.launch.resume
      const attempt = resumes === undefined ? started.attempt : new Attempt({ ...started.attempt, resumes })
      const held = yield* follow(assignment, failure)
      const judged = yield* persist(judge(started.task, attempt, { ...ending, held }))
      const task = yield* Effect.fromResult(judged.task)
      const turns = [...(yield* log.close), tellEnding(task, judged.attempt)]
      yield* persist(options.record({ ...judged, task, turns, event: eventOf(task) }))
      yield* reservation.settle(ending.spend.cost)
      return task
    }).pipe(Effect.ensuring(assignment.reservation.settle(zeroUsd)))
})

/** As slots and holds have to know it. What broke in the pool itself says nothing of either. */
const failureOf = (exit: Exit.Exit<Finished, Failure>): AttemptEnd["failure"] =>
  Exit.match(exit, {
    onSuccess: () => null,
    onFailure: (cause) =>
      Option.match(Cause.findErrorOption(cause), { onNone: () => "cut" as const, onSome: ({ reason }) => reason })
  })

type Observe = (progress: Progress) => Effect.Effect<void>

/** Whether a write that failed may succeed later. */
export const mayPass = ({ reason }: Failure): boolean => reason._tag === "StoreUnusable" && reason.mayPass

/** What is told of where a task has come to. */
export const eventOf = (task: Task): PoolEvent => {
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
