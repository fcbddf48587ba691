/**
 * Finished work that a client has not been shown, and results that wait for its review. Every reply names some of them, so
 * that a lost notification loses no result. They come from the pool's inbox, and what was shown is acknowledged there: the
 * next server goes on where this one ended, however it ended. Overlaps of what workers change are told beside them, once.
 */
import { Effect, Option, Queue, Ref, type Scope, Semaphore, Stream } from "effect"
import type { Reason } from "../domain/Failure.ts"
import type { InboxEntry } from "../domain/Inbox.ts"
import { formatOverlap, type Overlap } from "../domain/Overlap.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"

export interface Unseen {
  /** The ones that finished first, as many as fit in a reply. */
  readonly first: Effect.Effect<ReadonlyArray<WorkId>>
  /** The same, beside a refusal for this reason: for its sake no process is started where the pool has been lost. */
  readonly besideRefusal: (reason: Reason | null) => Effect.Effect<ReadonlyArray<WorkId>>
  /** Everything up to this number of the log has been shown; undefined where the pool cannot tell. */
  readonly seq: Effect.Effect<number | undefined>
  /**
   * These have been shown as finished, or stopped by the client itself; or only as results that wait for a review: where
   * they have finished meanwhile, that has not been shown.
   */
  readonly show: (ids: ReadonlyArray<WorkId>, as?: "review") => Effect.Effect<void>
  /** So has all there is between two numbers of the log. */
  readonly showBetween: (after: number, to: number) => Effect.Effect<void>
  /** The newest overlaps that have not been told, as lines; what is taken is told, and each pair of a file's once. */
  readonly takeOverlaps: Effect.Effect<ReadonlyArray<string>>
}

/** Whoever coordinates, in whichever session: what one has been shown is not told to the next. */
export const reader = "coordinator"

const perReply = 8
/** More are not read before some of these have been shown. */
const remembered = 500
const page = 100

/** A reply does not wait longer for the inbox. */
const patience = "2 seconds"
/** What a client was sent so long ago, and that is still there, has reached it. */
const grace = "5 seconds"

interface State {
  /** How far the log has been read; null: not at all. */
  readonly read: number | null
  readonly waiting: ReadonlyArray<Pick<InboxEntry, "seq" | "id" | "state">>
}

/** Lines that are told next, and of what has been told already the pairs. */
interface Overlaps {
  readonly next: ReadonlyArray<string>
  readonly told: ReadonlyArray<string>
}

const overlapsPerReply = 4

/** Of more than a reply holds, the newest are told: `pool_status` has them all. */
const hear = ({ next, told }: Overlaps, overlap: Overlap): Overlaps => {
  const key = `${overlap.first} ${overlap.second} ${overlap.path}`
  if (told.includes(key)) return { next, told }
  const line = formatOverlap(overlap, overlap.first, overlap.second)
  return { next: [...next, line].slice(-overlapsPerReply), told: [...told, key].slice(-remembered) }
}

/** What is a part of something is told with it; its review is told by itself. */
export const isTold = ({ part_of, state }: InboxEntry): boolean => part_of === undefined || state === "review"

const isEnd = ({ _tag }: PoolEvent): boolean =>
  _tag === "Finished" || _tag === "GroupFinished" || _tag === "ChainFinished" || _tag === "Presented"

const without = ({ read, waiting }: State, ids: ReadonlyArray<WorkId>, as?: "review"): State => ({
  read,
  waiting: waiting.filter(({ id, state }) => !ids.includes(id) || (as !== undefined && state !== as))
})

const add = (state: State, entries: ReadonlyArray<InboxEntry>, read: number): State => ({
  read,
  waiting: [
    ...without(state, entries.map(({ id }) => id)).waiting,
    ...entries.filter(isTold).map(({ id, seq, state }) => ({ id, seq, state }))
  ]
})

/** Whether events are told; `lost`: not before there is a process again that has the pool; `over`: never again. */
type Hearing = "told" | "lost" | "over"

const shownUpTo = ({ read, waiting: [first] }: State): number | null => first === undefined ? read : first.seq - 1

