/**
 * The gate between a result and its acceptance: what a reviewer decides is decided once, on what was seen.
 */
import { DateTime, Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { BudgetExceeded } from "../../domain/LimitFailure.ts"
import { lessUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { InvalidRequest, NotInReview, ReviewOutdated, ShuttingDown } from "../../domain/RequestFailure.ts"
import type { Approval, Rejection } from "../../domain/Review.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { stateName } from "../../domain/TaskView.ts"
import { Rejected } from "../../domain/WorkerFailure.ts"
import { Budget } from "../Budget.ts"
import { Inspector } from "../Inspector.ts"
import type { Change } from "../Store.ts"
import { type Backlog, waitingOf } from "./Backlog.ts"
import type { Ends } from "./Ends.ts"

export interface ReviewsOptions {
  readonly backlog: Backlog
  readonly ends: Ends
  readonly find: (id: TaskId) => Effect.Effect<Task, Failure>
  readonly record: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
  readonly isStopping: () => boolean
}

export interface ApprovalOf {
  /** What was seen; without it, whatever is there is approved. */
  readonly hash?: string
  readonly note?: string
}

const notInReview = ({ id, state }: Task) =>
  new Failure({ reason: new NotInReview({ id, state: stateName(state._tag) }) })

const mustBeSeen = (id: TaskId, now: string, seen: string | undefined) =>
  seen === undefined || seen === now
    ? Effect.void
    : new Failure({ reason: new ReviewOutdated({ id, seen, now }) })

/** Whoever was first has decided: the task is looked at again. */
const lookingAgain = <A>(decide: Effect.Effect<A, Failure | IllegalTransition>): Effect.Effect<A, Failure> =>
  Effect.catchTag(decide, "IllegalTransition", () => Effect.andThen(Effect.yieldNow, lookingAgain(decide)))

export const makeReviews = Effect.fnUntraced(
  function*({ backlog, ends, find, isStopping, record }: ReviewsOptions) {
    const budget = yield* Budget
    const inspector = yield* Effect.serviceOption(Inspector)

    /** What is approved once more is approved for the target as it is now: what has come to it since may matter. */
    const renew = Effect.fnUntraced(function*(task: Task, approval: Approval, note: string) {
      const known = approval.target ?? task.evidence?.branch?.target ?? null
      const now = known === null || Option.isNone(inspector) ? null : yield* inspector.value.targetOf(task)
      if (now === null || (now.branch === known?.branch && now.tip === known.tip)) return task
      const at = yield* DateTime.now
      const again = { ...approval, at, target: now, note: note === "" ? approval.note : note }
      const renewed = yield* Effect.fromResult(task.renew(again))
      yield* record({ task: renewed, event: PoolEvent.cases.Renewed.make({ id: task.id }) })
      return renewed
    })

    const approveNow = Effect.fnUntraced(function*(id: TaskId, { hash, note = "" }: ApprovalOf) {
      const task = yield* find(id)
      const { state } = task
      if (state._tag === "Done" && state.approval !== undefined) {
        yield* mustBeSeen(id, state.approval.hash, hash)
        return yield* renew(task, state.approval, note)
      }
      if (state._tag !== "InReview") return yield* notInReview(task)
      yield* mustBeSeen(id, state.result.hash, hash)
      const now = yield* DateTime.now
      const approved = yield* Effect.fromResult(task.approve({ at: now, hash: state.result.hash, note }, now))
      yield* record({ task: approved, event: PoolEvent.cases.Finished.make({ id, state: "Done" }) })
      yield* ends.announce(approved)
      return approved
    }, Effect.uninterruptible)

    /** There is money for another round: else the result would be lost with the task. */
    const mustBePayable = Effect.fnUntraced(function*({ options, parent, spend }: Task) {
      const left = lessUsd(options.budget, spend.cost)
      if (left === 0) {
        return yield* new Failure({ reason: new BudgetExceeded({ cap: options.budget, spent: spend.cost }) })
      }
      const refused = yield* budget.hopeless(left, parent?.id)
      if (refused !== null) return yield* new Failure({ reason: refused })
    })

    const giveUp = Effect.fnUntraced(function*(task: Task, rejection: Rejection) {
      const reason = new Rejected({ times: task.rejections.length + 1 })
      const failed = yield* Effect.fromResult(task.giveUp(rejection, reason, rejection.at))
      yield* record({ task: failed, event: PoolEvent.cases.Finished.make({ id: task.id, state: "Failed" }) })
      yield* ends.announce(failed)
      return failed
    })

    const sendBack = Effect.fnUntraced(function*(task: Task, rejection: Rejection) {
      if (isStopping()) return yield* new Failure({ reason: new ShuttingDown({}) })
      yield* mustBePayable(task)
      const rejected = yield* Effect.fromResult(task.reject(rejection))
      yield* record({ task: rejected, event: PoolEvent.cases.Requeued.make({ id: task.id, cause: "Rejected" }) })
      yield* backlog.offer(waitingOf(rejected), null)
      return rejected
    })

    const rejectNow = Effect.fnUntraced(function*(id: TaskId, feedback: string) {
      const task = yield* find(id)
      const { attempts, options, rejections, state } = task
      if (state._tag !== "InReview") return yield* notInReview(task)
      const rejection = { at: yield* DateTime.now, attempt: attempts, hash: state.result.hash, feedback }
      return yield* rejections.length >= (options.review?.maxRejections ?? 0)
        ? giveUp(task, rejection)
        : sendBack(task, rejection)
    }, Effect.uninterruptible)

    const approve = Effect.fn("Tasks.approve")((id: TaskId, approval: ApprovalOf = {}) =>
      lookingAgain(approveNow(id, approval))
    )

    const reject = Effect.fn("Tasks.reject")(function*(id: TaskId, feedback: string) {
      if (feedback.trim() === "") {
        const issues = ["feedback: must not be empty"]
        return yield* new Failure({ reason: new InvalidRequest({ issues, hint: "say what is wrong with the result" }) })
      }
      return yield* lookingAgain(rejectNow(id, feedback))
    })

    return { approve, reject }
  }
)
