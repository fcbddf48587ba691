/**
 * Finished work that a client has not been shown, and results that wait for its review. Every reply names some of them, so
 * that a lost notification loses no result. Overlaps of what workers change are told beside them, once.
 */
import { Effect, Ref, type Scope, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { formatOverlap, type Overlap } from "../domain/Overlap.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"

export interface Unseen {
  /** The ones that finished first, as many as fit in a reply. */
  readonly first: Effect.Effect<ReadonlyArray<WorkId>>
  /** These have been shown as finished, or stopped by the client itself. */
  readonly show: (ids: ReadonlyArray<WorkId>) => Effect.Effect<void>
  /** The newest overlaps that have not been told, as lines; what is taken is told, and each pair of a file's once. */
  readonly takeOverlaps: Effect.Effect<ReadonlyArray<string>>
}

const perReply = 8
const remembered = 500

interface State {
  readonly finished: ReadonlyArray<WorkId>
  /** Shown before the news of their end came round. */
  readonly ahead: ReadonlyArray<WorkId>
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

const without = (ids: ReadonlyArray<WorkId>, gone: ReadonlyArray<WorkId>) => ids.filter((id) => !gone.includes(id))

const finish = (state: State, id: WorkId): State =>
  state.ahead.includes(id)
    ? { ...state, ahead: without(state.ahead, [id]) }
    : { ...state, finished: [...without(state.finished, [id]), id].slice(-remembered) }

const show = (state: State, ids: ReadonlyArray<WorkId>): State => ({
  finished: without(state.finished, ids),
  ahead: [...without(state.ahead, ids), ...without(ids, state.finished)].slice(-remembered)
})

/** A task that is a part of something is told with it; its review is told by itself. */
const unlessPart = <Id extends WorkId>(id: Id, view: Effect.Effect<{ readonly part_of?: string }, Failure>) =>
  Effect.orElseSucceed(Effect.map(view, ({ part_of }) => part_of === undefined ? id : null), () => id)

/** Of one client, from now until its scope closes. */
export const makeUnseen: Effect.Effect<Unseen, never, Pool | Scope.Scope> = Effect.gen(function*() {
  const pool = yield* Pool
  const state = yield* Ref.make<State>({ finished: [], ahead: [] })
  const overlaps = yield* Ref.make<Overlaps>({ next: [], told: [] })

  const news = (event: PoolEvent): Effect.Effect<WorkId | null> => {
    switch (event._tag) {
      case "Finished":
        return unlessPart(event.id, pool.result(event.id))
      case "GroupFinished":
        return unlessPart(event.id, pool.group(event.id))
      case "Presented":
      case "ChainFinished":
        return Effect.succeed(event.id)
      default:
        return Effect.succeed(null)
    }
  }

  yield* pool.events.pipe(
    Stream.runForEach((event) =>
      event._tag === "Overlapped"
        ? Ref.update(overlaps, (_) => hear(_, event))
        : Effect.flatMap(news(event), (id) => id === null ? Effect.void : Ref.update(state, (_) => finish(_, id)))
    ),
    Effect.catchTag("Failure", (failure) => Effect.logWarning("finished tasks are not followed", failure)),
    Effect.forkScoped({ startImmediately: true })
  )

  return {
    first: Effect.map(Ref.get(state), ({ finished }) => finished.slice(0, perReply)),
    show: (ids) => Ref.update(state, (_) => show(_, ids)),
    takeOverlaps: Ref.modify(overlaps, ({ next, told }) => [next, { next: [], told }])
  }
})