/** Of one client, until its scope closes. */
export const makeUnseen: Effect.Effect<Unseen, never, Pool | Scope.Scope> = Effect.gen(function*() {
  const pool = yield* Pool
  const state = yield* Ref.make<State>({ read: null, waiting: [] })
  const overlaps = yield* Ref.make<Overlaps>({ next: [], told: [] })
  /** How often something ended, and how often it had when the inbox was read: events only say that it is worth a look. */
  const ends = yield* Ref.make(1)
  const seen = yield* Ref.make(0)
  const hearing = yield* Ref.make<Hearing>("told")
  const acknowledged = yield* Ref.make(-1)
  const wake = yield* Queue.sliding<void>(1)
  const oneAtATime = yield* Semaphore.make(1)

  const isLost = Effect.map(Ref.get(hearing), (now) => now === "lost")

  const acknowledge = Effect.fnUntraced(function*(seq: number) {
    if (seq <= (yield* Ref.get(acknowledged))) return
    yield* pool.acknowledge(reader, seq)
    yield* Ref.set(acknowledged, seq)
  })

  const readPage = Effect.gen(function*() {
    const before = yield* Ref.get(state)
    if (before.waiting.length >= remembered) return true
    const { entries, more, seq } = yield* pool.inbox(
      before.read === null ? { reader, limit: page } : { since: before.read, limit: page }
    )
    yield* Ref.update(state, (now) => add(now, entries, seq))
    // On record: whoever comes after a crash of this one begins here, too.
    if (before.read === null && entries.length === 0) yield* Effect.ignore(acknowledge(seq))
    return !more
  })

  const isFresh = Effect.gen(function*() {
    return (yield* Ref.get(hearing)) === "told" && (yield* Ref.get(seen)) === (yield* Ref.get(ends))
  })

  const read = Effect.gen(function*() {
    const now = yield* Ref.get(ends)
    const inTime = yield* Effect.repeat(readPage, { until: (enough) => enough }).pipe(Effect.timeoutOption(patience))
    if (Option.isSome(inTime)) yield* Ref.set(seen, now)
  }).pipe(
    // What is wrong with the inbox is not the call's: its answer is told without what is unseen.
    Effect.catch((failure) => Effect.logWarning("the inbox is not read", failure)),
    Effect.catchDefect((defect) => Effect.logError("the inbox is not read", defect))
  )

  const look = oneAtATime.withPermits(1)(Effect.when(read, Effect.map(isFresh, (fresh) => !fresh)))

  const anotherEnd = Ref.update(ends, (count) => count + 1)

  const hearEvent = (event: PoolEvent): Effect.Effect<void> => {
    switch (event._tag) {
      case "Overlapped":
        return Ref.update(overlaps, (_) => hear(_, event))
      case "Lost":
        return Ref.set(hearing, "lost")
      case "Found":
        // What has ended meanwhile was not told; and what was shown then may not have been acknowledged.
        return Effect.all([anotherEnd, Ref.set(hearing, "told"), Queue.offer(wake, undefined)], { discard: true })
      default:
        return isEnd(event) ? anotherEnd : Effect.void
    }
  }

  yield* Stream.runForEach(pool.events, hearEvent).pipe(
    Effect.catchTag("Failure", (failure) => Effect.logDebug("events are not followed", failure)),
    Effect.andThen(Ref.set(hearing, "over")),
    Effect.forkScoped({ startImmediately: true })
  )

  yield* Queue.take(wake).pipe(
    Effect.andThen(Ref.get(state)),
    Effect.tap(() => Effect.sleep(grace)),
    // No process is started for it: it is made up for when there is one.
    Effect.flatMap((then) => Effect.flatMap(isLost, (lost) => lost ? Effect.void : acknowledge(shownUpTo(then) ?? -1))),
    Effect.catchTag("Failure", (failure) => Effect.logDebug("nothing is acknowledged", failure)),
    Effect.forever,
    Effect.forkScoped
  )

  // At once: who comes for the first time begins here, before it hands anything in.
  yield* Effect.forkScoped(look, { startImmediately: true })

  /** Read before, so that what was shown is known by its number. */
  const drop = (change: (state: State) => State) =>
    oneAtATime.withPermits(1)(read).pipe(
      Effect.andThen(Ref.update(state, change)),
      Effect.andThen(Queue.offer(wake, undefined)),
      Effect.asVoid
    )

  const known = Effect.map(Ref.get(state), ({ waiting }) => waiting.slice(0, perReply).map(({ id }) => id))
  const first = Effect.andThen(look, known)

  return {
    first,
    besideRefusal: (reason) =>
      reason?._tag === "PoolLost" ? known : Effect.flatMap(isLost, (lost) => lost ? known : first),
    seq: look.pipe(Effect.andThen(Ref.get(state)), Effect.map((now) => shownUpTo(now) ?? undefined)),
    show: (ids, as) => ids.length === 0 ? Effect.void : drop((now) => without(now, ids, as)),
    showBetween: (after, to) =>
      drop(({ read, waiting }) => ({ read, waiting: waiting.filter(({ seq }) => seq <= after || seq > to) })),
    takeOverlaps: Ref.modify(overlaps, ({ next, told }) => [next, { next: [], told }])
  }
})
