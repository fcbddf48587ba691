/**
 * The numbers of a pool, as callers see them.
 */
import { DateTime, Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { addUp, type MetricsOptions, type MetricsReply } from "../../domain/Metrics.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Store } from "../Store.ts"

const readTime = (since: string): Effect.Effect<number, Failure> =>
  Option.match(DateTime.make(since), {
    onNone: () =>
      new Failure({
        reason: new InvalidRequest({
          issues: [`since: ${JSON.stringify(since.slice(0, 100))} is not a time`],
          hint: "write it as 2026-11-01 or 2026-11-01T12:00:00Z"
        })
      }),
    onSome: (time) => Effect.succeed(DateTime.toEpochMillis(time))
  })

export const makeMetricsReading = Effect.gen(function*() {
  const store = yield* Store
  return {
    metrics: Effect.fn("Pool.metrics")(
      function*({ by, since }: MetricsOptions): Effect.fn.Return<MetricsReply, Failure> {
        const sums = addUp(by)
        const from = since === undefined ? Number.MIN_SAFE_INTEGER : yield* readTime(since)
        yield* store.metrics.each({ since: from, tags: by === "tag" }, sums.add)
        return sums.reply()
      }
    )
  }
})
