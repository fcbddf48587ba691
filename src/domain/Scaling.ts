/**
 * Which slots are opened and which go when there are to be more of them, or fewer.
 */
import { Array, Order, Result } from "effect"
import { SlotId } from "./SlotId.ts"
import { isGoing, isLent, type SlotState } from "./SlotState.ts"

/** A slot, as far as its number is concerned. */
export interface Standing {
  readonly id: SlotId
  readonly role: string | null
  readonly state: SlotState
}

export interface ScalePlan {
  /** Those that were to go and stay. */
  readonly takeBack: ReadonlyArray<SlotId>
  /** New ones. */
  readonly open: ReadonlyArray<SlotId>
  /** Those that go, in this order. */
  readonly drain: ReadonlyArray<SlotId>
}

/** Each role keeps a slot: there cannot be fewer. */
export interface TooFew {
  readonly least: number
}

export const staying = (slots: ReadonlyArray<Standing>): ReadonlyArray<Standing> =>
  slots.filter(({ state }) => !isGoing(state) && state._tag !== "Closed")

/** What can do nothing now goes before what is free, and that before what is at work. */
const useOf = ({ state }: Standing): number => isLent(state) ? 2 : state._tag === "Idle" ? 1 : 0

const goesFirst = Order.combineAll<Standing>([
  Order.mapInput(Order.Number, useOf),
  Order.mapInput(Order.Boolean, ({ role }) => role !== null),
  Order.mapInput(Order.flip(Order.Number), ({ id }) => id)
])

const byNumber = Order.mapInput(Order.Number, ({ id }: Standing) => id)

/** The lowest numbers that nobody has. */
export const freeNumbers = (slots: ReadonlyArray<Standing>, count: number): ReadonlyArray<SlotId> => {
  const taken = new Set(slots.filter(({ state }) => isLent(state) || !isGoing(state)).map(({ id }) => id))
  return Array.range(1, taken.size + count).map((number) => SlotId.make(number)).filter((id) => !taken.has(id)).slice(
    0,
    count
  )
}

const leaving = (slots: ReadonlyArray<Standing>, count: number): Result.Result<ReadonlyArray<SlotId>, TooFew> => {
  const left = new Map<string | null, number>()
  for (const { role } of slots) left.set(role, (left.get(role) ?? 0) + 1)
  const chosen: Array<SlotId> = []
  for (const { id, role } of Array.sort(slots, goesFirst)) {
    if (chosen.length === count) break
    const others = (left.get(role) ?? 0) - 1
    if (role !== null && others === 0) continue
    left.set(role, others)
    chosen.push(id)
  }
  return chosen.length === count
    ? Result.succeed(chosen)
    : Result.fail({ least: slots.length - chosen.length })
}

/** Nothing is decided about slots that stay as they are. */
export const planScaling = (slots: ReadonlyArray<Standing>, target: number): Result.Result<ScalePlan, TooFew> => {
  const now = staying(slots)
  if (target <= now.length) {
    return Result.map(leaving(now, now.length - target), (drain) => ({ takeBack: [], open: [], drain }))
  }
  const more = target - now.length
  const draining = Array.sort(slots.filter(({ state }) => state._tag === "Draining"), byNumber)
  const takeBack = draining.slice(0, more).map(({ id }) => id)
  return Result.succeed({ takeBack, open: freeNumbers(slots, more - takeBack.length), drain: [] })
}
