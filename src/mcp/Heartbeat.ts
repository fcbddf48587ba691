/**
 * Signs of life during a wait: a line when something changes, and the last line again when nothing has for a while.
 */
import { Duration, Effect, Queue, Stream } from "effect"
import { formatUsd } from "../domain/MicroUsd.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import { cleanLine } from "../domain/UntrustedText.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import type { Call } from "./Call.ts"
import { eventLine } from "./EventLine.ts"

const shortestGap = Duration.seconds(1)
const longestGap = Duration.seconds(15)

/** As in a client's log, and how far a worker is besides. */
const describe = (event: PoolEvent): string => {
  if (event._tag === "Progressed") {
    const { cost, phase, tool, turns } = event.progress
    return `${event.id} ${tool === null ? phase : cleanLine(tool, 60)}, ${turns} turns, ${formatUsd(cost)}`
  }
  return eventLine(event)?.text ?? ("id" in event ? event.id : event._tag)
}

/** Sends `first` and then never ends. */
const beat = (
  events: Stream.Stream<PoolEvent, unknown>,
  first: string,
  send: (message: string) => Effect.Effect<void>
): Effect.Effect<never> =>
  Effect.gen(function*() {
    // Holds the newest line only: what came while a line was on its way is out of date.
    const lines = yield* Queue.sliding<string>(1)
    yield* events.pipe(
      Stream.runForEach((event) => Queue.offer(lines, describe(event))),
      Effect.ignore,
      Effect.forkScoped({ startImmediately: true })
    )
    const next = (line: string) =>
      Queue.take(lines).pipe(
        Effect.timeoutOrElse({
          duration: Duration.subtract(longestGap, shortestGap),
          orElse: () => Effect.succeed(line)
        })
      )
    const loop = (line: string): Effect.Effect<never> =>
      send(line).pipe(Effect.andThen(Effect.sleep(shortestGap)), Effect.andThen(next(line)), Effect.flatMap(loop))
    return yield* loop(first)
  }).pipe(Effect.scoped)

/** Whether it tells of one of these, or of the pool as a whole. */
const isAbout = (ids: ReadonlyArray<WorkId>) => (event: PoolEvent): boolean => {
  const subjects = event._tag === "Overlapped" ? [event.first, event.second] : "id" in event ? [event.id] : null
  return subjects === null || ids.some((id) => subjects.some((subject) => subject === id))
}

/** `wait`, with signs of life for as long as it lasts, where the client asked for them. Without ids, of all tasks. */
export const withHeartbeat =
  (call: Call, ids: ReadonlyArray<WorkId>, first: string) =>
  <A, E, R>(wait: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Pool> => {
    const { progress } = call
    if (progress === undefined) return wait
    return Effect.flatMap(Pool, (pool) => {
      const events = ids.length === 0
        ? pool.events
        : Stream.filter(pool.events, isAbout(ids))
      return Effect.raceFirst(wait, beat(events, first, progress))
    })
  }
