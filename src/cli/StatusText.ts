/**
 * The state of a pool as text: where it is, what it may spend, what it is doing.
 */
import { roughBytes } from "../domain/ByteSize.ts"
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import { overlapText } from "../domain/Overlap.ts"
import type { PoolStatus } from "../domain/PoolView.ts"
import { digits } from "./Count.ts"
import { holdLines } from "./HoldLines.ts"
import { oneLine } from "./Printable.ts"
import { slotRows } from "./SlotLines.ts"
import { fit, table } from "./Table.ts"
import { cost, doing, seconds } from "./TaskLines.ts"

export const usd = (amount: number): string => formatUsd(fromUsd(amount))

const homes: { readonly [W in PoolStatus["pool"]]: string } = {
  here: "runs in this process",
  elsewhere: "runs in another process",
  none: "none runs; `claude-pool wait` starts one"
}

export const whereabouts = ({ host, pool }: PoolStatus): string =>
  host === undefined ? homes[pool] : `runs in process ${host.pid} since ${host.since}`

/** How surely what workers start ends with a pool that is killed. */
const containments: { readonly [level: string]: string } = {
  "pid-namespace": "pid-namespace: nothing outlives the pool",
  "reaper": "reaper: what carries a mark ends with the pool",
  "marker-sweep": "marker-sweep: what a killed pool leaves ends at the next start"
}

export const budgetText = ({ cap_usd, exact, reserved_usd, spent_usd }: PoolStatus["budget"]): string =>
  `${exact === false ? "≥" : ""}${usd(spent_usd)} spent, ${usd(reserved_usd)} reserved, ${
    cap_usd === undefined ? "no cap" : `cap ${usd(cap_usd)}`
  }`

/** `3 running, 97 queued` */
export const countsText = (tasks: PoolStatus["tasks"]): string => {
  const counts = Object.entries(tasks).filter(([, count]) => count > 0).map(([state, count]) =>
    `${digits(count)} ${state}`
  )
  return counts.length === 0 ? "none" : counts.join(", ")
}

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
  const { containment, free_memory_bytes, restarts } = status
  const facts = table([
    ["store", status.store],
    ["pool", whereabouts(status)],
    ["budget", budgetText(status.budget)],
    ["tasks", countsText(status.tasks)],
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
