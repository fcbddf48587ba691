/**
 * The slots: scoped resources, each lent to one task at a time, and each an Effect `Pool` of its own, so that one can be
 * changed, replaced or taken away while the others work. Who they are is in the `Roster`.
 */
import {
  Array,
  Context,
  type Duration,
  Effect,
  Exit,
  Layer,
  Order,
  Ref,
  Result,
  Scope,
  Semaphore,
  Stream
} from "effect"
import { Failure } from "../domain/Failure.ts"
import type { Launch } from "../domain/Launch.ts"
import type { Permissions } from "../domain/Permissions.ts"
import type { ScaleReply, SlotView } from "../domain/PoolView.ts"
import { InvalidRequest, NotFound, ShuttingDown } from "../domain/RequestFailure.ts"
import { freeNumbers, planScaling, type Standing, staying } from "../domain/Scaling.ts"
import { formatSlotId, type SlotId } from "../domain/SlotId.ts"
import {
  changeSettings,
  mostSlots,
  roleOf,
  type Seat,
  seatsOf,
  type SlotChange,
  type SlotProfile,
  type SlotSettings
} from "../domain/SlotProfile.ts"
import { SlotStep } from "../domain/SlotState.ts"
import { ClaudeCli, type SlotHome, type Worker } from "./ClaudeCli.ts"
import { Holds } from "./Holds.ts"
import { Roster } from "./Roster.ts"
import { makeLending } from "./slots/Lending.ts"
import { makeOpening } from "./slots/Opening.ts"
import { makePlaces, type Place, standingOf } from "./slots/Places.ts"
import { makeSlotCheck } from "./slots/SlotCheck.ts"
import { roomForSpares } from "./slots/SpareRoom.ts"
import { viewPlace, watchPlace } from "./slots/Viewing.ts"

/** A slot while it is lent. */
export interface Slot {
  readonly id: SlotId
  /** Who it was when it was lent. */
  readonly settings: SlotSettings
  /** Null: it has none. */
  readonly role: string | null
  /** A process for a launch: the spare where it fits, else a new one. It ends with the scope. */
  readonly worker: (launch: Launch) => Effect.Effect<Worker, Failure, Scope.Scope>
  /** When it is given back, it is closed, and opened again only after so long: what is sick is never mended in place. */
  readonly rest: (duration: Duration.Duration, why: string) => Effect.Effect<void>
}

/** A slot that is open, as whoever watches over it has to know it. */
export interface WatchedSlot {
  readonly id: SlotId
  readonly home: SlotHome
  /** Ends its spare, where it has one, and starts another. */
  readonly renew: Effect.Effect<void>
  readonly isLent: boolean
  /** The worker that is at work in it. */
  readonly worker: Worker | null
  /** The worker of its spare, once that is started. */
  readonly spare: Worker | null
}

/** How many slots there are, and who they are. */
export interface SlotsOptions {
  /** Who the slots are, by their numbers: those beyond the profiles have no role. */
  readonly profiles: ReadonlyArray<SlotProfile>
  /** How many there may be. */
  readonly min: number
  readonly max: number
  /** The most that a slot may give to its tasks. */
  readonly maxPermissions: Permissions
  /** What idle slots start a process for; null: they start none. */
  readonly spare: Launch | null
  /** How many processes may be starting at once: each takes a whole core while it does. */
  readonly startConcurrency: number
}

/** All slots in one look. */
export interface Occupancy {
  readonly slots: ReadonlyArray<Standing>
  readonly target: number
  readonly min: number
  readonly max: number
  /** The roles of the slots that would be opened next, in that order. */
  readonly next: ReadonlyArray<string | null>
}

