/**
 * How often the pool is looked at: seldom while nothing happens, for a look is a wake-up.
 */
import { Context, Duration } from "effect"

export interface Pace {
  /** While something is at work or starting, or has to be seen once more. */
  readonly busy: Duration.Duration
  readonly idle: Duration.Duration
}

export const Pace = Context.Reference<Pace>("claude-pool/services/supervisor/Pace", {
  defaultValue: () => ({ busy: Duration.seconds(5), idle: Duration.seconds(30) })
})
