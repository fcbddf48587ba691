/**
 * Opening a slot, and closing it for good. Each is an Effect pool of one: the pool opens the slot at once, opens it anew
 * when it is invalidated or could not be opened, and closes it only once it has been given back.
 */
import { Cause, Clock, DateTime, Deferred, Effect, Exit, Pool, Scope, Semaphore } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Launch } from "../../domain/Launch.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import { roleOf, type SlotSettings } from "../../domain/SlotProfile.ts"
import { SlotState, SlotStep } from "../../domain/SlotState.ts"
import type { SlotHome, Worker } from "../ClaudeCli.ts"
import { openSlot } from "./OpenSlot.ts"
import type { Place, Places } from "./Places.ts"

export interface OpeningOptions {
  readonly places: Places
  /** All slots end with it. */
  readonly lot: Scope.Scope
  readonly home: (id: SlotId) => Effect.Effect<SlotHome, Failure, Scope.Scope>
  readonly start: (launch: Launch, home: SlotHome) => Effect.Effect<Worker, Failure, Scope.Scope>
  readonly spare: Launch | null
  readonly isWanted: Effect.Effect<boolean>
  /** Waits until there is room for a spare. */
  readonly room: Effect.Effect<void>
}

export const makeOpening = ({ home, isWanted, lot, places, room, spare, start }: OpeningOptions) => {
  const { Close, NotOpened, Opened, Reopen } = SlotStep.cases
  /** One for each number: its directories belong to one slot at a time. */
  const seats = new Map<SlotId, Semaphore.Semaphore>()

  const seatOf = (id: SlotId): Semaphore.Semaphore => {
    const seat = seats.get(id) ?? Semaphore.makeUnsafe(1)
    seats.set(id, seat)
    return seat
  }

  /** Waits for the end of its rest, where it has one. */
  const rested = Effect.fnUntraced(function*(place: Place) {
    if (place.state._tag !== "Resting") return
    const left = DateTime.toEpochMillis(place.state.until) - (yield* Clock.currentTimeMillis)
    yield* Effect.sleep(Math.max(0, left))
    if (place.state._tag === "Resting") places.change(place, Reopen.make({}))
  })

  /** Says how it went; one that has to go in the meantime goes in any case. */
  const tell = (place: Place, step: SlotStep) =>
    Effect.sync(() => {
      if (place.state._tag === "Opening") places.change(place, step)
    })

  const open = (place: Place) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const seat = seatOf(place.id)
        yield* Effect.acquireRelease(seat.take(1), () => seat.release(1), { interruptible: true }).pipe(restore)
        yield* restore(rested(place))
        const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
        const slot = yield* Scope.provide(
          openSlot({ id: place.id, settings: place.settings, home: home(place.id), start, spare, isWanted, room }),
          scope
        )
        // A slot that is told to be something else while it is opened is that from the start.
        yield* slot.configure(place.settings)
        yield* Effect.acquireRelease(
          Effect.sync(() => {
            place.slot = slot
            place.opened = scope
          }),
          () =>
            Effect.sync(() => {
              place.slot = null
              place.opened = null
            })
        )
        yield* tell(place, Opened.make({ at: yield* DateTime.now }))
        return slot
      })
    ).pipe(
      Effect.tapCause((cause) =>
        Effect.andThen(
          Effect.sync(() => {
            place.cause = cause
          }),
          tell(place, NotOpened.make({ error: Cause.prettyErrors(cause)[0]?.message ?? "it could not be opened" }))
        )
      )
    )

  return {
    /** Enters a slot; nothing of it is there before it is opened. */
    enter: (id: SlotId, settings: SlotSettings): Place => {
      const place: Place = {
        id,
        scope: Scope.forkUnsafe(lot),
        pool: Deferred.makeUnsafe(),
        settings,
        state: SlotState.cases.Opening.make({}),
        slot: null,
        opened: null,
        cause: null,
        done: 0,
        rests: 0
      }
      places.places.add(place)
      return place
    },
    open: (place: Place): Effect.Effect<void> =>
      Pool.make({ acquire: open(place), size: 1 }).pipe(
        Scope.provide(place.scope),
        Effect.flatMap((pool) => Deferred.succeed(place.pool, pool)),
        Effect.asVoid
      ),
    /** Ends whatever is open, lent or not. */
    closeAll: Effect.suspend(() =>
      Effect.forEach(
        places.places,
        ({ opened }) => opened === null ? Effect.void : Scope.close(opened, Exit.void),
        { concurrency: "unbounded", discard: true }
      )
    ),
    /** Ends what is there of a slot that goes, in the background. */
    close: (place: Place): Effect.Effect<void> =>
      Scope.close(place.scope, Exit.void).pipe(
        Effect.andThen(Effect.sync(() => {
          places.change(place, Close.make({}))
          places.places.delete(place)
          places.wake(roleOf(place))
        })),
        Effect.uninterruptible,
        Effect.forkIn(lot, { startImmediately: true }),
        Effect.asVoid
      )
  }
}
