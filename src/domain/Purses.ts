/**
 * The pool's budget, and the purses in it: the budgets of groups and chains. What a task may spend is promised in its
 * purse, in the one that this is within, and in the pool's budget: in all of them or in none.
 */
import { Data, HashMap, Option, Result } from "effect"
import { BudgetState } from "./BudgetState.ts"
import type { BudgetRefused } from "./LimitFailure.ts"
import type { MicroUsd } from "./MicroUsd.ts"
import type { WorkId } from "./WorkId.ts"

/** What a purse is opened with. */
export interface PurseTerms {
  /** Null: no cap of its own. */
  readonly cap: MicroUsd | null
  /** What has been spent of it before. */
  readonly settled: MicroUsd
  /** The purse that it is a part of. */
  readonly within: WorkId | null
}

interface Purse {
  readonly state: BudgetState
  readonly within: WorkId | null
  /** Promises that have not been settled. */
  readonly promises: number
  readonly isClosed: boolean
}

/** Money that has been promised, and in which purses. */
export interface Promised {
  readonly amount: MicroUsd
  readonly purses: ReadonlyArray<WorkId>
}

export class Purses extends Data.Class<{
  readonly pool: BudgetState
  readonly purses: HashMap.HashMap<WorkId, Purse>
}> {
  static readonly start = (cap: MicroUsd | null, settled: MicroUsd): Purses =>
    new Purses({ pool: BudgetState.start(cap, settled), purses: HashMap.empty() })

  /** Opens a purse. One that is open keeps what it has booked, and has other terms from now on. */
  open(id: WorkId, { cap, settled, within }: PurseTerms): Purses {
    const known = HashMap.get(this.purses, id)
    const purse: Purse = Option.match(known, {
      onNone: () => ({ state: BudgetState.start(cap, settled, id), within, promises: 0, isClosed: false }),
      onSome: (purse) => ({ ...purse, state: new BudgetState({ ...purse.state, cap }), within, isClosed: false })
    })
    return this.#with(HashMap.set(this.purses, id, purse))
  }

  /** Closes a purse: it is gone once what was promised in it is settled. */
  close(id: WorkId): Purses {
    return this.#with(this.#change(id, (purse) => ({ ...purse, isClosed: true })))
  }

  /** Promises `amount` in the purse `of`, and in all that it is within. */
  reserve(amount: MicroUsd, of: WorkId | null): Result.Result<readonly [Promised, Purses], BudgetRefused> {
    const purses = this.#path(of)
    let all = this.purses
    for (const id of purses) {
      const purse = HashMap.getUnsafe(all, id)
      const state = purse.state.reserve(amount)
      if (Result.isFailure(state)) return Result.fail(state.failure)
      all = HashMap.set(all, id, { ...purse, state: state.success, promises: purse.promises + 1 })
    }
    return Result.map(
      this.pool.reserve(amount),
      (pool) => [{ amount, purses }, new Purses({ pool, purses: all })] as const
    )
  }

  /** Takes a promise back and books what was really spent, wherever it was promised. */
  settle({ amount, purses }: Promised, actual: MicroUsd): Purses {
    const settled = purses.reduce<Purses>((all, id) =>
      all.#with(
        all.#change(id, (purse) => ({
          ...purse,
          state: purse.state.settle(amount, actual),
          promises: purse.promises - 1
        }))
      ), this)
    return new Purses({ ...settled, pool: this.pool.settle(amount, actual) })
  }

  /** The refusal of an amount that one of the budgets can never promise. */
  hopeless(amount: MicroUsd, of: WorkId | null): BudgetRefused | null {
    const states = [...this.#path(of).map((id) => HashMap.getUnsafe(this.purses, id).state), this.pool]
    return states.map((state) => state.hopeless(amount)).find((refused) => refused !== null) ?? null
  }

  /** The open purses that an amount goes through, the innermost first. */
  #path(of: WorkId | null): ReadonlyArray<WorkId> {
    const purse = of === null ? Option.none() : HashMap.get(this.purses, of)
    return of === null || Option.isNone(purse) ? [] : [of, ...this.#path(purse.value.within)]
  }

  #change(id: WorkId, change: (purse: Purse) => Purse): HashMap.HashMap<WorkId, Purse> {
    const changed = Option.map(HashMap.get(this.purses, id), change)
    if (Option.isNone(changed)) return this.purses
    return changed.value.isClosed && changed.value.promises === 0
      ? HashMap.remove(this.purses, id)
      : HashMap.set(this.purses, id, changed.value)
  }

  #with(purses: HashMap.HashMap<WorkId, Purse>): Purses {
    return new Purses({ pool: this.pool, purses })
  }
}
