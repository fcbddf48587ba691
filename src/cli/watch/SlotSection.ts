/**
 * The slots of the dashboard: who they are, what their workers do just now, and what is suspicious about it. Where no pool
 * runs, or none that can be asked, there are no slots, and what stands in the store as running is shown instead.
 */
import { Option, Schema } from "effect"
import type { PoolStatus, SlotView } from "../../domain/PoolView.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { WorkId } from "../../domain/WorkId.ts"
import { digits } from "../Count.ts"
import { cost, doing, seconds } from "../TaskLines.ts"
import { type Column, columnLines } from "./Columns.ts"
import { margin, type Row, type Section, type Tone } from "./Section.ts"
import { tidy } from "./Tidy.ts"

const readId = Schema.decodeUnknownOption(WorkId)

export const workIdOf = (id: string | undefined): WorkId | null => Option.getOrNull(readId(id))

interface Place {
  readonly slot: SlotView | null
  readonly task: TaskView | null
}

/** `12.3k` */
export const roughly = (count: number): string => {
  if (count < 1000) return String(count)
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

const troubleOf = ({ slot }: Place): string =>
  slot === null
    ? ""
    : [slot.suspicion, slot.error, slot.until === undefined ? undefined : `until ${slot.until}`]
      .filter((part) => part !== undefined).join("; ")

/** A busy one is told by what it does. */
const stateText = ({ slot, task }: Place): string =>
  slot === null || (slot.state === "busy" && task?.progress !== undefined) ? "" : slot.state

const doingOf = (place: Place): string => {
  const trouble = troubleOf(place)
  const now = place.task === null ? "" : doing(place.task)
  return [trouble === "" ? "" : `! ${trouble}`, stateText(place), now, place.task?.name ?? ""]
    .filter((part) => part !== "").join(" · ")
}

const known = (count: number | undefined, text: (count: number) => string): string =>
  count === undefined || count === 0 ? "" : text(count)

const columns: ReadonlyArray<Column<Place>> = [
  { name: "SLOT", cell: ({ slot, task }) => slot?.slot ?? task?.slot ?? "" },
  {
    name: "WHO",
    cell: ({ slot }) => [slot?.role, slot?.name].filter((part) => part !== undefined).join("/"),
    givesWay: 3,
    most: 14
  },
  { name: "TASK", cell: ({ slot, task }) => task?.id ?? slot?.task ?? "", givesWay: 2 },
  {
    name: "EVENT",
    cell: ({ task }) => task?.progress === undefined ? "" : seconds(Math.floor(task.progress.last_event_s)),
    givesWay: 1
  },
  { name: "TURNS", cell: ({ task }) => known(task?.progress?.turns, digits), givesWay: 6 },
  { name: "TOKENS", cell: ({ task }) => known(task?.progress?.output_tokens, roughly), givesWay: 5 },
  { name: "COST", cell: ({ task }) => task === null ? "" : costOf(task), givesWay: 1 },
  { name: "DOING", cell: doingOf }
]

/** With what this attempt is known to have cost so far. */
export const costOf = (task: TaskView): string =>
  cost({ ...task, cost_usd: task.cost_usd + (task.state === "running" ? task.progress?.cost_usd ?? 0 : 0) })

const toneOf = ({ slot, task }: Place): Tone => {
  if (slot?.state === "failed" || slot?.state === "resting") return "bad"
  if (slot?.suspicion !== undefined) return "warn"
  return task === null ? "faint" : "plain"
}

const detailOf = (place: Place): string => {
  const { slot, task } = place
  const said = task?.progress?.said
  return tidy(
    [
      [slot?.slot ?? "", task?.name ?? ""].filter((part) => part !== "").join(": "),
      troubleOf(place),
      task === null ? "" : `${task.id}, handed in ${seconds(task.s)} ago, attempt ${Math.max(1, task.attempts)}`,
      said === undefined ? "" : `said: ${said}`
    ].filter((part) => part !== "").join(" · ")
  )
}

export const slotSection = ({ pool, running, slots }: PoolStatus, width: number): Section => {
  const seated = slots.map((slot): Place => ({ slot, task: running.find(({ id }) => id === slot.task) ?? null }))
  const others = running.filter(({ id }) => !slots.some((slot) => slot.task === id))
  const places = [...seated, ...others.map((task): Place => ({ slot: null, task }))]
  const name = slots.length > 0 || places.length === 0 ? "SLOT" : pool === "none" ? "CUT OFF" : "RUNNING"
  const [first, ...rest] = columns
  const { header, lines } = columnLines([{ ...first!, name }, ...rest], places, width - margin)
  return {
    title: header,
    total: places.length,
    givesWay: 1,
    rows: places.map((place, index): Row => ({
      key: `slot ${place.slot?.slot ?? place.task?.id}`,
      id: workIdOf(place.task?.id ?? place.slot?.task),
      line: lines[index]!,
      tone: toneOf(place),
      detail: detailOf(place)
    }))
  }
}
