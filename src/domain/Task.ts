/**
 * What a task is, where it stands, and the only ways in which that may change. Data and rules: no IO.
 */
import { type DateTime, Result, Schema, Struct } from "effect"
import { Evidence } from "./Evidence.ts"
import { Reason } from "./Failure.ts"
import { Parent } from "./Parent.ts"
import { Approval, Rejection } from "./Review.ts"
import { SlotId } from "./SlotId.ts"
import type { SlotSettings } from "./SlotProfile.ts"
import { Spend } from "./Spend.ts"
import { TaskId } from "./TaskId.ts"
import { AcceptedOptions } from "./TaskRequest.ts"
import { TaskResult } from "./TaskResult.ts"
import { WorkId } from "./WorkId.ts"

const Instant = Schema.DateTimeUtcFromMillis

/** Each case holds only what is known at that point, so an impossible task cannot be written down. */
export const TaskState = Schema.TaggedUnion({
  /** Waits for its turn; not before a time, where a failed attempt is tried again or a limit is waited out. */
  Queued: { notBefore: Schema.NullOr(Instant), lastFailure: Schema.NullOr(Reason) },
  Running: { attempt: Schema.Int, slot: SlotId, startedAt: Instant },
  /** There is a result, and somebody has to accept it. */
  InReview: { since: Instant, result: TaskResult },
  /** `approval` is who let it pass, where there was a gate. */
  Done: { finishedAt: Instant, result: TaskResult, approval: Schema.optionalKey(Approval) },
  Failed: { finishedAt: Instant, reason: Reason },
  Cancelled: { finishedAt: Instant, note: Schema.String }
})
export type TaskState = typeof TaskState.Type
/** How a task stands, by its tag. */
export type TaskStateTag = TaskState["_tag"]

/** A change that the rules do not allow: a defect of the program, or the loser of a race. */
export class IllegalTransition extends Schema.TaggedError<IllegalTransition>()("IllegalTransition", {
  id: WorkId,
  from: Schema.String,
  change: Schema.String
}) {
  override get message(): string {
    return `${this.id} is ${this.from} and cannot ${this.change}`
  }
}

