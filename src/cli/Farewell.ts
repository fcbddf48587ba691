/**
 * The end of a command that runs a pool for others: what still runs has a short grace, and what has become of it is said.
 */
import { Console, Context, Duration, Effect } from "effect"
import type { DrainReport } from "../domain/DrainReport.ts"
import { formatDuration } from "../domain/DurationText.ts"
import { Configuration } from "../services/Configuration.ts"
import { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { counted } from "./Count.ts"
import { drainText } from "./DrainText.ts"

/** Completes when somebody who has asked for the end asks again: what has a grace has none then. */
export const Hurry = Context.Reference<Effect.Effect<void>>("claude-pool/cli/Hurry", {
  defaultValue: () => Effect.never
})

/** Who asks again is not made to wait for the grace. */
const drainNow = Effect.fnUntraced(function*(running: number, grace: Duration.Duration) {
  const pool = yield* Pool
  const hurry = yield* Hurry
  if (running > 0) {
    const within = formatDuration(grace)
    yield* Console.error(`ending: ${counted(running, "task")} may finish within ${within}; once more, and it is now`)
  }
  const sooner = Effect.andThen(hurry, pool.drain({ grace: Duration.zero }))
  return yield* Effect.raceFirst(pool.drain({ grace }), sooner)
})

const tell = (report: DrainReport): Effect.Effect<void> => {
  const text = drainText(report)
  if (text === null) return Effect.void
  const on = report.queued === 0 ? Effect.void : Console.error("hint: `claude-pool wait` goes on with what waits")
  return Effect.andThen(Console.error(`the pool has ended: ${text}`), on)
}

const endWithin = Effect.fnUntraced(function*(grace: Duration.Duration) {
  const pool = yield* Pool
  const now = yield* pool.status
  if (now.pool === "here") yield* tell(yield* drainNow(now.running.length, grace))
}, (ending) => Effect.ignore(ending))

/** Whatever ends the command. A pool that runs elsewhere goes on, and is not asked anything for it. */
export const withFarewell = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.ensuring(
    command,
    Effect.gen(function*() {
      const { settings: { inProcess, shutdownGrace } } = yield* Configuration
      const { isWorker } = yield* Machine
      if (inProcess || isWorker) yield* endWithin(shutdownGrace)
    })
  )

/** The end of the process that has the pool for all: what runs has the time of a drain. */
export const withDrain = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.ensuring(command, Effect.flatMap(Configuration, ({ settings }) => endWithin(settings.drainGrace)))
