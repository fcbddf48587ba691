/**
 * A group: independent tasks, each with an outcome of its own, and the only ways in which it comes to an end. Its tasks
 * are in the store; here is what holds for all of them. Data and rules: no IO.
 */
import { type DateTime, Result, Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { Reason } from "./Failure.ts"
import { OnItemFailure, Reduction } from "./FanOut.ts"
import { GroupId } from "./GroupId.ts"
import { MicroUsd } from "./MicroUsd.ts"
import { IllegalTransition } from "./Task.ts"
import { TaskId } from "./TaskId.ts"
import { TaskOptions } from "./TaskRequest.ts"

const Instant = Schema.DateTimeUtcFromMillis

export const GroupState = Schema.TaggedUnion({
  /** Some items have not ended. */
  Running: {},
  /** All items have ended, and one more task makes an answer of them. */
  Reducing: { task: TaskId },
  Done: { finishedAt: Instant },
  Failed: { finishedAt: Instant, reason: Reason },
  Cancelled: { finishedAt: Instant, note: Schema.String }
})
export type GroupState = typeof GroupState.Type

export class Group extends Schema.Class<Group>("claude-pool/Group")({
  id: GroupId,
  key: Schema.NullOr(Schema.String),
  name: Schema.NullOr(Schema.String),
  /** How many items it has. */
  size: Schema.Int,
  onFailure: OnItemFailure,
  concurrency: Schema.NullOr(Schema.Int),
  budget: Schema.NullOr(MicroUsd),
  reduce: Schema.NullOr(Reduction),
  /** Options of every item that does not say otherwise. */
  defaults: TaskOptions,
  within: Schema.NullOr(ChainId),
  submittedAt: Instant,
  state: GroupState,
  /** The task that answers for the group, once there is one. */
  reducer: Schema.NullOr(TaskId),
  /** How often it was taken up again after it had ended. */
  retries: Schema.Int,
  /** Rises with every change. */
  version: Schema.Int
}) {
  get isFinished(): boolean {
    return this.state._tag === "Done" || this.state._tag === "Failed" || this.state._tag === "Cancelled"
  }

  get finishedAt(): DateTime.Utc | null {
    return "finishedAt" in this.state ? this.state.finishedAt : null
  }

  /** All items have ended, and a task makes an answer of them. */
  startReducing(task: TaskId): Result.Result<Group, IllegalTransition> {
    if (this.state._tag !== "Running") return this.#illegal("start reducing")
    return this.#to(GroupState.cases.Reducing.make({ task }), { reducer: task })
  }

  complete(now: DateTime.Utc): Result.Result<Group, IllegalTransition> {
    if (this.isFinished) return this.#illegal("complete")
    return this.#to(GroupState.cases.Done.make({ finishedAt: now }), {})
  }

  fail(reason: Reason, now: DateTime.Utc): Result.Result<Group, IllegalTransition> {
    if (this.isFinished) return this.#illegal("fail")
    return this.#to(GroupState.cases.Failed.make({ finishedAt: now, reason }), {})
  }

  cancel(note: string, now: DateTime.Utc): Result.Result<Group, IllegalTransition> {
    if (this.isFinished) return this.#illegal("cancel")
    return this.#to(GroupState.cases.Cancelled.make({ finishedAt: now, note }), {})
  }

  /** Takes it up again: what failed in it is about to be run again. `budget` is the new cap. */
  reopen(change: { readonly size: number; readonly budget: MicroUsd | null }): Result.Result<Group, IllegalTransition> {
    if (!this.isFinished) return this.#illegal("be taken up again")
    return this.#to(GroupState.cases.Running.make({}), { ...change, reducer: null, retries: this.retries + 1 })
  }

  #to(
    state: GroupState,
    also: Partial<Pick<Group, "reducer" | "size" | "budget" | "retries">>
  ): Result.Result<Group, IllegalTransition> {
    return Result.succeed(new Group({ ...this, ...also, state, version: this.version + 1 }))
  }

  #illegal(change: string): Result.Result<Group, IllegalTransition> {
    return Result.fail(new IllegalTransition({ id: this.id, from: this.state._tag, change }))
  }
}

/** How many of a group's items stand where. */
export interface ItemCounts {
  readonly done: number
  readonly failed: number
  readonly cancelled: number
  /** Waiting, running, or in review. */
  readonly open: number
}

/** What the rules ask for next. */
export type GroupStep = "wait" | "stop the rest" | "end as done" | "end as failed"

/** What follows for a group from where its items stand. */
export const nextStep = (onFailure: OnItemFailure, counts: ItemCounts): GroupStep => {
  const { done, failed, open } = counts
  if (typeof onFailure === "object") {
    const { quorum } = onFailure
    if (done >= quorum) return open > 0 ? "stop the rest" : "end as done"
    if (done + open < quorum) return open > 0 ? "stop the rest" : "end as failed"
    return "wait"
  }
  if (onFailure === "fail-fast" && failed > 0 && open > 0) return "stop the rest"
  if (open > 0) return "wait"
  return failed > 0 || counts.cancelled > 0 ? "end as failed" : "end as done"
}
