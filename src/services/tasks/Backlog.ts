/**
 * The queue's order in memory: which tasks wait, and which of them are not to start before a time. Names only; the tasks
 * are in the store.
 *
 * Tasks stand in lanes, one for each group and role, oldest first. A lane is looked at or passed over as a whole, so that
 * ten thousand tasks behind a limit cost the others nothing.
 */
import { Array, Clock, DateTime, Effect, FiberMap, Iterable, Order, PubSub, type Scope } from "effect"
import type { Demand } from "../../domain/Autoscaling.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { mostSlots } from "../../domain/SlotProfile.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { isGroupId } from "../../domain/WorkId.ts"
import type { QueuedTask } from "../Store.ts"

/** What the queue knows of a task. */
export interface Waiting {
  readonly id: TaskId
  /** The group whose limit it keeps. */
  readonly group: GroupId | null
  /** Only a slot of this role takes it; null: any slot. */
  readonly role: string | null
}

export const waiting = ({ id, parent, role }: Pick<QueuedTask, "id" | "parent" | "role">): Waiting => ({
  id,
  group: isGroupId(parent) ? parent : null,
  role
})

export const waitingOf = ({ id, options, parent }: Task): Waiting =>
  waiting({ id, parent: parent?.id ?? null, role: options.role ?? null })

/** Which tasks are asked for. */
export interface Wanted {
  /** The role of the slot; null: it has none. */
  readonly role: string | null
  /** Groups that are passed over; it may grow while the answer is read. */
  readonly except?: ReadonlySet<GroupId>
}

export interface Backlog {
  /** Puts a task at the end of the queue, now or when its time has come. */
  readonly offer: (task: Waiting, notBefore: DateTime.Utc | null) => Effect.Effect<void>
  readonly remove: (id: TaskId) => Effect.Effect<void>
  /** The tasks that a slot may take, oldest first: a live view, to be read by one reader at a time. */
  readonly ready: (wanted: Wanted) => Iterable<Waiting>
  /** Takes a task out, to be run. It counts against its group's limit until it is released. */
  readonly start: (task: Waiting) => Effect.Effect<void>
  readonly release: (task: Waiting) => Effect.Effect<void>
  /** How many tasks of a group may run at once; null: as many as there are slots. */
  readonly limit: (group: GroupId, concurrency: number | null) => Effect.Effect<void>
  /** Whether as many tasks of a group run as may. */
  readonly isFull: (group: GroupId | null) => boolean
  /** What only a slot is missing for, by lane; what is passed over for another reason is left out. */
  readonly demand: (isPassedOver: (task: Waiting) => boolean) => ReadonlyArray<Demand>
  /** Whether a task waits here at all. */
  readonly has: (id: TaskId) => boolean
  /** Whether it waits for a time. */
  readonly isParked: (id: TaskId) => boolean
  readonly size: Effect.Effect<number>
  /** Says that something changed for the waiting: a task came, money or a slot came free. */
  readonly poke: Effect.Effect<void>
  /** A watch of one's own, which waits until there may be something new since it was last asked. */
  readonly watch: Effect.Effect<Effect.Effect<void>, never, Scope.Scope>
}

interface Lane {
  readonly key: string
  readonly group: GroupId | null
  readonly role: string | null
  /** In the order of age: a native map keeps the order of insertion, and removes in constant time. */
  readonly tasks: Map<TaskId, { readonly task: Waiting; readonly age: number; readonly since: DateTime.Utc }>
}

