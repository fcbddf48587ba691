/**
 * The arithmetic of money: what is spent, what is promised, and what may still be promised.
 */
import { Data, Result } from "effect"
import { type BudgetOwner, BudgetRefused } from "./LimitFailure.ts"
import { addUsd, lessUsd, type MicroUsd, zeroUsd } from "./MicroUsd.ts"

export class BudgetState extends Data.Class<{
  /** Whose budget it is. */
  readonly of: BudgetOwner
  /** Null: no cap. */
  readonly cap: MicroUsd | null
  readonly settled: MicroUsd
  readonly reserved: MicroUsd
}> {
  static readonly start = (cap: MicroUsd | null, settled: MicroUsd, of: BudgetOwner = "pool"): BudgetState =>
    new BudgetState({ of, cap, settled, reserved: zeroUsd })

  /** Promises `amount`. Refused where it does not fit beside what is spent and promised already. */
  reserve(amount: MicroUsd): Result.Result<BudgetState, BudgetRefused> {
    if (this.cap !== null && this.settled + this.reserved + amount > this.cap) {
      return Result.fail(this.refusal(amount, this.cap))
    }
    return Result.succeed(new BudgetState({ ...this, reserved: addUsd(this.reserved, amount) }))
  }

  /** Takes a promise back and books what was really spent. The CLI stops only after the call that crosses its cap, so it may be more. */
  settle(amount: MicroUsd, actual: MicroUsd): BudgetState {
    return new BudgetState({
      ...this,
      settled: addUsd(this.settled, actual),
      reserved: lessUsd(this.reserved, amount)
    })
  }

  /** The refusal of an amount that cannot be promised even when all that is promised now comes back unspent. */
  hopeless(amount: MicroUsd): BudgetRefused | null {
    return this.cap !== null && this.settled + amount > this.cap ? this.refusal(amount, this.cap) : null
  }

  private refusal(asked: MicroUsd, cap: MicroUsd): BudgetRefused {
    return new BudgetRefused({ of: this.of, asked, cap, settled: this.settled, reserved: this.reserved })
  }
}
