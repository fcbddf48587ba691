/**
 * A chain as the store keeps it: what was asked for, and how it ended. What its steps came to is in its journal. Data and
 * rules: no IO.
 */
import { type DateTime, Result, Schema, Struct } from "effect"
import { ChainDefinition } from "./ChainDefinition.ts"
import { ChainId } from "./ChainId.ts"
import { Reason } from "./Failure.ts"
import type { Isolation } from "./Isolation.ts"
import { MicroUsd } from "./MicroUsd.ts"
import { IllegalTransition } from "./Task.ts"
import { ContextValues, isolationOf, TaskOptions } from "./TaskRequest.ts"

const Instant = Schema.DateTimeUtcFromMillis

export const ChainState = Schema.TaggedUnion({
  Running: {},
  Done: { finishedAt: Instant },
  /** `step` is the one that ended it; null where none was to blame. */
  Failed: { finishedAt: Instant, step: Schema.NullOr(Schema.String), reason: Reason },
  Cancelled: { finishedAt: Instant, note: Schema.String }
})
export type ChainState = typeof ChainState.Type

/** A task that is given no budget of its own may cost what any task may, and no more than all of its chain. */
export const defaultsWithin = (defaults: TaskOptions, budget: MicroUsd | null): TaskOptions =>
  budget === null || (defaults.budget !== undefined && defaults.budget <= budget) ? defaults : { ...defaults, budget }

/** Where all of a chain works that does not say otherwise, and what the workspace of all of it begins at. */
export const placeOf = (
  { definition, defaults }: Pick<Chain, "defaults"> & { readonly definition: Pick<ChainDefinition, "defaults"> }
): Pick<TaskOptions, "base"> & { readonly isolation: Isolation } => {
  const options: TaskOptions = { ...defaults, ...definition.defaults }
  return { ...Struct.pick(options, ["base"]), isolation: isolationOf(options) }
}

export class Chain extends Schema.Class<Chain>("claude-pool/Chain")({
  id: ChainId,
  key: Schema.NullOr(Schema.String),
  name: Schema.NullOr(Schema.String),
  definition: ChainDefinition,
  /** A value for each variable that the definition declares. */
  vars: Schema.Record(Schema.String, Schema.Json),
  /** Where all steps work. */
  cwd: Schema.String,
  /** Options of every step that neither it nor the definition says. */
  defaults: TaskOptions,
  /** The context as it was when the chain was accepted. */
  context: ContextValues,
  /** What all of its tasks together may cost. */
  budget: Schema.NullOr(MicroUsd),
  submittedAt: Instant,
  state: ChainState,
  /** How often it was taken up again after it had ended. */
  resumes: Schema.Int,
  /** Rises with every change. */
  version: Schema.Int
}) {
  get isFinished(): boolean {
    return this.state._tag !== "Running"
  }

  get finishedAt(): DateTime.Utc | null {
    return "finishedAt" in this.state ? this.state.finishedAt : null
  }

  complete(now: DateTime.Utc): Result.Result<Chain, IllegalTransition> {
    return this.#end("complete", ChainState.cases.Done.make({ finishedAt: now }))
  }

  fail(step: string | null, reason: Reason, now: DateTime.Utc): Result.Result<Chain, IllegalTransition> {
    return this.#end("fail", ChainState.cases.Failed.make({ finishedAt: now, step, reason }))
  }

  cancel(note: string, now: DateTime.Utc): Result.Result<Chain, IllegalTransition> {
    return this.#end("cancel", ChainState.cases.Cancelled.make({ finishedAt: now, note }))
  }

  /** Takes it up again where it ended. `budget` is the new cap. */
  resume(budget: MicroUsd | null): Result.Result<Chain, IllegalTransition> {
    if (!this.isFinished) return this.#illegal("be taken up again")
    return Result.succeed(
      new Chain({
        ...this,
        budget,
        resumes: this.resumes + 1,
        state: ChainState.cases.Running.make({}),
        version: this.version + 1
      })
    )
  }

  #end(change: string, state: ChainState): Result.Result<Chain, IllegalTransition> {
    if (this.isFinished) return this.#illegal(change)
    return Result.succeed(new Chain({ ...this, state, version: this.version + 1 }))
  }

  #illegal(change: string): Result.Result<Chain, IllegalTransition> {
    return Result.fail(new IllegalTransition({ id: this.id, from: this.state._tag, change }))
  }
}
