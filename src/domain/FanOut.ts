/**
 * What a caller asks of a fan-out: items, each with a prompt and options of its own, and what holds for all of them.
 */
import { Schema, Struct } from "effect"
import { ChainId } from "./ChainId.ts"
import { MicroUsd } from "./MicroUsd.ts"
import { Prompt, TaskOptions } from "./TaskRequest.ts"

/** The most items that one group may have. */
export const mostItems = 100_000

/** One of many independent tasks, with options of its own. */
export const FanOutItem = Schema.Struct({
  prompt: Prompt,
  /** What the prompt was made from, where it was made from something; it is part of what the item is known by. */
  input: Schema.optionalKey(Schema.Json),
  ...TaskOptions.fields
})
export type FanOutItem = typeof FanOutItem.Type

/**
 * What becomes of the others when an item fails. `continue`: nothing; `fail-fast`: they are cancelled; a quorum: the group
 * is done as soon as so many are, the rest is cancelled, and it has failed as soon as so many cannot be reached.
 */
export const OnItemFailure = Schema.Union([
  Schema.Literals(["continue", "fail-fast"]),
  Schema.Struct({ quorum: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)) })
])
export type OnItemFailure = typeof OnItemFailure.Type

/** The task that gets all outcomes, in order, where its prompt says `{outcomes}`, and answers for the group. */
export const Reduction = Schema.Struct({ prompt: Prompt, ...TaskOptions.fields })
export type Reduction = typeof Reduction.Type

/** What holds for the group, and for all of its items. */
export const FanOutOptions = Schema.Struct({
  name: TaskOptions.fields.name,
  /** Idempotency key: a second request with the same key is the first one's group. */
  key: Schema.NonEmptyString.check(Schema.isMaxLength(200)),
  onFailure: OnItemFailure,
  /** How many of its tasks may run at once; as many as there are slots, where nothing is said. */
  concurrency: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  /** What all of its tasks together may cost. */
  budget: MicroUsd.check(Schema.isGreaterThan(0)),
  reduce: Reduction,
  /** Options of every item that does not say otherwise. */
  defaults: TaskOptions,
  /** The chain that it is a step of. */
  within: ChainId
}).mapFields(Struct.map(Schema.optionalKey))
export type FanOutOptions = typeof FanOutOptions.Type
