/**
 * What is heard of a worker, on its way into the store: in batches, so that a worker who says much costs few writes, and
 * beside the work, which waits for none of them.
 */
import { DateTime, Duration, Effect, Fiber, type Scope } from "effect"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { NewTurn, TurnPiece } from "../../domain/Turn.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"

export interface TurnLog {
  readonly hear: (pieces: ReadonlyArray<TurnPiece>) => Effect.Effect<void>
  /** Hears no more, and answers with what is not kept yet: it goes on record with the end of the attempt. */
  readonly close: Effect.Effect<ReadonlyArray<NewTurn>>
}

/** How long a piece waits for others. */
const pause = Duration.millis(500)

/** So many pieces wait at most, however slow the store is. */
const mostWaiting = 500

export const makeTurnLogs = Effect.gen(function*() {
  const store = yield* Store
  const events = yield* Events

  return Effect.fnUntraced(function*(id: TaskId, attempt: number): Effect.fn.Return<TurnLog, never, Scope.Scope> {
    const own = yield* Effect.scope
    let waiting: Array<NewTurn> = []
    let lost = 0
    let writer: Fiber.Fiber<void> | null = null
    let isClosed = false

    const take = Effect.map(DateTime.now, (at): ReadonlyArray<NewTurn> => {
      const missing: ReadonlyArray<NewTurn> = lost === 0 ? [] : [{
        attempt,
        at,
        kind: "notice",
        text: `${lost} pieces are left out: there were more than could be kept`
      }]
      const all = [...waiting, ...missing]
      waiting = []
      lost = 0
      return all
    })

    /** What the store does not take now is offered to it again. */
    const write = Effect.gen(function*() {
      const batch = yield* take
      yield* store.turns.append(id, batch).pipe(
        Effect.flatMap((seq) => events.publish(PoolEvent.cases.Turned.make({ id, seq }))),
        Effect.catch((failure) => {
          waiting = [...batch, ...waiting]
          return Effect.logDebug(`what the worker of ${id} said is not kept yet: ${failure.message}`)
        })
      )
    }).pipe(Effect.uninterruptible)

    const writing = Effect.gen(function*() {
      while (waiting.length > 0) {
        yield* Effect.sleep(pause)
        yield* write
      }
      writer = null
    })

    const hear = Effect.fnUntraced(function*(pieces: ReadonlyArray<TurnPiece>) {
      if (isClosed) return
      const at = yield* DateTime.now
      const room = Math.max(0, mostWaiting - waiting.length)
      for (const piece of pieces.slice(0, room)) waiting.push({ ...piece, attempt, at })
      lost += Math.max(0, pieces.length - room)
      writer ??= yield* Effect.forkIn(writing, own)
    })

    const close = Effect.gen(function*() {
      isClosed = true
      if (writer !== null) yield* Fiber.interrupt(writer)
      return yield* take
    })

    return { hear, close }
  })
})