export class Slots extends Context.Service<Slots, {
  /** Every role that slots have, once, and whenever that changes; null: there are slots without one. */
  readonly roles: Stream.Stream<ReadonlyArray<string | null>>
  /** Waits for a free slot of that role. It is given back when the scope closes. */
  readonly borrow: (role: string | null) => Effect.Effect<Slot, Failure, Scope.Scope>
  readonly view: Effect.Effect<ReadonlyArray<SlotView>>
  /** How many there are meant to be. */
  readonly target: Effect.Effect<number>
  readonly occupancy: Effect.Effect<Occupancy>
  /** Opens or closes slots: idle ones go first, busy ones as soon as their tasks have ended. */
  readonly scale: (target: number) => Effect.Effect<ScaleReply, Failure>
  /** As many more, or less where it is below zero, than there are meant to be in that moment. */
  readonly scaleBy: (change: number) => Effect.Effect<ScaleReply, Failure>
  /** Changes who a slot is, from its next task on. */
  readonly configure: (slot: SlotId, change: SlotChange) => Effect.Effect<SlotSettings, Failure>
  readonly watched: Effect.Effect<ReadonlyArray<WatchedSlot>>
  /** Starts no more spares, and opens no more slots: the pool is about to end. */
  readonly windDown: Effect.Effect<void>
}>()("claude-pool/services/Slots") {
  /** As many slots as the roster has seats. */
  static readonly layer = (options: SlotsOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const claude = yield* ClaudeCli
        const roster = yield* Roster
        const holds = yield* Holds
        const check = yield* makeSlotCheck(options.maxPermissions)
        const gate = yield* Semaphore.make(options.startConcurrency)
        const isWanted = yield* Ref.make(true)
        const places = makePlaces()
        const lot = yield* Effect.acquireRelease(Scope.make("parallel"), (lot) => Scope.close(lot, Exit.void))
        const opening = makeOpening({
          places,
          lot,
          home: claude.home,
          start: (launch: Launch, home: SlotHome) => gate.withPermit(claude.start(launch, home)),
          spare: options.spare,
          isWanted: Ref.get(isWanted),
          room: roomForSpares(holds)
        })

        /** Who a slot is, by its number: also one that comes back. */
        const known = new Map<SlotId, SlotSettings>(
          seatsOf(options.profiles, mostSlots).map(({ id, settings }) => [id, settings])
        )
        const settingsOf = (id: SlotId): SlotSettings => known.get(id) ?? {}
        const standings = (): ReadonlyArray<Standing> => places.inOrder().map(standingOf)
        const keepRoster = roster.update(() => places.here().map(({ id, settings }) => ({ id, settings })))

        /** One step: what is asked for twice at once is done twice. */
        const plan = (wanted: (now: number) => number): Result.Result<Scaled, Failure> => {
          const before = places.here().length
          const target = wanted(before)
          if (!isWithinBounds(target, options)) return Result.fail(outOfBounds(target, options))
          const planned = planScaling(standings(), target)
          if (Result.isFailure(planned)) return Result.fail(rolesNeed(target, planned.failure.least))
          const { drain, open, takeBack } = planned.success
          const { Drain, TakeBack } = SlotStep.cases
          for (const place of places.inOrder()) {
            if (place.state._tag === "Draining" && takeBack.includes(place.id)) places.change(place, TakeBack.make({}))
          }
          const closing = places.here()
            .filter(({ id }) => drain.includes(id))
            .filter((place) => places.change(place, Drain.make({}))._tag === "Closing")
          return Result.succeed({
            before,
            target,
            opened: open.map((id) => opening.enter(id, settingsOf(id))),
            closing
          })
        }

        const scale = Effect.fn("Slots.scale")(function*(wanted: (now: number) => number) {
          if (!(yield* Ref.get(isWanted))) return yield* new Failure({ reason: new ShuttingDown() })
          const { before, closing, opened, target } = yield* Effect.suspend(() => Effect.fromResult(plan(wanted)))
          yield* Effect.forEach(opened, opening.open, { discard: true })
          yield* Effect.forEach(closing, opening.close, { discard: true })
          yield* keepRoster
          const draining = places.inOrder().filter(({ state }) => state._tag === "Draining")
          return { before, target, draining: draining.map(({ id }) => formatSlotId(id)) }
        }, Effect.uninterruptible)

        const find = (id: SlotId): Effect.Effect<Place, Failure> =>
          Effect.suspend(() => {
            const place = places.find(id)
            return place === undefined
              ? new Failure({ reason: new NotFound({ id: formatSlotId(id) }) })
              : Effect.succeed(place)
          })

        const become = Effect.fnUntraced(function*(place: Place, change: SlotChange) {
          const before = place.settings
          const after = changeSettings(before, change)
          place.settings = after
          known.set(place.id, after)
          places.wake(roleOf({ settings: before }))
          places.wake(roleOf({ settings: after }))
          yield* keepRoster
          if (place.slot !== null && touchesSpare(change)) {
            yield* place.slot.configure(after)
            if (place.state._tag === "Idle") yield* place.slot.restock
          }
          return after
        }, Effect.uninterruptible)

        const configure = Effect.fn("Slots.configure")(function*(id: SlotId, asked: SlotChange) {
          yield* find(id)
          const change = yield* check(asked)
          return yield* become(yield* find(id), change)
        })

        const seats = yield* roster.seats
        // What a profile says has to hold, as what is said later.
        yield* Effect.forEach(seats, ({ settings }) => check(settings), { discard: true })
        for (const { id, settings } of seats) known.set(id, settings)
        // An Effect pool waits for what is lent: whatever is left when all ends is ended at once, and together.
        yield* Effect.addFinalizer(() => Effect.andThen(Effect.sync(places.end), opening.closeAll))
        const inTurn = Array.sort(seats, withoutRoleFirst)
        yield* Effect.forEach(inTurn, ({ id, settings }) => opening.open(opening.enter(id, settings)), {
          discard: true
        })

        return {
          roles: Stream.map(roster.changes, (now) => [...new Set(now.map(roleOf))]),
          borrow: makeLending({ places, lot, close: opening.close }),
          windDown: Ref.set(isWanted, false),
          target: Effect.sync(() => places.here().length),
          occupancy: Effect.sync(() => occupancyOf(standings(), options, settingsOf)),
          scale: (target) => scale(() => target),
          scaleBy: (change) => scale((now) => now + change),
          configure,
          watched: Effect.suspend(() => Effect.map(Effect.forEach(places.inOrder(), watchPlace), (all) => all.flat())),
          view: Effect.suspend(() => Effect.forEach(places.shown(), viewPlace))
        }
      })
    )
}

