/**
 * What a live table shows of a chain: each of its steps, or as many as there is room for, the last of those that have
 * ended and those that have not.
 */
import { Effect } from "effect"
import type { ChainId } from "../domain/ChainId.ts"
import type { ChainView } from "../domain/ChainView.ts"
import { Pool } from "../services/Pool.ts"
import { chainLine, isOver, stepHeader, stepRow } from "./ChainLines.ts"
import { digits } from "./Count.ts"
import type { LiveView, Size } from "./LiveTable.ts"
import { table } from "./Table.ts"

export const chainFrame = (chain: ChainView, { columns, lines }: Size): ReadonlyArray<string> => {
  const { steps } = chain
  const rows = table([stepHeader, ...steps.map(stepRow)], columns)
  if (rows.length < lines) return [chainLine(chain), ...rows]
  // The title, the header, and a line for those that are left out.
  const room = Math.max(1, lines - 3)
  const open = steps.findIndex((step) => !isOver(step))
  const from = Math.min(open === -1 ? steps.length : Math.max(0, open - 1), steps.length - room)
  return [
    chainLine(chain),
    rows[0]!,
    ...rows.slice(1 + from, 1 + from + room),
    `… ${digits(steps.length - room)} more`
  ]
}

export const liveChain = (id: ChainId): LiveView => (size) =>
  Effect.flatMap(Pool, (pool) => Effect.map(pool.chain(id), (chain) => chainFrame(chain, size)))
