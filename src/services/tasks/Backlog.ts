/**
 * The queue's order in memory: which tasks wait, and which of them are not to start before a time. Ids only; the tasks
 * are in the store.
 */
import { Clock, DateTime, Effect, FiberMap, Queue } from "effect"
import type { TaskId } from "../../domain/TaskId.ts"

export interface Backlog {
  /** Puts a task at the end of the queue, now or when its time has come. */
  readonly offer: (id: TaskId, notBefore: DateTime.Utc | null) => Effect.Effect<void>
  readonly remove: (id: TaskId) => Effect.Effect<void>
  /** The tasks that may start, oldest first: a live view, to be read in one go. */
  readonly ready: Iterable<TaskId>
  /** Whether a task waits here at all. */
  readonly has: (id: TaskId) => boolean
  /** Whether it waits for a time. */
  readonly isParked: (id: TaskId) => boolean
  readonly size: Effect.Effect<number>
  /** Says that something changed for the waiting: a task came, money or a slot came free. */
  readonly poke: Effect.Effect<void>
  /** Waits until there is something to look at. */
  readonly changed: Effect.Effect<void>
}

export const makeBacklog = Effect.gen(function*() {
  // A native set keeps the order of insertion and removes in constant time, also from 100,000 entries.
  const ready = new Set<TaskId>()
  const parked = new Set<TaskId>()
  const timers = yield* FiberMap.make<TaskId>()
  const signal = yield* Queue.sliding<void>(1)
  const poke = Effect.asVoid(Queue.offer(signal, undefined))

  const admit = (id: TaskId) =>
    Effect.suspend(() => {
      parked.delete(id)
      ready.add(id)
      return poke
    })

  const park = Effect.fnUntraced(function*(id: TaskId, notBefore: DateTime.Utc) {
    parked.add(id)
    const wait = DateTime.toEpochMillis(notBefore) - (yield* Clock.currentTimeMillis)
    yield* FiberMap.run(timers, id, Effect.andThen(Effect.sleep(Math.max(0, wait)), admit(id)))
  })

  return {
    offer: (id, notBefore) => notBefore === null ? admit(id) : park(id, notBefore),
    remove: (id) =>
      Effect.suspend(() => {
        ready.delete(id)
        return parked.delete(id) ? FiberMap.remove(timers, id) : Effect.void
      }),
    ready,
    has: (id) => ready.has(id) || parked.has(id),
    isParked: (id) => parked.has(id),
    size: Effect.sync(() => ready.size + parked.size),
    poke,
    changed: Queue.take(signal)
  } satisfies Backlog as Backlog
})
