/**
 * A table on the terminal, rewritten in place while work goes on, and gone afterwards. Nobody sees it in a pipe, so there
 * it is not written.
 */
import { Clock, Effect, Ref, Schedule, Stdio, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { fit } from "./Table.ts"

/** How many columns and lines there are for it. */
export interface Size {
  readonly columns: number
  readonly lines: number
}

/** Looks at the work, a bounded part of it, and says what to show. */
export type LiveView = (size: Size) => Effect.Effect<ReadonlyArray<string>, Failure, Pool>

const eraseRest = "\u001b[K"
const eraseBelow = "\u001b[J"

/** Back to where the first of so many lines begins. */
const back = (lines: number): string => `\r${lines > 1 ? `\u001b[${lines - 1}A` : ""}`

const drawEvery = Schedule.spaced("200 millis")

/** Where nothing is heard, times still go by. */
const lookAtLeastEvery = 1000

/** `self`, with what `view` says of the work meanwhile. */
export const withLiveTable = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  view: LiveView
): Effect.Effect<A, E, R | Machine | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const { columns, rows, stderrIsTerminal } = yield* Machine
    if (!stderrIsTerminal) return yield* self

    const pool = yield* Pool
    const stdio = yield* Stdio.Stdio
    const drawn = yield* Ref.make(0)
    const heard = yield* Ref.make(true)
    const lookedAt = yield* Ref.make(0)
    const write = (text: string) => Effect.ignore(Stream.run(Stream.make(text), stdio.stderr()))
    // One column and one line stay free: a full one makes some terminals wrap or scroll.
    const size = { columns: columns - 1, lines: Math.max(1, rows - 1) }

    const draw = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const news = yield* Ref.getAndSet(heard, false)
      if (!news && now - (yield* Ref.get(lookedAt)) < lookAtLeastEvery) return
      yield* Ref.set(lookedAt, now)
      const lines = (yield* view(size)).slice(0, size.lines).map((line) => fit(line, size.columns) + eraseRest)
      yield* write(`${back(yield* Ref.getAndSet(drawn, lines.length))}${lines.join("\n")}${eraseBelow}`)
    })

    yield* Effect.addFinalizer(() => Effect.flatMap(Ref.get(drawn), (lines) => write(`${back(lines)}${eraseBelow}`)))
    // A table that cannot be kept up to date is no reason to disturb the work.
    const listen = Stream.runForEach(pool.events, () => Ref.set(heard, true))
    yield* Effect.forkScoped(Effect.ignore(listen), { startImmediately: true })
    yield* Effect.forkScoped(Effect.repeat(Effect.ignore(draw), drawEvery), { startImmediately: true })
    return yield* self
  }).pipe(Effect.scoped)
