/**
 * Finished tasks that a client has not been shown. Every reply names some of them, so that a lost notification loses
 * no result.
 */
import { Effect, Ref, type Scope, Stream } from "effect"
import type { TaskId } from "../domain/TaskId.ts"
import { Pool } from "../services/Pool.ts"

export interface Unseen {
  /** The ones that finished first, as many as fit in a reply. */
  readonly first: Effect.Effect<ReadonlyArray<TaskId>>
  /** These have been shown as finished, or stopped by the client itself. */
  readonly show: (ids: ReadonlyArray<TaskId>) => Effect.Effect<void>
}

const perReply = 8
const remembered = 500

interface State {
  readonly finished: ReadonlyArray<TaskId>
  /** Shown before the news of their end came round. */
  readonly ahead: ReadonlyArray<TaskId>
}

const without = (ids: ReadonlyArray<TaskId>, gone: ReadonlyArray<TaskId>) => ids.filter((id) => !gone.includes(id))

const finish = (state: State, id: TaskId): State =>
  state.ahead.includes(id)
    ? { ...state, ahead: without(state.ahead, [id]) }
    : { ...state, finished: [...without(state.finished, [id]), id].slice(-remembered) }

const show = (state: State, ids: ReadonlyArray<TaskId>): State => ({
  finished: without(state.finished, ids),
  ahead: [...without(state.ahead, ids), ...without(ids, state.finished)].slice(-remembered)
})

/** Of one client, from now until its scope closes. */
export const makeUnseen: Effect.Effect<Unseen, never, Pool | Scope.Scope> = Effect.gen(function*() {
  const pool = yield* Pool
  const state = yield* Ref.make<State>({ finished: [], ahead: [] })

  yield* pool.events.pipe(
    Stream.runForEach((event) =>
      event._tag === "Finished" ? Ref.update(state, (_) => finish(_, event.id)) : Effect.void
    ),
    Effect.catchTag("Failure", (failure) => Effect.logWarning("finished tasks are not followed", failure)),
    Effect.forkScoped({ startImmediately: true })
  )

  return {
    first: Effect.map(Ref.get(state), ({ finished }) => finished.slice(0, perReply)),
    show: (ids) => Ref.update(state, (_) => show(_, ids))
  }
})
