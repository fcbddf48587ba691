/**
 * What may be spent: reserved before a task is dispatched, settled from the CLI's own figures.
 */
import { Context, Effect, Layer, Ref, Result } from "effect"
import { BudgetState } from "../domain/BudgetState.ts"
import { Failure } from "../domain/Failure.ts"
import type { BudgetRefused } from "../domain/LimitFailure.ts"
import type { MicroUsd } from "../domain/MicroUsd.ts"

/** Money promised to one attempt. It is settled once: the first settlement counts. */
export interface Reservation {
  readonly amount: MicroUsd
  readonly settle: (actual: MicroUsd) => Effect.Effect<void>
}

export class Budget extends Context.Service<Budget, {
  /** Promises an amount, or fails with `BudgetRefused`. */
  readonly reserve: (amount: MicroUsd) => Effect.Effect<Reservation, Failure>
  /** The refusal of an amount that this budget can never promise; null where it can, now or later. */
  readonly hopeless: (amount: MicroUsd) => Effect.Effect<BudgetRefused | null>
  readonly state: Effect.Effect<BudgetState>
}>()("claude-pool/services/Budget") {
  static readonly layer = (options: { readonly cap: MicroUsd | null; readonly settled: MicroUsd }) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const budget = yield* Ref.make(BudgetState.start(options.cap, options.settled))

        const reservation = (amount: MicroUsd): Effect.Effect<Reservation> =>
          Effect.map(Ref.make(true), (open) => ({
            amount,
            settle: (actual) =>
              Effect.flatMap(
                Ref.getAndSet(open, false),
                (first) => first ? Ref.update(budget, (state) => state.settle(amount, actual)) : Effect.void
              )
          }))

        const reserve = Effect.fn("Budget.reserve")(function*(amount: MicroUsd) {
          const refused = yield* Ref.modify(budget, (state) =>
            Result.match(state.reserve(amount), {
              onFailure: (refused): [BudgetRefused | null, BudgetState] => [refused, state],
              onSuccess: (next) => [null, next]
            }))
          if (refused !== null) return yield* new Failure({ reason: refused })
          return yield* reservation(amount)
        })

        return {
          reserve,
          hopeless: (amount) => Effect.map(Ref.get(budget), (state) => state.hopeless(amount)),
          state: Ref.get(budget)
        }
      })
    )
}
