/**
 * What keeps tasks from being started, in words: the cause, and the way out. These lines are never cut.
 */
import { holdCauses, type HoldView } from "../domain/Hold.ts"
import type { WaitsFor } from "../domain/TaskView.ts"
import { oneLine } from "./Printable.ts"

const ends = ({ probing, until }: HoldView): string => {
  if (probing === true) return "; a task is trying just now whether it is over"
  return until === undefined ? "" : `; tried again at ${until}`
}

/** Two lines for each: what it is, and what to do. */
export const holdLines = (holds: ReadonlyArray<HoldView> | undefined): ReadonlyArray<string> =>
  (holds ?? []).flatMap((hold) => [
    `nothing is started: ${holdCauses[hold.cause]} (${oneLine(hold.detail)}), since ${hold.since}${ends(hold)}`,
    `  ${oneLine(hold.hint)}`
  ])

const waits: { readonly [W in WaitsFor]: string } = {
  ...holdCauses,
  slot: "all slots that may take it are busy",
  role: "no slot has its role: `--slot-profiles` or `claude-pool slots set` give it to one",
  group: "as many items of its group run as may",
  budget: "others have reserved the money that it needs",
  retry: "it has failed, and is tried again after a pause",
  pool: "no pool runs: `claude-pool wait` starts one"
}

/** The reason alone, for where there is little room. */
export const waitText = (cause: WaitsFor): string => waits[cause]

/** Why a queued task has not been started. */
export const whyWaiting = (cause: WaitsFor): string =>
  `waits: ${waits[cause]}${cause in holdCauses ? "; `claude-pool status` says more" : ""}`
