/**
 * What an attempt has cost, as the CLI itself reports it: money, tokens, and turns.
 */
import { Schema } from "effect"
import { addUsd, MicroUsd, zeroUsd } from "./MicroUsd.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export class Spend extends Schema.Class<Spend>("claude-pool/Spend")({
  cost: MicroUsd,
  inputTokens: Count,
  outputTokens: Count,
  cacheReadTokens: Count,
  cacheWriteTokens: Count,
  turns: Count,
  /** False when the process ended before it could say what it had cost; the figures are then a lower bound. */
  exact: Schema.Boolean
}) {
  static readonly zero = new Spend({
    cost: zeroUsd,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    turns: 0,
    exact: true
  })

  plus(that: Spend): Spend {
    return new Spend({
      cost: addUsd(this.cost, that.cost),
      inputTokens: this.inputTokens + that.inputTokens,
      outputTokens: this.outputTokens + that.outputTokens,
      cacheReadTokens: this.cacheReadTokens + that.cacheReadTokens,
      cacheWriteTokens: this.cacheWriteTokens + that.cacheWriteTokens,
      turns: this.turns + that.turns,
      exact: this.exact && that.exact
    })
  }
}
