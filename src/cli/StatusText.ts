/**
 * The state of a pool as text: where it is, what it may spend, what it is doing.
 */
import { roughBytes } from "../domain/ByteSize.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import { overlapText } from "../domain/Overlap.ts"
import type { PoolStatus } from "../domain/PoolView.ts"
import { holdLines } from "./HoldLines.ts"
import { oneLine } from "./Printable.ts"
import { slotRows } from "./SlotLines.ts"
import { fit, table } from "./Table.ts"
import { cost, doing, seconds } from "./TaskLines.ts"

const usd = (amount: number): string => formatUsd(fromUsd(amount))

const whereabouts: { readonly [W in PoolStatus["pool"]]: string } = {
  here: "runs in this process",
  elsewhere: "runs in another process",
  none: "none runs; `claude-pool wait` or `claude-pool mcp` starts one"
}

/** How surely what workers start ends with a pool that is killed. */
const containments: { readonly [level: string]: string } = {
  "pid-namespace": "pid-namespace: nothing outlives the pool",
  "reaper": "reaper: what carries a mark ends with the pool",
  "marker-sweep": "marker-sweep: what a killed pool leaves ends at the next start"
}

const budgetText = ({ cap_usd, exact, reserved_usd, spent_usd }: PoolStatus["budget"]): string =>
  `${exact === false ? "≥" : ""}${usd(spent_usd)} spent, ${usd(reserved_usd)} reserved, ${
    cap_usd === undefined ? "no cap" : `cap ${usd(cap_usd)}`
  }`

/** So many overlaps are shown, and of more the number. */
const mostOverlaps = 10

const overlapLines = (overlaps: PoolStatus["overlaps"] = []): ReadonlyArray<string> => {
  const more = overlaps.length - mostOverlaps
  return [
    ...overlaps.slice(0, mostOverlaps).map((one) => oneLine(overlapText(one))),
    ...(more > 0 ? [`and ${more} more: \`claude-pool status --json\` has all of them`] : [])
  ]
}

export const statusText = (status: PoolStatus, width: number): string => {
  const counts = Object.entries(status.tasks).filter(([, count]) => count > 0).map(([state, count]) =>
    `${count} ${state}`
  )
  const { containment, free_memory_bytes, restarts } = status
  const facts = table([
    ["store", status.store],
    ["pool", whereabouts[status.pool]],
    ["budget", budgetText(status.budget)],
    ["tasks", counts.length === 0 ? "none" : counts.join(", ")],
    ...(containment === undefined ? [] : [["containment", containments[containment] ?? containment]]),
    ...(restarts === undefined || restarts.total === 0
      ? []
      : [["restarts", `${restarts.total} of slots, ${restarts.recent} in the last minute`]]),
    ...(free_memory_bytes === undefined ? [] : [["free memory", roughBytes(free_memory_bytes)]])
  ], width)
  const running = status.running.map((task) => [task.id, seconds(task.s), cost(task), doing(task), task.name ?? ""])
  const overlaps = overlapLines(status.overlaps)
  const section = (rows: ReadonlyArray<ReadonlyArray<string>>) => rows.length < 2 ? [] : ["", ...table(rows, width)]
  const rest = [
    ...facts,
    ...section(slotRows(status.slots)),
    // What a killed pool has left stands there as running until the next one takes it up.
    ...section([[status.pool === "none" ? "CUT OFF" : "RUNNING", "TIME", "COST", "PHASE", "NAME"], ...running]),
    ...(overlaps.length === 0 ? [] : ["", "OVERLAPS", ...overlaps])
  ].map((line) => fit(line, width))
  const held = holdLines(status.holds)
  return (held.length === 0 ? rest : [...held, "", ...rest]).join("\n")
}