export const makeBacklog = Effect.gen(function*() {
  const lanes = new Map<string, Lane>()
  const places = new Map<TaskId, Lane>()
  const parked = new Set<TaskId>()
  const limits = new Map<GroupId, number>()
  const running = new Map<GroupId, number>()
  let age = 0
  const timers = yield* FiberMap.make<TaskId>()
  const changes = yield* Effect.acquireRelease(PubSub.sliding<void>(1), PubSub.shutdown)
  const poke = Effect.asVoid(PubSub.publish(changes, undefined))

  const laneOf = ({ group, role }: Waiting): Lane => {
    const key = `${group ?? ""} ${role ?? ""}`
    const lane = lanes.get(key) ?? { key, group, role, tasks: new Map() }
    lanes.set(key, lane)
    return lane
  }

  const leave = (id: TaskId): void => {
    const lane = places.get(id)
    places.delete(id)
    lane?.tasks.delete(id)
    if (lane?.tasks.size === 0) lanes.delete(lane.key)
  }

  const isFull = (group: GroupId | null): boolean =>
    group !== null && (running.get(group) ?? 0) >= (limits.get(group) ?? Infinity)

  const admit = (task: Waiting) =>
    Effect.flatMap(DateTime.now, (since) => {
      parked.delete(task.id)
      if (places.has(task.id)) return Effect.void
      const lane = laneOf(task)
      lane.tasks.set(task.id, { task, age: age++, since })
      places.set(task.id, lane)
      return poke
    })

  const park = Effect.fnUntraced(function*(task: Waiting, notBefore: DateTime.Utc) {
    parked.add(task.id)
    const wait = DateTime.toEpochMillis(notBefore) - (yield* Clock.currentTimeMillis)
    yield* FiberMap.run(timers, task.id, Effect.andThen(Effect.sleep(Math.max(0, wait)), admit(task)))
  })

  const ready = function*({ except, role }: Wanted): Generator<Waiting> {
    const open = Array.fromIterable(
      Iterable.filter(lanes.values(), (lane) => (lane.role === null || lane.role === role) && !isFull(lane.group))
    )
    const readers = open.map(({ group, tasks }) => {
      const rest = tasks.values()
      return { group, rest, head: rest.next() }
    })
    while (true) {
      const left = readers.flatMap((reader) =>
        reader.head.done === true || (reader.group !== null && except?.has(reader.group) === true)
          ? []
          : [{ reader, ...reader.head.value }]
      )
      if (!Array.isArrayNonEmpty(left)) return
      const { reader, task } = Array.min(left, byAge)
      yield task
      reader.head = reader.rest.next()
    }
  }

  const demandIn = ({ group, role, tasks }: Lane, isPassedOver: (task: Waiting) => boolean): ReadonlyArray<Demand> => {
    const room = group === null ? Infinity : (limits.get(group) ?? Infinity) - (running.get(group) ?? 0)
    if (room <= 0) return []
    let passed = 0
    for (const { since, task } of tasks.values()) {
      if (!isPassedOver(task)) return [{ role, count: Math.min(tasks.size - passed, room, mostSlots), since }]
      if (++passed === mostSlots) break
    }
    return []
  }

  const count = (group: GroupId | null, by: 1 | -1): void => {
    if (group === null) return
    const now = (running.get(group) ?? 0) + by
    if (now === 0) running.delete(group)
    else running.set(group, now)
  }

  return {
    offer: (task, notBefore) => notBefore === null ? admit(task) : park(task, notBefore),
    remove: (id) =>
      Effect.suspend(() => {
        leave(id)
        return parked.delete(id) ? FiberMap.remove(timers, id) : Effect.void
      }),
    ready: (wanted) => ({ [Symbol.iterator]: () => ready(wanted) }),
    start: (task) =>
      Effect.sync(() => {
        leave(task.id)
        count(task.group, 1)
      }),
    release: ({ group }) => Effect.andThen(Effect.sync(() => count(group, -1)), poke),
    limit: (group, concurrency) =>
      Effect.suspend(() => {
        if (concurrency === null) limits.delete(group)
        else limits.set(group, concurrency)
        return poke
      }),
    isFull,
    demand: (isPassedOver) => [...lanes.values()].flatMap((lane) => demandIn(lane, isPassedOver)),
    has: (id) => places.has(id) || parked.has(id),
    isParked: (id) => parked.has(id),
    size: Effect.sync(() => places.size + parked.size),
    poke,
    watch: Effect.map(PubSub.subscribe(changes), PubSub.take)
  } satisfies Backlog as Backlog
})

const byAge = Order.mapInput(Order.Number, ({ age }: { readonly age: number }) => age)
