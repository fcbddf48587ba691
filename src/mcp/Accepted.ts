/**
 * Work that a call hands in and then waits for, within bounds. A call that is taken back takes its work with it; work
 * whose client has gone is kept for the next one.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { WaitReply } from "../domain/PoolView.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import type { Call } from "./Call.ts"
import { softDeadline } from "./Deadline.ts"
import { withHeartbeat } from "./Heartbeat.ts"
import { waitUnlessHeld } from "./Held.ts"

/** `accept` hands it in; the reply says what the wait came to. */
export const acceptAndWait = <Id extends WorkId>(
  accept: Effect.Effect<Id, Failure>,
  call: Call,
  waitSeconds: number | undefined
): Effect.Effect<readonly [Id, WaitReply], Failure, Pool> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    // Once accepted, it is known here before anything can interrupt: else it could not be cancelled.
    return yield* Effect.uninterruptibleMask(Effect.fnUntraced(function*(restore) {
      const id = yield* accept
      // Its end is on record then: whoever took the call back is not told of it as of something new.
      const cancel = Effect.andThen(pool.cancel([id], "its call was cancelled"), call.unseen.show([id])).pipe(
        Effect.tapError((failure) => Effect.logError(`${id} could not be cancelled`, failure)),
        Effect.ignore,
        Effect.when(call.isTakenBack)
      )
      const reply = yield* waitUnlessHeld(call.held, {
        ids: [id],
        mode: "all",
        timeout: softDeadline(waitSeconds, call)
      }).pipe(
        withHeartbeat(call, [id], `${id} accepted`),
        restore,
        Effect.onInterrupt(() => cancel)
      )
      return [id, reply] as const
    }))
  })
