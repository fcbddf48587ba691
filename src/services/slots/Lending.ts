/**
 * Lending: whoever asks gets a free slot of the role, in the order of asking, and gives it back when the scope closes.
 * What becomes of the slot then is decided in that moment: it takes the next task, rests, or goes.
 */
import { DateTime, Deferred, Effect, Exit, Pool, Scope } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { roleOf } from "../../domain/SlotProfile.ts"
import { SlotStep } from "../../domain/SlotState.ts"
import type { Worker } from "../ClaudeCli.ts"
import type { Slot } from "../Slots.ts"
import type { OpenSlot } from "./OpenSlot.ts"
import type { Place, Places, Waiter } from "./Places.ts"

interface Lease {
  readonly place: Place
  readonly open: OpenSlot
  /** Of the slot in its pool. */
  readonly scope: Scope.Closeable
  isAnswered: boolean
  isOver: boolean
}

export interface LendingOptions {
  readonly places: Places
  /** What outlives a lease: slots are closed there, and opened again. */
  readonly lot: Scope.Scope
  /** Ends what is there of a slot that goes. */
  readonly close: (place: Place) => Effect.Effect<void>
}

export const makeLending = ({ close, lot, places }: LendingOptions) => {
  /** The pool opens it anew; it tells itself how that went. */
  const retry = (place: Place) => {
    places.change(place, SlotStep.cases.Reopen.make({}))
    return Deferred.await(place.pool).pipe(
      Effect.flatMap(Pool.get),
      Effect.scoped,
      Effect.ignoreCause,
      Effect.forkIn(place.scope)
    )
  }

  const retryFailed = (role: string | null) =>
    Effect.suspend(() =>
      Effect.forEach(places.ofRole(role).filter(({ state }) => state._tag === "Failed"), retry, { discard: true })
    )

  const waitFor = (waiter: Waiter, restore: Restore): Effect.Effect<Place, Failure> =>
    Effect.gen(function*() {
      while (true) {
        if (places.isOver()) return yield* Effect.interrupt
        const place = places.take(waiter)
        if (place !== null) return place
        const cause = places.hopeless(waiter.role)
        if (cause !== null) return yield* Effect.failCause(cause)
        yield* restore(places.called(waiter))
      }
    })

  /** The pool ends what is there, and opens it anew: that waits for the end of the rest. */
  const replace = ({ open, place }: Lease) =>
    Effect.flatMap(Deferred.await(place.pool), (pool) => Pool.invalidate(pool, open)).pipe(
      Effect.forkIn(lot, { startImmediately: true })
    )

  const giveBack = Effect.fnUntraced(function*(lease: Lease) {
    const { open, place, scope } = lease
    lease.isOver = true
    yield* Scope.close(scope, Exit.void)
    const at = yield* DateTime.now
    if (lease.isAnswered) {
      place.done++
      place.rests = 0
    }
    if (place.state._tag === "Busy" && place.state.rest === null) yield* open.restock
    const next = places.change(place, SlotStep.cases.GiveBack.make({ at }))
    if (next._tag === "Resting") {
      place.rests++
      yield* replace(lease)
    }
    if (next._tag === "Closing") yield* close(place)
  })

  const lent = (lease: Lease): Slot => {
    const { open, place } = lease
    return {
      id: place.id,
      settings: place.settings,
      role: roleOf(place),
      worker: (launch) =>
        Effect.map(open.worker(launch), (worker): Worker => ({
          ...worker,
          run: (turn, onProgress) =>
            Effect.tap(worker.run(turn, onProgress), () =>
              Effect.sync(() => {
                lease.isAnswered = true
              }))
        })),
      rest: (duration, why) =>
        Effect.sync(() => {
          if (!lease.isOver) places.change(place, SlotStep.cases.Rest.make({ rest: { duration, why } }))
        })
    }
  }

  // Only the wait can be interrupted: what has been taken is also given back.
  return (role: string | null): Effect.Effect<Slot, Failure, Scope.Scope> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const waiter = places.queue(role)
        const place = yield* Effect.ensuring(
          Effect.andThen(retryFailed(role), waitFor(waiter, restore)),
          Effect.sync(() => places.leave(waiter))
        )
        const scope = yield* Scope.make()
        const open = yield* Effect.flatMap(Deferred.await(place.pool), Pool.get).pipe(Scope.provide(scope))
        const lease: Lease = { place, open, scope, isAnswered: false, isOver: false }
        yield* Effect.addFinalizer(() => giveBack(lease))
        return lent(lease)
      })
    )
}

/** Makes an effect interruptible again, as `Effect.uninterruptibleMask` hands it out. */
type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
