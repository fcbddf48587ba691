/**
 * Watches over the pool, and schedules nothing: it finds workers that hang or use too much memory, holds work back while
 * the machine has no memory for it, sizes the pool where that is wanted, and prunes what is old.
 */
import { Cause, Context, DateTime, Duration, Effect, Layer, Queue, Ref, Stream } from "effect"
import type { Suspicion } from "../domain/Health.ts"
import { HealthBounds } from "../domain/HealthBounds.ts"
import type { SlotView } from "../domain/PoolView.ts"
import { formatSlotId, type SlotId } from "../domain/SlotId.ts"
import { ClaudeCli } from "./ClaudeCli.ts"
import { Events } from "./Events.ts"
import { Holds } from "./Holds.ts"
import { Processes, type ProcessUsage } from "./Processes.ts"
import { Slots, type WatchedSlot } from "./Slots.ts"
import { makeFreeMemory } from "./supervisor/FreeMemory.ts"
import { Pace } from "./supervisor/Pace.ts"
import { makePeriodicSteps, type PeriodicStep } from "./supervisor/PeriodicSteps.ts"
import { makeSlotWatch, type SlotRecord } from "./supervisor/SlotWatch.ts"

/** What it has seen of a slot when it last looked. */
export interface SlotHealth {
  readonly slot: SlotId
  readonly rssBytes: number | null
  readonly suspicion: Suspicion | null
}

/** The bounds that workers are watched by. */
export interface SupervisorOptions {
  /** How long a worker may give no sign of life that nothing else explains. */
  readonly stallAfter: Duration.Duration
  /** Memory that a slot's processes may use together, in bytes; null: as much as they like. */
  readonly slotMemory: number | null
  /** Free memory of the machine below which no task is started. */
  readonly minFreeMemory: number
  /** What else is done again and again. */
  readonly steps: ReadonlyArray<PeriodicStep>
}

export class Supervisor extends Context.Service<Supervisor, {
  /** One look at everything: what it does by itself, again and again. */
  readonly look: Effect.Effect<void>
  readonly health: Effect.Effect<ReadonlyArray<SlotHealth>>
  /** Of the machine, when it was last looked at. */
  readonly freeMemory: Effect.Effect<number | null>
}>()("claude-pool/services/Supervisor") {
  static readonly layer = (options: SupervisorOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const slots = yield* Slots
        const processes = yield* Processes
        const events = yield* Events
        const pace = yield* Pace
        const rules = { bounds: yield* HealthBounds, stallAfter: options.stallAfter }
        const claude = yield* ClaudeCli
        const watch = makeSlotWatch({ rules, memory: options.slotMemory, claude, processes })
        const memory = yield* makeFreeMemory(options.minFreeMemory, processes, yield* Holds)
        const periodic = yield* makePeriodicSteps(options.steps)
        const records = yield* Ref.make<ReadonlyMap<SlotId, SlotRecord>>(new Map())
        const lookedAt = yield* Ref.make<number | null>(null)
        // Looks are late on a busy machine, too: twice the pause says nothing yet.
        const heldUp = (from: number | null, now: number): number =>
          from === null ? 0 : Math.max(0, now - from - 2 * Duration.toMillis(pace.busy))

        const lookAtSlots = Effect.gen(function*() {
          const watched = yield* slots.watched
          const views = yield* slots.view
          const usages = yield* processes.usage(watched.map(({ home }) => home.marker))
          const before = yield* Ref.get(records)
          const now = yield* DateTime.now
          const at = DateTime.toEpochMillis(now)
          const heldUpMs = heldUp(yield* Ref.getAndSet(lookedAt, at), at)
          const seen = yield* Effect.forEach(watched, (slot, index) => {
            const known = before.get(slot.id) ?? null
            const look = { slot: withState(slot, views), now, usage: usageOf(usages[index]), before: known, heldUpMs }
            return watch({ ...look, isStarting: isStarting(slot, views) }).pipe(
              isolated(`slot ${slot.id}`, known),
              Effect.map((record) => [slot.id, record] as const)
            )
          })
          yield* Ref.set(records, new Map(seen.flatMap(([id, record]) => record === null ? [] : [[id, record]])))
        })

        const look = Effect.gen(function*() {
          yield* isolated("the slots", undefined)(lookAtSlots)
          yield* isolated("the memory of the machine", undefined)(memory.look)
          yield* periodic
        }).pipe(Effect.withSpan("Supervisor.look"))

        const isBusy = Effect.gen(function*() {
          if (yield* memory.isHeld) return true
          return [...(yield* Ref.get(records)).values()].some(({ isLively }) => isLively)
        })

        // A task that starts ends the long pause: from then on there is something to see.
        const started = yield* Queue.sliding<void>(1)
        yield* events.stream.pipe(
          Stream.filter(({ _tag }) => _tag === "Started"),
          Stream.runForEach(() => Queue.offer(started, undefined)),
          Effect.forkScoped
        )
        const pause = Effect.flatMap(isBusy, (busy) =>
          busy
            ? Effect.sleep(pace.busy)
            : Effect.raceFirst(Effect.sleep(pace.idle), Queue.take(started)))
        // Slots have just been opened: their first processes are starting.
        const loop = Effect.andThen(Effect.sleep(pace.busy), Effect.forever(Effect.andThen(look, pause)))
        yield* Effect.forkScoped(loop)

        return {
          look,
          health: Effect.map(Ref.get(records), (all) =>
            [...all].map(([slot, { suspicion, usage }]) => ({ slot, suspicion, rssBytes: usage?.rssBytes ?? null }))),
          freeMemory: memory.free
        }
      })
    )
}

const stateOf = ({ id }: WatchedSlot, views: ReadonlyArray<SlotView>): SlotView["state"] | undefined =>
  views.find(({ slot }) => slot === formatSlotId(id))?.state

const isStarting = (slot: WatchedSlot, views: ReadonlyArray<SlotView>): boolean => stateOf(slot, views) === "starting"

const withState = (slot: WatchedSlot, views: ReadonlyArray<SlotView>): WatchedSlot => ({
  ...slot,
  isLent: slot.isLent || stateOf(slot, views) === "busy"
})

/** No processes at all: there are some, and they cannot be seen here. */
const usageOf = (usage: ProcessUsage | undefined): ProcessUsage | null =>
  usage === undefined || usage.processes === 0 ? null : usage

/** What goes wrong with one of them is written down, and does not keep the others from being looked at. */
const isolated = <B>(what: string, otherwise: B) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catchCauseIf(
    effect,
    (cause) => !Cause.hasInterruptsOnly(cause),
    (cause) => Effect.as(Effect.logWarning(`${what} could not be looked at`, cause), otherwise)
  )
