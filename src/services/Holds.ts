/**
 * What keeps work from being started. Whoever starts work asks here first; whoever finds out that it makes no sense to
 * start any says so here, once, with the cause.
 */
import { Context, DateTime, Deferred, Duration, Effect, Layer, PubSub, Stream } from "effect"
import type { Reason } from "../domain/Failure.ts"
import type { Hold, HoldCause } from "../domain/Hold.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { cleanLine } from "../domain/UntrustedText.ts"
import { Events } from "./Events.ts"

/** Why nothing is to be started, and until when. */
export interface HoldRequest {
  readonly cause: HoldCause
  readonly detail: string
  readonly hint: string
  /** After this time one task is let through; null: not until it is lifted. */
  readonly probeAfter: Duration.Duration | null
  /** Where nobody is to wait for the end of it: what tasks fail with that would be started. */
  readonly refusal?: Reason
}

/** Leave to start one attempt. */
export interface Pass {
  /** What it is to find out; empty where nothing is held. */
  readonly probes: ReadonlyArray<HoldCause>
}

export class Holds extends Context.Service<Holds, {
  /** Where the cause is held already, its time begins again; who is to find out whether it is over still is. */
  readonly place: (hold: HoldRequest) => Effect.Effect<void>
  /** Nothing happens where it is not held. */
  readonly lift: (cause: HoldCause) => Effect.Effect<void>
  readonly current: Effect.Effect<ReadonlyArray<Hold>>
  /** What has been held for longest; null: nothing is. */
  readonly heldBy: () => HoldCause | null
  /** What is held, and whenever it changes. */
  readonly changes: Stream.Stream<ReadonlyArray<Hold>>
  /**
   * Waits until an attempt may be started: nothing is held, or all that is has come to its time, and nobody is finding
   * out yet. A reason: nobody is to wait, and tasks fail with it.
   */
  readonly opened: Effect.Effect<Reason | null>
  /** Leave to start an attempt now; null where it is held. Each is to be given back, once it has ended or did not begin. */
  readonly admit: Effect.Effect<Pass | null>
  /** What it was to find out is free for another one, where it is still held. To give it back twice is no mistake. */
  readonly giveBack: (pass: Pass) => Effect.Effect<void>
}>()("claude-pool/services/Holds") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const events = yield* Events
      const views = yield* Effect.acquireRelease(
        PubSub.sliding<ReadonlyArray<Hold>>({ capacity: 16, replay: 1 }),
        PubSub.shutdown
      )
      const all = new Map<HoldCause, Held>()
      // Replaced at every change: who looked before it is told, and looks again.
      let changed = Deferred.makeUnsafe<void>()

      const view = () => [...all.values()].map(viewHeld)

      const tell = Effect.suspend(() => {
        const before = changed
        changed = Deferred.makeUnsafe<void>()
        return Effect.andThen(Deferred.succeed(before, undefined), PubSub.publish(views, view()))
      })
      yield* tell

      const place = Effect.fn("Holds.place")(
        function*({ cause, hint, probeAfter, refusal, ...about }: HoldRequest) {
          const detail = cleanLine(about.detail, mostDetail)
          const now = yield* DateTime.now
          const before = all.get(cause)
          const until = probeAfter === null ? null : DateTime.addDuration(now, probeAfter)
          const hold: Hold = { cause, detail, hint, since: before?.hold.since ?? now, until, probing: false }
          all.set(cause, { hold, refusal: refusal ?? null, probe: before?.probe ?? null })
          yield* tell
          if (before !== undefined) return
          // A drain is asked for: who asked for it knows.
          const log = cause === "drain" ? Effect.logInfo : Effect.logWarning
          yield* log(`nothing is started (${cause}): ${detail}; ${hint}`)
          yield* events.publish(PoolEvent.cases.Held.make({ cause, detail }))
        },
        Effect.uninterruptible
      )

      const lift = Effect.fn("Holds.lift")(function*(cause: HoldCause) {
        if (!all.delete(cause)) return
        yield* tell
        yield* Effect.logInfo(`tasks are started again (${cause})`)
        yield* events.publish(PoolEvent.cases.Lifted.make({ cause }))
      }, Effect.uninterruptible)

      /** Milliseconds until somebody may find out; null: that is not known. */
      const dueIn = (now: number): number | null => {
        let longest = 0
        for (const { hold: { until }, probe } of all.values()) {
          if (until === null || probe !== null) return null
          longest = Math.max(longest, DateTime.toEpochMillis(until) - now)
        }
        return longest
      }

      const refusalNow = () => [...all.values()].find(({ refusal }) => refusal !== null)?.refusal ?? null

      const opened = Effect.gen(function*() {
        while (true) {
          const now = DateTime.toEpochMillis(yield* DateTime.now)
          // Looked at and listened to in one step: a change in between is not missed.
          const change = Deferred.await(changed)
          const refusal = refusalNow()
          const due = dueIn(now)
          if (refusal !== null || due === 0) return refusal
          yield* due === null ? change : Effect.raceFirst(change, Effect.sleep(Duration.millis(due)))
        }
      })

      const admit = Effect.gen(function*() {
        const now = DateTime.toEpochMillis(yield* DateTime.now)
        if (refusalNow() !== null || dueIn(now) !== 0) return null
        const pass: Pass = { probes: [...all.keys()] }
        for (const [cause, held] of all) all.set(cause, { ...held, probe: pass })
        if (pass.probes.length > 0) yield* tell
        return pass
      }).pipe(Effect.uninterruptible)

      const giveBack = (pass: Pass) =>
        Effect.suspend(() => {
          const own = pass.probes.flatMap((cause) => {
            const held = all.get(cause)
            return held?.probe === pass ? [held] : []
          })
          for (const held of own) all.set(held.hold.cause, { ...held, probe: null })
          return own.length === 0 ? Effect.void : tell
        }).pipe(Effect.uninterruptible)

      return {
        place,
        lift,
        current: Effect.sync(view),
        heldBy: () => all.keys().next().value ?? null,
        changes: Stream.fromPubSub(views),
        opened,
        admit,
        giveBack
      }
    })
  )
}

/** So much of what happened is told, in characters: it may be a worker's own words. */
const mostDetail = 300

interface Held {
  readonly hold: Hold
  readonly refusal: Reason | null
  /** Who is finding out whether it is over. */
  readonly probe: Pass | null
}

const viewHeld = ({ hold, probe }: Held): Hold => ({ ...hold, probing: probe !== null })
