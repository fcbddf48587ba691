/**
 * How many slots there should be, by what waits for one and by what stands idle. It opens quickly, closes slowly, and
 * never goes to and fro: whoever had to open again soon after closing is more patient the next time.
 */
import { DateTime, Duration, Result } from "effect"
import { planScaling, type Standing, staying } from "./Scaling.ts"
import { isLent } from "./SlotState.ts"

/** Ready tasks that nothing but a slot is missing for. */
export interface Demand {
  /** Null: any slot does. */
  readonly role: string | null
  readonly count: number
  /** Since when the first of them waits. */
  readonly since: DateTime.Utc
}

export interface AutoscaleInput {
  readonly now: DateTime.Utc
  readonly demand: ReadonlyArray<Demand>
  readonly slots: ReadonlyArray<Standing>
  readonly min: number
  readonly max: number
  /** The roles of the slots that would be opened next, in that order. */
  readonly next: ReadonlyArray<string | null>
  /** Something keeps work from being started: more slots, or fewer, change nothing about that. */
  readonly isHeld: boolean
  /** How many slots more there is memory for; null: it is not known. */
  readonly room: number | null
}

/** What it remembers of its own decisions. */
export interface AutoscaleMemory {
  readonly openedAt: DateTime.Utc | null
  readonly closedAt: DateTime.Utc | null
  /** How long a slot is idle before it is closed. */
  readonly patience: Duration.Duration
}

/** A task waits this long for a slot before there are more of them. */
const waitBeforeOpening = Duration.seconds(3)
const leastPatience = Duration.minutes(1)
const mostPatience = Duration.minutes(32)
/** One slot after the other: so long after each. */
const pauseBetweenClosing = Duration.seconds(10)

/** Opening again within this time means that closing was a mistake; after the other it is forgotten. */
const tooSoon = Duration.minutes(30)
const forgotten = Duration.hours(2)

export const firstMemory: AutoscaleMemory = { openedAt: null, closedAt: null, patience: leastPatience }

export interface AutoscaleDecision {
  readonly wanted: number
  readonly memory: AutoscaleMemory
}

const isPast = (at: DateTime.Utc | null, time: Duration.Duration, now: DateTime.Utc): boolean =>
  at === null || Duration.isGreaterThanOrEqualTo(DateTime.distance(at, now), time)

/** Those that will take a task by themselves. */
const isComing = ({ state }: Standing): boolean => state._tag === "Idle" || state._tag === "Opening"

/** What waits by role, without what the free slots will take. */
const unmet = (demand: ReadonlyArray<Demand>, slots: ReadonlyArray<Standing>): Map<string | null, number> => {
  const left = new Map<string | null, number>()
  for (const { count, role } of demand) left.set(role, (left.get(role) ?? 0) + count)
  for (const { role } of slots.filter(isComing)) serve(left, role)
  return left
}

/** Whether a slot of that role has something to do; then there is less of it. */
const serve = (left: Map<string | null, number>, role: string | null): boolean => {
  const taken = [role, null].find((each) => (left.get(each) ?? 0) > 0)
  if (taken === undefined) return false
  left.set(taken, (left.get(taken) ?? 0) - 1)
  return true
}

/** How many are opened: up to the last one that has something to do at once. */
const opening = (input: AutoscaleInput, target: number): number => {
  const most = Math.min(Math.max(1, target), input.max - target, input.room ?? Infinity)
  const left = unmet(input.demand, staying(input.slots))
  let useful = 0
  for (const [index, role] of input.next.slice(0, Math.max(0, most)).entries()) {
    if (serve(left, role)) useful = index + 1
  }
  return useful
}

/** Who opens again soon after closing was not patient enough. */
const patienceAfter = ({ closedAt, patience }: AutoscaleMemory, now: DateTime.Utc): Duration.Duration => {
  if (closedAt === null) return patience
  if (!isPast(closedAt, tooSoon, now)) return Duration.min(Duration.times(patience, 2), mostPatience)
  return isPast(closedAt, forgotten, now) ? leastPatience : patience
}

/** Whether the one that would go has had nothing to do for that long. */
const isSpared = (slots: ReadonlyArray<Standing>, patience: Duration.Duration, now: DateTime.Utc): boolean => {
  const isLong = ({ state }: Standing) => state._tag === "Idle" && isPast(state.since, patience, now)
  const plan = planScaling(slots, slots.length - 1)
  const goes = Result.isFailure(plan) ? undefined : slots.find(({ id }) => id === plan.success.drain[0])
  // What cannot work at all is no loss, where another one is idle.
  return goes !== undefined && !isLent(goes.state) && (goes.state._tag === "Idle" ? isLong(goes) : slots.some(isLong))
}

/** One decision. The memory is for the next one. */
export const decideSlots = (input: AutoscaleInput, memory: AutoscaleMemory): AutoscaleDecision => {
  const { demand, isHeld, max, min, now } = input
  const slots = staying(input.slots)
  const target = slots.length
  const stay = { wanted: target, memory }
  if (isHeld) return stay
  if (demand.length > 0) {
    const waits = demand.filter(({ since }) => isPast(since, waitBeforeOpening, now))
    const more = waits.length === 0 || target >= max ? 0 : opening({ ...input, demand: waits }, target)
    return more === 0
      ? stay
      : { wanted: target + more, memory: { ...memory, openedAt: now, patience: patienceAfter(memory, now) } }
  }
  const { closedAt, openedAt, patience } = memory
  const hasPaused = isPast(openedAt, patience, now) && isPast(closedAt, pauseBetweenClosing, now)
  return target > min && hasPaused && isSpared(slots, patience, now)
    ? { wanted: target - 1, memory: { ...memory, closedAt: now } }
    : stay
}
