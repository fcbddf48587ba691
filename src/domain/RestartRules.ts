/**
 * When a slot on which a worker crashed is opened again: soon at first, later each time, and not more than three times in
 * a minute, nor all slots together more than ten times. What is too much for all together opens the circuit.
 */
import { Array, Duration, Option } from "effect"
import type { Reason } from "./Failure.ts"
import type { SlotId } from "./SlotId.ts"

/** Whether the worker crashed: it is not the end that its task, its user or its provider gave it. */
export const isCrash = (reason: Reason): boolean =>
  reason._tag === "WorkerLost" || reason._tag === "Stalled" || (reason._tag === "StartFailed" && reason.transient)

const period = Duration.toMillis(Duration.minutes(1))
const mostOfSlot = 3
const mostOfPool = 10
const firstDelay = Duration.toMillis(Duration.millis(500))
const longestDelay = Duration.toMillis(Duration.seconds(30))
const firstRest = Duration.toMillis(Duration.minutes(1))
const longestRest = Duration.toMillis(Duration.minutes(10))

export interface SlotRestarts {
  /** When it was, or will be, opened again, of late. */
  readonly times: ReadonlyArray<number>
  /** Crashes since a task was completed on it. */
  readonly streak: number
  /** How often it has crashed more often than it may, since then. */
  readonly excess: number
  readonly total: number
}

export interface RestartRecord {
  readonly slots: ReadonlyMap<SlotId, SlotRestarts>
  /** When slots were, or will be, opened again, of late, all of them in order. */
  readonly times: ReadonlyArray<number>
  /** The crashes of the last minute, since the circuit was last closed. */
  readonly crashes: ReadonlyArray<{ readonly at: number; readonly reason: string }>
  readonly total: number
}

export const noRestarts: RestartRecord = { slots: new Map(), times: [], crashes: [], total: 0 }

const neverRestarted: SlotRestarts = { times: [], streak: 0, excess: 0, total: 0 }

export const restartsOf = (record: RestartRecord, slot: SlotId): SlotRestarts =>
  record.slots.get(slot) ?? neverRestarted

const since = (times: ReadonlyArray<number>, start: number) => times.filter((at) => at > start)

export interface Crash {
  readonly slot: SlotId
  readonly at: number
  readonly reason: string
  /** From 0 to 1: where in its range the delay lies. */
  readonly jitter: number
}

export interface AfterCrash {
  readonly record: RestartRecord
  readonly rest: Duration.Duration
  /** Whether it is more than a slot may. */
  readonly isExcessive: boolean
}

/** The earliest time from which so many opened in any period are not exceeded by one more. */
const roomFrom = (times: ReadonlyArray<number>, most: number): number =>
  Option.match(Array.get(times, times.length - most), { onNone: () => -Infinity, onSome: (at) => at + period })

export const afterCrash = (record: RestartRecord, { at, jitter, reason, slot }: Crash): AfterCrash => {
  const own = restartsOf(record, slot)
  const delay = Math.min(firstDelay * 2 ** Math.min(own.streak, 20), longestDelay) * jitter
  const isExcessive = since(own.times, at + delay - period).length >= mostOfSlot
  const rest = isExcessive ? Math.min(firstRest * 2 ** Math.min(own.excess, 20), longestRest) : delay
  const again = Math.ceil(Math.max(at + rest, roomFrom(record.times, mostOfPool)))
  const next: SlotRestarts = {
    times: [...since(own.times, at - period), again],
    streak: own.streak + 1,
    excess: own.excess + (isExcessive ? 1 : 0),
    total: own.total + 1
  }
  return {
    record: {
      slots: new Map(record.slots).set(slot, next),
      times: [...record.times, again].toSorted((one, other) => one - other).slice(-longestMemory),
      crashes: [...record.crashes.filter((crash) => crash.at > at - period), { at, reason }],
      total: record.total + 1
    },
    rest: Duration.millis(again - at),
    isExcessive
  }
}

/** More than a minute of them is not needed, however many slots there are. */
const longestMemory = 1000

/** A task was completed on it: it is as good as new. What it was opened again for stays counted. */
export const afterAnswer = (record: RestartRecord, slot: SlotId): RestartRecord => {
  const own = record.slots.get(slot)
  return own === undefined || own.streak === 0
    ? record
    : { ...record, slots: new Map(record.slots).set(slot, { ...own, streak: 0, excess: 0 }) }
}

/** Whether workers crash more often than they may, all slots together. */
export const isTooMuch = ({ crashes }: RestartRecord): boolean => crashes.length > mostOfPool

/** The circuit is closed: what was before does not open it again. */
export const forgetCrashes = (record: RestartRecord): RestartRecord => ({ ...record, crashes: [] })

/** `12 crashes within a minute: 9 x the worker …, 3 x …`: the causes that were seen, the most frequent first. */
export const tellCrashes = ({ crashes }: RestartRecord): string => {
  const counts = new Map<string, number>()
  for (const { reason } of crashes) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  const inOrder = [...counts].toSorted(([, one], [, other]) => other - one).slice(0, mostCauses)
  return `${crashes.length} crashes within a minute: ${inOrder.map(([reason, n]) => `${n} x ${reason}`).join("; ")}`
}

const mostCauses = 3

/** Restarts in the minute before. */
export const recentRestarts = ({ times }: RestartRecord, now: number): number =>
  since(times, now - period).filter((at) => at <= now).length
