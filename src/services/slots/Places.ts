/**
 * The slots as they stand, and those who wait for one. All of it is changed in single steps, so that whoever looks finds
 * it whole: a slot is lent once, and nobody waits for a slot of his role that is free.
 */
import { Array, type Cause, Effect, Order, Result } from "effect"
import type { Deferred, Pool, Scope } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Standing } from "../../domain/Scaling.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import { roleOf, type SlotSettings } from "../../domain/SlotProfile.ts"
import { advance, isGoing, type SlotState, SlotStep } from "../../domain/SlotState.ts"
import type { OpenSlot } from "./OpenSlot.ts"

/** A slot as the pool has it: its number, who it is, and what is there of it. */
export interface Place {
  readonly id: SlotId
  /** All of it ends with this. */
  readonly scope: Scope.Closeable
  /** An Effect pool of this one slot: it opens it, opens it anew, and waits for its return before it closes. */
  readonly pool: Deferred.Deferred<Pool.Pool<OpenSlot, Failure>>
  settings: SlotSettings
  state: SlotState
  /** Null while it is not open. */
  slot: OpenSlot | null
  /** What is open of it; where there is no time to wait for its return, this is closed first. */
  opened: Scope.Closeable | null
  /** Why it could not be opened when that was last tried. */
  cause: Cause.Cause<Failure> | null
  /** Attempts that came to an answer here. */
  done: number
  /** How often it had to rest since the last of them. */
  rests: number
}

/** Somebody who waits for a slot. Keeps the place in the queue until the slot is taken. */
export interface Waiter {
  readonly role: string | null
  isCalled: boolean
  resume: (() => void) | null
}

export const standingOf = ({ id, settings, state }: Place): Standing => ({ id, role: roleOf({ settings }), state })

/** What has crashed on a slot is tried on another one, where there is one. */
const steadyFirst = Order.mapInput(Order.Number, ({ rests }: Place) => rests)

const readyFirst = Order.mapInput(Order.Boolean, ({ slot }: Place) => slot === null || !slot.isReady())

export const makePlaces = () => {
  const places = new Set<Place>()
  const waiters = new Set<Waiter>()
  let isOver = false

  /** By their numbers. */
  const inOrder = (): ReadonlyArray<Place> => [...places].toSorted((one, other) => one.id - other.id)

  /** Those that are there to stay. */
  const here = (): ReadonlyArray<Place> => inOrder().filter(({ state }) => !isGoing(state))

  const ofRole = (role: string | null) => [...places].filter((place) => roleOf(place) === role && !isGoing(place.state))

  /** The one that is lent next: nothing has crashed there lately, and its spare is ready; of these the first, so that the last ones are those that go unused. */
  const free = (role: string | null): ReadonlyArray<Place> =>
    Array.sort(ofRole(role).filter(({ state }) => state._tag === "Idle"), Order.combine(steadyFirst, readyFirst))

  /** Why none of a role can be had, where that is so. */
  const hopeless = (role: string | null): Cause.Cause<Failure> | null => {
    const all = ofRole(role)
    return all.length > 0 && all.every(({ state }) => state._tag === "Failed") ? all[0]!.cause : null
  }

  const call = (waiter: Waiter): void => {
    waiter.isCalled = true
    const { resume } = waiter
    waiter.resume = null
    resume?.()
  }

  /** Calls those whose turn it is. Who is called in vain waits again, in the same place. */
  const wake = (role: string | null): void => {
    const waiting = [...waiters].filter((waiter) => waiter.role === role)
    if (waiting.length === 0) return
    const called = hopeless(role) === null ? waiting.slice(0, free(role).length) : waiting
    for (const waiter of called) call(waiter)
  }

  /** What it came to: whoever is called may have taken it by then. */
  const change = (place: Place, step: SlotStep): SlotState => {
    const next = Result.getOrThrow(advance(place.state, step))
    place.state = next
    wake(roleOf(place))
    return next
  }

  return {
    places,
    wake,
    change,
    inOrder,
    here,
    /** One that goes is shown until it is gone, or until another one has its number. */
    shown: (): ReadonlyArray<Place> => {
      const numbers = new Set(inOrder().filter(({ state }) => state._tag !== "Closing").map(({ id }) => id))
      return inOrder().filter(({ id, state }) => state._tag !== "Closing" || !numbers.has(id))
    },
    find: (id: SlotId): Place | undefined => here().find((place) => place.id === id),
    ofRole,
    hopeless,
    queue: (role: string | null): Waiter => {
      const waiter: Waiter = { role, isCalled: false, resume: null }
      waiters.add(waiter)
      return waiter
    },
    /** Gives up the place in the queue; whoever comes next is called. */
    leave: (waiter: Waiter): void => {
      if (waiters.delete(waiter)) wake(waiter.role)
    },
    /** Lends a slot to one who waits, if there is one for him and it is his turn. */
    take: (waiter: Waiter): Place | null => {
      waiter.isCalled = false
      const ahead = [...waiters].filter(({ role }) => role === waiter.role).indexOf(waiter)
      const place = free(waiter.role)[0]
      if (place === undefined || ahead >= free(waiter.role).length) return null
      waiters.delete(waiter)
      change(place, SlotStep.cases.Lend.make({}))
      return place
    },
    /** Until it is called. */
    called: (waiter: Waiter): Effect.Effect<void> =>
      Effect.callback<void>((resume) => {
        if (waiter.isCalled) resume(Effect.void)
        else waiter.resume = () => resume(Effect.void)
      }),
    isOver: (): boolean => isOver,
    /** Nobody gets a slot any more. */
    end: (): void => {
      isOver = true
      for (const waiter of waiters) call(waiter)
    }
  }
}

export type Places = ReturnType<typeof makePlaces>
