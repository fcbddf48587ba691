/**
 * Ends every process that carries a marker: looks, kills, and looks again, until none is left.
 */
import { Effect } from "effect"
import type { Processes } from "../Processes.ts"

/** A killed process is gone within a millisecond or two, and a look at a few hundred processes takes three. */
const pause = "5 millis"

/** Some two seconds: what is not gone by then waits for a disk or the like, and goes with that. */
const mostLooks = 300

/**
 * How many looks in a row have to find none. One where the kernel has ended the tree already; two where a process may be
 * between two programs at the moment of a look, with no environment to be seen.
 */
export type Certainty = 1 | 2

/** True once none is left. Costs as many looks as there have to be where there is none. */
export const sweepMarked = (processes: Processes["Service"], marker: string, certainty: Certainty) => {
  const strike = Effect.flatMap(processes.marked(marker), (found) =>
    Effect.as(
      Effect.forEach(found, (it) => processes.signal(it, marker, "SIGKILL"), { discard: true }),
      found.length === 0
    ))
  const again = (looks: number, empty: number): Effect.Effect<boolean> =>
    Effect.flatMap(strike, (isEmpty) => {
      const inARow = isEmpty ? empty + 1 : 0
      if (inARow >= certainty) return Effect.succeed(true)
      return looks <= 1 ? Effect.succeed(false) : Effect.delay(again(looks - 1, inARow), pause)
    })
  return again(mostLooks, 0)
}
