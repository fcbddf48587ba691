/**
 * The radar: tells of branches that are worked on at the same time and change the same lines, before they are merged. It
 * only looks, and what goes wrong with a look is no concern of the work.
 */
import { Cause, Context, type Duration, Effect, type FileSystem, Layer, type Path, Ref, Semaphore } from "effect"
import type { Overlap } from "../domain/Overlap.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { Events } from "./Events.ts"
import type { Git } from "./Git.ts"
import { type Footprint, overlapKey, overlapsOf } from "./radar/Footprint.ts"
import { makeScan } from "./radar/Scan.ts"
import { Store } from "./Store.ts"
import { tellOnRecord } from "./store/Telling.ts"
import type { Workspaces } from "./Workspaces.ts"

export interface RadarOptions {
  /** How long it rests between two sweeps. */
  readonly every: Duration.Input
}

export class Radar extends Context.Service<Radar, {
  /** One look at all that is at work now. It is taken by itself every so often. */
  readonly sweep: Effect.Effect<void>
  /** What overlapped when it was last looked at. */
  readonly overlaps: Effect.Effect<ReadonlyArray<Overlap>>
}>()("claude-pool/services/Radar") {
  static readonly layer = (
    { every }: RadarOptions = { every: "10 seconds" }
  ): Layer.Layer<Radar, never, Git | Workspaces | Store | Events | FileSystem.FileSystem | Path.Path> =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const scan = yield* makeScan
        const footprints = yield* Ref.make<ReadonlyArray<Footprint>>([])
        const overlaps = yield* Ref.make<ReadonlyArray<Overlap>>([])
        const turn = yield* Semaphore.make(1)

        const tell = (overlap: Overlap) => tellOnRecord(store, events, PoolEvent.cases.Overlapped.make(overlap))

        const look = Effect.gen(function*() {
          const seen = yield* scan
          const last = yield* Ref.getAndSet(footprints, seen)
          if (seen.length === last.length && seen.every((one, at) => one === last[at])) return
          const now = overlapsOf(seen)
          const before = new Set((yield* Ref.getAndSet(overlaps, now)).map(overlapKey))
          yield* Effect.forEach(now.filter((one) => !before.has(overlapKey(one))), tell, { discard: true })
        })

        const sweep = look.pipe(
          Effect.catchCauseIf(
            (cause) => !Cause.hasInterruptsOnly(cause),
            (cause) => Effect.logDebug("a sweep of the radar failed", cause)
          ),
          turn.withPermit,
          Effect.withSpan("Radar.sweep")
        )

        yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(every), sweep)))
        return { sweep, overlaps: Ref.get(overlaps) }
      })
    )
}