/** What a change of the number of slots came to. */
interface Scaled {
  readonly before: number
  readonly target: number
  readonly opened: ReadonlyArray<Place>
  readonly closing: ReadonlyArray<Place>
}

/** Those who may do any task are there before those whose role may be asked for. */
const withoutRoleFirst = Order.mapInput(Order.Boolean, (seat: Seat) => roleOf(seat) !== null)

const occupancyOf = (
  slots: ReadonlyArray<Standing>,
  { max, min }: SlotsOptions,
  settingsOf: (id: SlotId) => SlotSettings
): Occupancy => {
  const target = staying(slots).length
  const next = freeNumbers(slots, Math.max(0, max - target)).map((id) => roleOf({ settings: settingsOf(id) }))
  return { slots, target, min, max, next }
}

const touchesSpare = ({ cwd, model, permissions }: SlotChange): boolean =>
  cwd !== undefined || model !== undefined || permissions !== undefined

const invalid = (issue: string, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues: [`slots: ${issue}`], hint }) })

const isWithinBounds = (target: number, { max, min }: SlotsOptions): boolean =>
  Number.isInteger(target) && target >= min && target <= max

const outOfBounds = (target: number, { max, min }: SlotsOptions): Failure =>
  invalid(
    `${target} is not a whole number from ${min} to ${max}`,
    `the pool has ${min} to ${max} slots, by the settings min_slots and max_slots`
  )

const rolesNeed = (target: number, least: number): Failure =>
  invalid(
    `${target} is too few: each role keeps a slot`,
    `have at least ${least}, or take a role away from a slot first`
  )
