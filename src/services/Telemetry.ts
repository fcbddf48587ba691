/**
 * Traces of what the pool does, for a collector: each task, attempt, step, group and chain once, when it has ended. What has
 * ended is read from the store, so nothing is kept in memory, nothing is lost while the collector is away, and nobody who
 * works waits for it.
 */
import { Cause, Clock, Context, Deferred, Duration, Effect, Fiber, Layer, Option, Queue, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Task } from "../domain/Task.ts"
import { placeOfAttempt, placeOfTask, traceparentOf } from "../domain/Trace.ts"
import { Events } from "./Events.ts"
import { Store } from "./Store.ts"
import type { Exporter, Unsent } from "./telemetry/Exporter.ts"
import { makeTraceReading, type TracePage } from "./telemetry/Reading.ts"

export interface TelemetryOptions {
  readonly exporter: Exporter
  /** Whether workers trace what they do themselves. */
  readonly workersTrace: boolean
}

/** What ends within so short a time is sent together. */
const together = Duration.seconds(1)
/** So long is waited after spans did not arrive. */
const pause = Duration.seconds(30)
/** What ended longer ago is not sent any more: telemetry may have been off since. */
const patience = Duration.days(1)
/** How long the end of the pool waits for the last spans. What is not sent then, the next pool sends. */
const lastWords = Duration.millis(1500)

export class Telemetry extends Context.Service<Telemetry, {
  /** The variables that make what a worker traces itself a part of its attempt; null: it traces nothing. */
  readonly joining: (task: Task) => Effect.Effect<Readonly<Record<string, string>> | null, Failure>
}>()("claude-pool/services/Telemetry") {
  static readonly layer = ({ exporter, workersTrace }: TelemetryOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const read = yield* makeTraceReading
        const stopping = yield* Deferred.make<void>()
        const wake = yield* Queue.sliding<void>(1)
        /** What did not arrive: it is sent again as it is. */
        let pending: TracePage | null = null
        let warned = false

        const kept = yield* store.traces.mark
        const newest = yield* store.traces.newest
        // What was there before is nobody's concern who traces from now on.
        if (Option.isNone(kept)) yield* store.traces.keep(newest)
        let mark = Option.getOrElse(kept, () => newest)

        const warn = (detail: string) =>
          Effect.suspend(() => {
            if (warned) return Effect.void
            warned = true
            return Effect.logWarning(`traces could not be sent, and are sent later: ${detail}`)
          })

        const nextPage = Effect.gen(function*() {
          if (pending !== null) return pending
          const page = yield* read(mark, (yield* Clock.currentTimeMillis) - Duration.toMillis(patience))
          yield* exporter.count(page.spans)
          pending = page
          return page
        })

        const sendPage = Effect.gen(function*() {
          const page = yield* nextPage
          const { event, line } = page.mark
          if (event !== mark.event || line !== mark.line) {
            const refused = (error: Unsent) => error.mayPass ? error : warn(error.detail)
            if (page.spans.length > 0) yield* Effect.catchTag(exporter.spans(page.spans), "Unsent", refused)
            yield* store.traces.keep(page.mark)
          }
          mark = page.mark
          pending = null
          return page.isLast
        })

        /** True where all has been sent. */
        const sendAll = Effect.repeat(sendPage, { until: (isLast) => isLast }).pipe(
          Effect.andThen(Effect.flatMap(store.counts, exporter.measure)),
          Effect.as(true),
          Effect.catchCause((cause) => {
            if (Cause.hasInterrupts(cause)) return Effect.failCause(cause)
            const error = Cause.squash(cause)
            return Effect.as(warn(error instanceof Error ? error.message : String(error)), false)
          })
        )

        const isStopping = () => Deferred.isDoneUnsafe(stopping)
        const stopped = Deferred.await(stopping)
        const follow = Effect.gen(function*() {
          while (true) {
            const last = isStopping()
            const sent = yield* sendAll
            if (last) return
            if (!sent) {
              yield* Effect.race(Effect.sleep(pause), stopped)
              continue
            }
            yield* Effect.race(Queue.take(wake), stopped)
            yield* Effect.race(Effect.sleep(together), stopped)
          }
        })

        yield* events.stream.pipe(
          Stream.runForEach(() => Queue.offer(wake, undefined)),
          Effect.forkScoped({ startImmediately: true })
        )
        const following = yield* Effect.forkScoped(follow)
        // What is under way is let finish: sent twice, it would be told twice.
        yield* Effect.addFinalizer(() =>
          Deferred.succeed(stopping, undefined).pipe(
            Effect.andThen(Fiber.await(following)),
            Effect.interruptible,
            Effect.timeoutOption(lastWords)
          )
        )

        return {
          joining: Effect.fnUntraced(function*(task: Task) {
            if (!workersTrace) return null
            const { parent } = task
            const group = parent === null || parent._tag === "Step"
              ? null
              : Option.getOrNull(yield* store.groups.find(parent.id))
            return { TRACEPARENT: traceparentOf(placeOfAttempt(placeOfTask(task, group), task.id, task.attempts)) }
          })
        }
      })
    )
}
