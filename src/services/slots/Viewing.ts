/**
 * Slots as people see them, and as whoever watches over them has to know them.
 */
import { DateTime, Effect } from "effect"
import type { SlotView } from "../../domain/PoolView.ts"
import { formatSlotId } from "../../domain/SlotId.ts"
import { isLent, stateNameOf } from "../../domain/SlotState.ts"
import type { WatchedSlot } from "../Slots.ts"
import type { Place } from "./Places.ts"

const stateOf = Effect.fnUntraced(function*(
  { slot, state }: Place
): Effect.fn.Return<Pick<SlotView, "state" | "pid" | "error" | "until">> {
  switch (state._tag) {
    case "Idle":
      return slot === null ? { state: "idle" } : yield* slot.view
    case "Busy":
    case "Draining": {
      const worker = slot === null ? null : yield* slot.running
      return { state: stateNameOf(state), ...(worker === null ? {} : { pid: worker.pid }) }
    }
    case "Resting":
      return { state: "resting", error: state.why, until: DateTime.formatIso(state.until) }
    case "Failed":
      return { state: "failed", error: state.error }
    default:
      return { state: stateNameOf(state) }
  }
})

export const viewPlace = Effect.fnUntraced(function*(place: Place): Effect.fn.Return<SlotView> {
  const { done, id, settings } = place
  return {
    slot: formatSlotId(id),
    ...settings,
    ...(yield* stateOf(place)),
    ...(done === 0 ? {} : { done })
  }
})

export const watchPlace = Effect.fnUntraced(function*(
  { id, slot, state }: Place
): Effect.fn.Return<ReadonlyArray<WatchedSlot>> {
  if (slot === null) return []
  const { home } = slot
  return [{ id, home, renew: slot.renew, isLent: isLent(state), worker: yield* slot.running, spare: yield* slot.spare }]
})
