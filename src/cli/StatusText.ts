/**
 * The state of a pool as text: where it is, what it may spend, what it is doing.
 */
import { formatUsd, fromUsd } from "../domain/MicroUsd.ts"
import type { PoolStatus } from "../domain/PoolView.ts"
import { oneLine } from "./Printable.ts"
import { fit, table } from "./Table.ts"
import { cost, doing, seconds } from "./TaskLines.ts"

const usd = (amount: number): string => formatUsd(fromUsd(amount))

const whereabouts: { readonly [W in PoolStatus["pool"]]: string } = {
  here: "runs in this process",
  elsewhere: "runs in another process",
  none: "none runs; `claude-pool wait` or `claude-pool mcp` starts one"
}

const budgetText = ({ cap_usd, exact, reserved_usd, spent_usd }: PoolStatus["budget"]): string =>
  `${exact === false ? "≥" : ""}${usd(spent_usd)} spent, ${usd(reserved_usd)} reserved, ${
    cap_usd === undefined ? "no cap" : `cap ${usd(cap_usd)}`
  }`

export const statusText = (status: PoolStatus, width: number): string => {
  const counts = Object.entries(status.tasks).filter(([, count]) => count > 0).map(([state, count]) =>
    `${count} ${state}`
  )
  const facts = table([
    ["store", status.store],
    ["pool", whereabouts[status.pool]],
    ["budget", budgetText(status.budget)],
    ["tasks", counts.length === 0 ? "none" : counts.join(", ")],
    ...(status.containment === undefined ? [] : [["containment", status.containment]])
  ], width)
  const hasRoles = status.slots.some(({ role }) => role !== undefined)
  const slots = status.slots.map(({ error, pid, role, slot, state, task }) => [
    slot,
    ...(hasRoles ? [oneLine(role ?? "")] : []),
    state,
    task ?? "",
    pid === undefined ? "" : String(pid),
    oneLine(error ?? "")
  ])
  const running = status.running.map((task) => [task.id, seconds(task.s), cost(task), doing(task), task.name ?? ""])
  const section = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
    rows.length === 0 ? [] : ["", ...table([header, ...rows], width)]
  return [
    ...facts,
    ...section(["SLOT", ...(hasRoles ? ["ROLE"] : []), "STATE", "TASK", "PID", "ERROR"], slots),
    ...section(["RUNNING", "TIME", "COST", "PHASE", "NAME"], running)
  ].map((line) => fit(line, width)).join("\n")
}