export class Task extends Schema.Class<Task>("claude-pool/Task")({
  id: TaskId,
  prompt: Schema.String,
  key: Schema.NullOr(Schema.String),
  options: AcceptedOptions,
  /** What it is a part of. */
  parent: Schema.NullOr(Parent),
  submittedAt: Instant,
  state: TaskState,
  /** Attempts begun so far, interrupted ones included. */
  attempts: Schema.Int,
  /** Attempts that were cut off by a crash of the pool. */
  crashes: Schema.Int,
  /** Attempts that failed since it was last rejected: these are counted against the limit, interrupted and postponed ones are not. */
  tries: Schema.Int,
  /** What reviewers have found wrong so far, oldest first. */
  rejections: Schema.Array(Rejection),
  /** What its last attempt did, as the pool found it; absent while none has ended. */
  evidence: Schema.optionalKey(Evidence),
  /** All attempts together. */
  spend: Spend,
  /** Rises with every change; a write that does not know the latest one is refused. */
  version: Schema.Int
}) {
  get isFinished(): boolean {
    return this.state._tag === "Done" || this.state._tag === "Failed" || this.state._tag === "Cancelled"
  }

  /** Whether nothing happens to it until somebody does something: it has ended, or waits for its review. */
  get isSettled(): boolean {
    return this.isFinished || this.state._tag === "InReview"
  }

  get finishedAt(): DateTime.Utc | null {
    return "finishedAt" in this.state ? this.state.finishedAt : null
  }

  /** A slot takes it up, and gives it what nobody has said; so it stays from then on. */
  start(slot: SlotId, now: DateTime.Utc, settings: SlotSettings = {}): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "Queued") return this.#illegal("start")
    const attempt = this.attempts + 1
    return this.#to(TaskState.cases.Running.make({ attempt, slot, startedAt: now }), {
      attempts: attempt,
      options: settled(this.options, settings)
    })
  }

  /** The running attempt came to an answer. */
  complete(
    attempt: number,
    result: TaskResult,
    spend: Spend,
    now: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    const done = TaskState.cases.Done.make({ finishedAt: now, result })
    return this.#endAttempt("complete", attempt, done, { spend, evidence })
  }

  /** The running attempt came to an answer that has to be accepted first. */
  present(
    attempt: number,
    result: TaskResult,
    spend: Spend,
    now: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    const inReview = TaskState.cases.InReview.make({ since: now, result })
    return this.#endAttempt("present", attempt, inReview, { spend, evidence })
  }

  /** A reviewer accepts the result. */
  approve(approval: Approval, now: DateTime.Utc): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "InReview") return this.#illegal("approve")
    return this.#to(TaskState.cases.Done.make({ finishedAt: now, result: this.state.result, approval }), {})
  }

  /** Accepted once more: what it is meant for has moved on since. */
  renew(approval: Approval): Result.Result<Task, IllegalTransition> {
    const { state } = this
    if (state._tag !== "Done" || state.approval === undefined) return this.#illegal("renew")
    return this.#to(TaskState.cases.Done.make({ ...state, approval }), {})
  }

  /** A reviewer sends it back, and its author goes on, with all of its tries. */
  reject(rejection: Rejection): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "InReview") return this.#illegal("reject")
    return this.#to(TaskState.cases.Queued.make({ notBefore: null, lastFailure: null }), {
      tries: 0,
      rejections: [...this.rejections, rejection]
    })
  }

  /** A reviewer sends it back once more than its gate allows. */
  giveUp(rejection: Rejection, reason: Reason, now: DateTime.Utc): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "InReview") return this.#illegal("give up")
    return this.#to(TaskState.cases.Failed.make({ finishedAt: now, reason }), {
      rejections: [...this.rejections, rejection]
    })
  }

  /** The running attempt failed, and so does the task. */
  fail(
    attempt: number,
    reason: Reason,
    spend: Spend,
    now: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    return this.#endAttempt("fail", attempt, TaskState.cases.Failed.make({ finishedAt: now, reason }), {
      spend,
      evidence,
      tries: this.tries + 1
    })
  }

  /** The running attempt failed; another one is made, not before `notBefore`. */
  retry(
    attempt: number,
    reason: Reason,
    spend: Spend,
    notBefore: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    return this.#endAttempt("retry", attempt, TaskState.cases.Queued.make({ notBefore, lastFailure: reason }), {
      spend,
      evidence,
      tries: this.tries + 1
    })
  }

  /** The running attempt met what all would meet: the task waits until that is over, and is not charged a try. */
  postpone(
    attempt: number,
    reason: Reason,
    spend: Spend,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    const queued = TaskState.cases.Queued.make({ notBefore: null, lastFailure: reason })
    return this.#endAttempt("postpone", attempt, queued, { spend, evidence })
  }

  /** The running attempt was cut off by the end of the pool: the task waits again and is not charged a try. */
  requeue(
    attempt: number,
    by: "shutdown" | "crash",
    spend: Spend,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    return this.#endAttempt("requeue", attempt, TaskState.cases.Queued.make({ notBefore: null, lastFailure: null }), {
      spend,
      evidence,
      crashes: this.crashes + (by === "crash" ? 1 : 0)
    })
  }

  /** The pool was killed while the attempt ran, and no other one is made: that is no try, as where it waits again. */
  abandon(
    attempt: number,
    reason: Reason,
    spend: Spend,
    now: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    return this.#endAttempt("abandon", attempt, TaskState.cases.Failed.make({ finishedAt: now, reason }), {
      spend,
      evidence,
      crashes: this.crashes + 1
    })
  }

  /** A queued task that cannot ever be run. */
  refuse(reason: Reason, now: DateTime.Utc): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "Queued") return this.#illegal("refuse")
    return this.#to(TaskState.cases.Failed.make({ finishedAt: now, reason }), {})
  }

  /** Stopped for good, from waiting, from work or from review; `spend` is what the cut attempt had cost. */
  cancel(
    note: string,
    spend: Spend,
    now: DateTime.Utc,
    evidence?: Evidence
  ): Result.Result<Task, IllegalTransition> {
    if (this.isFinished) return this.#illegal("cancel")
    return this.#to(TaskState.cases.Cancelled.make({ finishedAt: now, note }), {
      spend: this.spend.plus(spend),
      ...found(evidence)
    })
  }

  #endAttempt(
    change: string,
    attempt: number,
    state: TaskState,
    { evidence, spend, ...also }: {
      readonly spend: Spend
      readonly evidence: Evidence | undefined
      readonly tries?: number
      readonly crashes?: number
    }
  ): Result.Result<Task, IllegalTransition> {
    if (this.state._tag !== "Running" || this.state.attempt !== attempt) return this.#illegal(change)
    return this.#to(state, { ...also, spend: this.spend.plus(spend), ...found(evidence) })
  }

  #to(
    state: TaskState,
    also: Partial<Pick<Task, "attempts" | "tries" | "crashes" | "spend" | "rejections" | "options" | "evidence">>
  ): Result.Result<Task, IllegalTransition> {
    return Result.succeed(new Task({ ...this, ...also, state, version: this.version + 1 }))
  }

  #illegal(change: string): Result.Result<Task, IllegalTransition> {
    return Result.fail(new IllegalTransition({ id: this.id, from: this.state._tag, change }))
  }
}

/** What was found before stays where nothing was looked at. */
const found = (evidence: Evidence | undefined) => evidence === undefined ? {} : { evidence }

/** The options with what a slot says in place of what nobody has said. */
const settled = ({ unsaid = [], ...options }: AcceptedOptions, settings: SlotSettings): AcceptedOptions => ({
  ...options,
  ...Struct.pick(settings, unsaid)
})

/** A task as it is when it has just been accepted. */
export const acceptTask = (options: {
  readonly id: TaskId
  readonly prompt: string
  readonly key: string | null
  readonly options: AcceptedOptions
  readonly parent: Parent | null
  readonly now: DateTime.Utc
}): Task =>
  new Task({
    id: options.id,
    prompt: options.prompt,
    key: options.key,
    options: options.options,
    parent: options.parent,
    submittedAt: options.now,
    state: TaskState.cases.Queued.make({ notBefore: null, lastFailure: null }),
    attempts: 0,
    crashes: 0,
    tries: 0,
    rejections: [],
    spend: Spend.zero,
    version: 1
  })
