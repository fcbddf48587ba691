/**
 * Who is in a directory that is to be put away, and stays there. Whoever only reads (a search, an indexer, an editor that
 * looks for changes) has one of its directories open for a moment, and is no reason to keep all of it.
 */
import { Effect } from "effect"
import type { Processes } from "../Processes.ts"

const pause = "50 millis"

/** Half a second in all. */
const mostLooks = 10

/** What keeps it from being put away, in words; null: a look has found nobody. */
export const occupantsOf = (processes: Processes["Service"], directory: string): Effect.Effect<string | null> => {
  const look = (left: number): Effect.Effect<ReadonlyArray<number>> =>
    Effect.flatMap(
      processes.inside(directory),
      (inside) => inside.length === 0 || left <= 1 ? Effect.succeed(inside) : Effect.delay(look(left - 1), pause)
    )
  return Effect.map(
    look(mostLooks),
    (inside) => inside.length === 0 ? null : `process ${inside.slice(0, 3).join(", ")} is in ${directory}`
  )
}
