/**
 * Events that tell of nothing else that is kept: they go on record, and to whoever listens.
 */
import { Effect } from "effect"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Events } from "../Events.ts"
import type { Store } from "../Store.ts"

/** Where the record takes nothing, they are still told. */
export const tellOnRecord = Effect.fnUntraced(
  function*(store: Store["Service"], events: Events["Service"], event: PoolEvent): Effect.fn.Return<void> {
    yield* Effect.catch(store.log(event), (failure) => Effect.logDebug(`${event._tag} is not on record`, failure))
    yield* events.publish(event)
  }
)
