/**
 * A chain from its acceptance to its outcome; or, detached, to its id; or, dry, to its forecast.
 */
import { Effect, type Stdio } from "effect"
import type { ChainRequest } from "../domain/ChainDefinition.ts"
import type { ChainForecast } from "../domain/ChainView.ts"
import type { Failure } from "../domain/Failure.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { attend, noteLeft } from "./Attended.ts"
import { chainGraph } from "./ChainGraph.ts"
import { show } from "./Format.ts"
import { exitAs, showOutcome } from "./Outcome.ts"
import type { Reported } from "./Reported.ts"
import { stdoutWidth } from "./Terminal.ts"

/** As wide as the terminal; a file gets lines that people can read. */
export const showForecast = (forecast: ChainForecast): Effect.Effect<void, never, Machine> =>
  Effect.flatMap(
    stdoutWidth,
    (width) => show({ json: forecast, text: chainGraph(forecast, Number.isFinite(width) ? width : 100) })
  )

export const runChain = (
  request: ChainRequest,
  { detach, dryRun }: { readonly detach: boolean; readonly dryRun: boolean }
): Effect.Effect<void, Failure | Reported, Configuration | Machine | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    if (dryRun) {
      return yield* showForecast(yield* pool.forecast({ request }))
    }
    const start = pool.submitChain(request)
    if (detach) {
      const chain = yield* start
      yield* show({ json: chain, text: chain.id })
      return yield* noteLeft("accepted", chain.id)
    }
    const { outcome } = yield* attend(start)
    yield* showOutcome(outcome, "answer")
    yield* exitAs(outcome)
  })
