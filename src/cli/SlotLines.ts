/**
 * Slots as the rows of a table: who they are, what they do, and what is wrong with them. What none of them has is no column.
 */
import { roughBytes } from "../domain/ByteSize.ts"
import type { SlotView } from "../domain/PoolView.ts"
import { oneLine } from "./Printable.ts"

const why = ({ error, suspicion, until }: SlotView): string =>
  [
    ...(until === undefined ? [] : [`until ${until}`]),
    ...[error, suspicion].filter((text) => text !== undefined)
  ].map(oneLine).join(": ")

const count = (number: number | undefined): string => number === undefined || number === 0 ? "" : String(number)

interface Column {
  readonly name: string
  readonly cell: (slot: SlotView) => string
  /** It is there also where it is empty. */
  readonly always?: true
}

const columns: ReadonlyArray<Column> = [
  { name: "SLOT", cell: ({ slot }) => slot, always: true },
  { name: "ROLE", cell: ({ role = "" }) => oneLine(role) },
  { name: "NAME", cell: ({ name = "" }) => oneLine(name) },
  { name: "STATE", cell: ({ state }) => state, always: true },
  { name: "TASK", cell: ({ task = "" }) => task, always: true },
  { name: "PID", cell: ({ pid }) => pid === undefined ? "" : String(pid), always: true },
  { name: "MEMORY", cell: ({ rss_bytes }) => rss_bytes === undefined ? "" : roughBytes(rss_bytes) },
  { name: "DONE", cell: ({ done }) => count(done) },
  { name: "RESTARTS", cell: ({ restarts }) => count(restarts) },
  { name: "WHY", cell: why }
]

/** What a slot gives tasks that do not say it, and what it is for. */
const settled: ReadonlyArray<Column> = [
  { name: "MODEL", cell: ({ model = "" }) => oneLine(model) },
  { name: "PERMISSIONS", cell: ({ permissions = "" }) => permissions },
  { name: "CWD", cell: ({ cwd = "" }) => oneLine(cwd) },
  { name: "DESCRIPTION", cell: ({ description = "" }) => oneLine(description) }
]

const rows = (
  slots: ReadonlyArray<SlotView>,
  all: ReadonlyArray<Column>
): ReadonlyArray<ReadonlyArray<string>> => {
  const shown = all.filter(({ always, cell }) => always === true || slots.some((slot) => cell(slot) !== ""))
  return [shown.map(({ name }) => name), ...slots.map((slot) => shown.map(({ cell }) => cell(slot)))]
}

/** With a header. */
export const slotRows = (slots: ReadonlyArray<SlotView>) => rows(slots, columns)

/** The same, with what has been set for each. */
export const wholeSlotRows = (slots: ReadonlyArray<SlotView>) => rows(slots, [...columns, ...settled])
