/**
 * Failures by a limit that was set on purpose, by the user or by the provider: money, usage, time, length of the queue.
 */
import { DateTime, Duration, Effect, Schema } from "effect"
import { Bytes, roughBytes } from "./ByteSize.ts"
import { HangMode } from "./Health.ts"
import { formatUsd, MicroUsd } from "./MicroUsd.ts"
import type { ReasonFacts } from "./RetryClass.ts"
import { longest, TimeLimit } from "./TimeLimit.ts"
import { WorkId } from "./WorkId.ts"

/** Whose budget: the pool's, or that of a group or chain. */
export const BudgetOwner = Schema.Union([Schema.Literal("pool"), WorkId])
export type BudgetOwner = typeof BudgetOwner.Type

/** The money was not there before the work began: nothing was spent. */
export class BudgetRefused extends Schema.TaggedError<BudgetRefused>()("BudgetRefused", {
  /** Records of before there were others are of the pool's. */
  of: BudgetOwner.pipe(Schema.withDecodingDefaultKey(Effect.succeed("pool" as const))),
  asked: MicroUsd,
  cap: MicroUsd,
  settled: MicroUsd,
  reserved: MicroUsd
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 3
  override get message(): string {
    const whose = this.of === "pool" ? "the pool's budget" : `the budget of ${this.of}`
    return `${whose} has no room for ${formatUsd(this.asked)}: cap ${formatUsd(this.cap)}, spent ${
      formatUsd(this.settled)
    }, reserved ${formatUsd(this.reserved)}`
  }
  get hint(): string {
    return this.of === "pool"
      ? "raise the cap (--pool-budget-usd, CLAUDE_POOL_POOL_BUDGET_USD) or give the task a smaller --budget-usd"
      : `take ${this.of} up again with a larger --budget-usd, or give its tasks smaller ones`
  }
}

/** The task reached its own cap and was stopped there. */
export class BudgetExceeded extends Schema.TaggedError<BudgetExceeded>()("BudgetExceeded", {
  cap: MicroUsd,
  spent: MicroUsd
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 3
  override get message(): string {
    return `stopped at its budget: cap ${formatUsd(this.cap)}, spent ${formatUsd(this.spent)}`
  }
  get hint(): string {
    return "continue it with --continue-from and a larger --budget-usd, or make the task smaller"
  }
}

/** The provider refuses work until a time: a rate limit, a usage window, an empty account. */
export class UsageLimited extends Schema.TaggedError<UsageLimited>()("UsageLimited", {
  detail: Schema.String,
  resumeAt: Schema.NullOr(Schema.DateTimeUtcFromMillis)
}) implements ReasonFacts {
  readonly retryClass = "limit"
  readonly exitCode = 4
  override get message(): string {
    const until = this.resumeAt === null ? "" : ` until ${DateTime.formatIso(this.resumeAt)}`
    return `the provider's usage limit is reached${until}: ${this.detail}`
  }
  get hint(): string {
    return "wait until the limit is lifted and submit again, use another model, or use fewer slots"
  }
}

/** The account cannot pay. Waiting does not help. */
export class BillingStopped extends Schema.TaggedError<BillingStopped>()("BillingStopped", {
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 4
  override get message(): string {
    return `the provider refuses to bill the account: ${this.detail}`
  }
  get hint(): string {
    return "check credit and billing of the account that the workers use"
  }
}

/** The whole task took longer than it was given. */
export class TimedOut extends Schema.TaggedError<TimedOut>()("TimedOut", {
  after: TimeLimit
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 5
  override get message(): string {
    return `not finished after ${Duration.format(this.after)}; the worker was stopped`
  }
  get hint(): string {
    return "give it more time with --timeout, continue it with --continue-from, or make the task smaller"
  }
}

/** The worker lived, and gave no sign of life for too long. */
export class Stalled extends Schema.TaggedError<Stalled>()("Stalled", {
  after: TimeLimit,
  phase: Schema.String,
  /** Records of before there was more to go by than silence have none. */
  mode: Schema.NullOr(HangMode).pipe(Schema.withDecodingDefaultKey(Effect.succeed(null))),
  /** What was looked at besides its silence, in words. */
  evidence: Schema.String.pipe(Schema.withDecodingDefaultKey(Effect.succeed("")))
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 5
  override get message(): string {
    const what = this.mode === null ? this.phase : `${this.phase}, ${this.mode}`
    const evidence = this.evidence === "" ? "" : `: ${this.evidence}`
    return `no sign of life for ${Duration.format(this.after)} (${what})${evidence}; the worker was stopped`
  }
  get hint(): string {
    return "submit it again; if its tools are silent for long, raise --stall-after"
  }
}

/** It is found to hang: how, and for how long it had given no sign of life. */
export const stalledAfter = (found: {
  readonly phase: string
  readonly mode: HangMode
  readonly quiet: Duration.Duration
  readonly evidence: string
}): Stalled => {
  const { evidence, mode, phase, quiet } = found
  return new Stalled({
    after: Duration.clamp(quiet, { minimum: Duration.millis(1), maximum: longest }),
    phase,
    mode,
    evidence
  })
}

/** The worker wrote more in one line than is read of one. */
export class LineTooLong extends Schema.TaggedError<LineTooLong>()("LineTooLong", {
  limit: Bytes
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the worker wrote a line of more than ${roughBytes(this.limit)}; it was stopped`
  }
  get hint(): string {
    return "have it write what is long into files, and answer with their names; or make the task smaller"
  }
}

export class QueueFull extends Schema.TaggedError<QueueFull>()("QueueFull", {
  limit: Schema.Int
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the queue has no room for it: at most ${this.limit} tasks may wait`
  }
  get hint(): string {
    return "wait for some of them to finish, or raise --queue-limit"
  }
}

export const LimitReason = Schema.Union([
  BudgetRefused,
  BudgetExceeded,
  UsageLimited,
  BillingStopped,
  TimedOut,
  Stalled,
  LineTooLong,
  QueueFull
])
