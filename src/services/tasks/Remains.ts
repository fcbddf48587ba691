/**
 * What is left of a worker that did not live to tell: its transcript, and what that came to in money.
 */
import { type DateTime, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { priceOf } from "../../domain/Pricing.ts"
import type { SessionId } from "../../domain/SessionId.ts"
import { Spend } from "../../domain/Spend.ts"
import type { Task } from "../../domain/Task.ts"
import type { Transcript } from "../../domain/Transcript.ts"
import { Transcripts } from "../claude/Transcripts.ts"
import type { Answer } from "../ClaudeCli.ts"
import { Store } from "../Store.ts"

export interface Remains {
  readonly transcript: Transcript
  /** Exact where all of its work was answered, and the prices are known. */
  readonly spend: Spend
}

export const makeRemains = Effect.gen(function*() {
  const store = yield* Store
  const transcripts = yield* Transcripts

  /** Null where there is no transcript. `from`: only what was written since is its own. */
  return Effect.fnUntraced(
    function*(session: SessionId, from: DateTime.Utc | undefined): Effect.fn.Return<Remains | null, Failure> {
      const transcript = yield* transcripts.read(session, from)
      if (transcript === null) return null
      const { answer, isWhole, turns, usage } = transcript
      const priced = priceOf(usage, usage.length === 0 ? [] : yield* store.costs)
      const sum = (count: (one: (typeof usage)[number]) => number) => usage.reduce((all, one) => all + count(one), 0)
      const spend = new Spend({
        cost: priced.cost,
        inputTokens: sum((one) => one.inputTokens),
        outputTokens: sum((one) => one.outputTokens),
        cacheReadTokens: sum((one) => one.cacheReadTokens),
        cacheWriteTokens: sum((one) => one.cacheWriteTokens + one.cacheWriteHourTokens),
        turns,
        exact: answer !== null && isWhole && priced.isSure
      })
      return { transcript, spend }
    }
  )
})

/** The answer that the task asked for, if it is there: words are none where a value was asked for. */
export const answerIn = ({ answer }: Transcript, { options }: Task): Answer | null =>
  answer === null || (options.schema !== undefined && answer.structured === undefined)
    ? null
    : { ...answer, denials: [] }
