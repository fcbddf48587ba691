/**
 * What may be spent: reserved before a task is dispatched, settled from the CLI's own figures. Beside the pool's budget
 * there is a purse for each group and chain at work, and what is spent in one is spent in all that it is within.
 */
import { Context, Effect, Layer, Ref, Result } from "effect"
import type { BudgetState } from "../domain/BudgetState.ts"
import { Failure } from "../domain/Failure.ts"
import type { BudgetRefused } from "../domain/LimitFailure.ts"
import { type MicroUsd, zeroUsd } from "../domain/MicroUsd.ts"
import { type Promised, Purses, type PurseTerms } from "../domain/Purses.ts"
import type { WorkId } from "../domain/WorkId.ts"

/** Money promised to one attempt. It is settled once: the first settlement counts. */
export interface Reservation {
  readonly amount: MicroUsd
  readonly settle: (actual: MicroUsd) => Effect.Effect<void>
}

export class Budget extends Context.Service<Budget, {
  /**
   * Opens the purse of a group or chain, before any of its tasks can be dispatched: work without an open purse is
   * bounded by the pool's budget alone. One that is open keeps what it has booked and has other terms from now on.
   */
  readonly open: (id: WorkId, purse: PurseTerms) => Effect.Effect<void>
  /** What is promised in it is still settled in it. */
  readonly close: (id: WorkId) => Effect.Effect<void>
  /** Promises an amount in the purse `of`, in the one that this is within, and in the pool's budget, or fails with `BudgetRefused`. */
  readonly reserve: (amount: MicroUsd, of?: WorkId | null) => Effect.Effect<Reservation, Failure>
  /** Books in the pool's budget what was spent with nobody to settle it, by a pool that was killed. */
  readonly book: (spent: MicroUsd) => Effect.Effect<void>
  /** The refusal of an amount that one of these budgets can never promise; null where all can, now or later. */
  readonly hopeless: (amount: MicroUsd, of?: WorkId | null) => Effect.Effect<BudgetRefused | null>
  /** The pool's. */
  readonly state: Effect.Effect<BudgetState>
}>()("claude-pool/services/Budget") {
  static readonly layer = (options: { readonly cap: MicroUsd | null; readonly settled: MicroUsd }) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const purses = yield* Ref.make(Purses.start(options.cap, options.settled))

        const reservation = (promised: Promised): Effect.Effect<Reservation> =>
          Effect.map(Ref.make(true), (open) => ({
            amount: promised.amount,
            settle: (actual) =>
              Effect.flatMap(
                Ref.getAndSet(open, false),
                (first) => first ? Ref.update(purses, (all) => all.settle(promised, actual)) : Effect.void
              )
          }))

        const reserve = Effect.fn("Budget.reserve")(function*(amount: MicroUsd, of: WorkId | null = null) {
          const reserved = yield* Ref.modify(purses, (all) =>
            Result.match(all.reserve(amount, of), {
              onFailure: (refused): [Promised | BudgetRefused, Purses] => [refused, all],
              onSuccess: ([promised, next]) => [promised, next]
            }))
          if ("_tag" in reserved) return yield* new Failure({ reason: reserved })
          return yield* reservation(reserved)
        })

        return {
          open: (id, terms) => Ref.update(purses, (all) => all.open(id, terms)),
          close: (id) => Ref.update(purses, (all) => all.close(id)),
          reserve,
          book: (spent) => Ref.update(purses, (all) => all.settle({ amount: zeroUsd, purses: [] }, spent)),
          hopeless: (amount, of = null) => Effect.map(Ref.get(purses), (all) => all.hopeless(amount, of)),
          state: Effect.map(Ref.get(purses), ({ pool }) => pool)
        }
      })
    )
}
