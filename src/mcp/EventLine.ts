/**
 * What happens in the pool, in a line of our own words, for a client's log. What only those care about who wait for it is
 * none.
 */
import { formatOverlap } from "../domain/Overlap.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import { formatSlotId } from "../domain/SlotId.ts"

export interface EventLine {
  readonly level: "debug" | "info" | "warning"
  readonly text: string
}

const line = (level: EventLine["level"], text: string): EventLine => ({ level, text })

const ended = (id: string, state: "Done" | "Failed" | "Cancelled"): EventLine =>
  line(state === "Failed" ? "warning" : "info", `${id} ${state.toLowerCase()}`)

export const eventLine = (event: PoolEvent): EventLine | null => {
  switch (event._tag) {
    case "Submitted":
    case "GroupSubmitted":
    case "ChainSubmitted":
      return line("debug", `${event.id} queued`)
    case "Started":
      return line("debug", `${event.id} running on ${formatSlotId(event.slot)}`)
    case "Requeued":
      return line("info", `${event.id} waits to be tried again`)
    case "Presented":
      return line("info", `${event.id} waits for its review`)
    case "Finished":
    case "GroupFinished":
    case "ChainFinished":
      return ended(event.id, event.state)
    case "Overlapped":
      return line("warning", formatOverlap(event, event.first, event.second))
    case "Merged":
      return line("info", `${event.id} landed ${event.landed.length} branches, and left ${event.left.length}`)
    case "Held":
      return line("warning", `nothing is started (${event.cause})`)
    case "Lifted":
      return line("info", `tasks are started again (${event.cause})`)
    case "Pruned":
      return line("info", "old finished work has been thrown away")
    case "Lost":
      return line("warning", "the process that has the pool has gone")
    case "Found":
      return line("info", "the pool is heard of again")
    default:
      return null
  }
}
