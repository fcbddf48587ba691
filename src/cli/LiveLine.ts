/**
 * One line on the terminal, rewritten in place while something goes on, and gone afterwards. Nobody sees it in a pipe,
 * so there it is not written.
 */
import { Clock, Duration, Effect, Ref, Schedule, Stdio, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { hear, type Heard, hearHolds, nothingHeard } from "./ProgressLine.ts"
import { fit } from "./Table.ts"

const eraseRest = "\u001b[K"

/** `self`, with what is heard of the pool meanwhile on the line. */
export const withLiveLine = <A, E, R>(
  self: Effect.Effect<A, E, R>,
  line: (heard: Heard, elapsed: Duration.Duration) => string
): Effect.Effect<A, E, R | Machine | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const { columns, stderrIsTerminal } = yield* Machine
    if (!stderrIsTerminal) return yield* self

    const pool = yield* Pool
    const stdio = yield* Stdio.Stdio
    const heard = yield* Ref.make(nothingHeard)
    const start = yield* Clock.currentTimeMillis
    const write = (text: string) => Effect.ignore(Stream.run(Stream.make(text), stdio.stderr()))

    const listen: Effect.Effect<void, Failure> = Stream.runForEach(
      pool.events,
      (event) => Ref.update(heard, (before) => hear(before, event))
    )
    const lookOnce = Effect.flatMap(
      pool.status,
      ({ holds = [] }) => Ref.update(heard, (before) => hearHolds(before, holds.map(({ cause }) => cause)))
    )
    const draw = Effect.gen(function*() {
      const elapsed = Duration.millis((yield* Clock.currentTimeMillis) - start)
      // One column stays free: a full line makes some terminals wrap.
      yield* write(`\r${fit(line(yield* Ref.get(heard), elapsed), columns - 1)}${eraseRest}`)
    })

    yield* Effect.addFinalizer(() => write(`\r${eraseRest}`))
    // A line that cannot be kept up to date is no reason to disturb the work.
    yield* Effect.forkScoped(Effect.ignore(listen), { startImmediately: true })
    yield* Effect.forkScoped(Effect.ignore(lookOnce), { startImmediately: true })
    yield* Effect.forkScoped(Effect.repeat(draw, Schedule.spaced("200 millis")), { startImmediately: true })
    return yield* self
  }).pipe(Effect.scoped)
