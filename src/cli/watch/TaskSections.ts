/**
 * The lists of tasks in the dashboard: those that wait for a review, the queue with the reason why each one waits, what
 * workers were not allowed to do, and what has ended lately.
 */
import { DateTime, Option } from "effect"
import { explainTask } from "../../domain/Explain.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { digits } from "../Count.ts"
import { diffText } from "../EvidenceLines.ts"
import { waitText } from "../HoldLines.ts"
import { about, cost, seconds, stateOf } from "../TaskLines.ts"
import { type Column, columnLines } from "./Columns.ts"
import type { Dashboard, Denied } from "./Dashboard.ts"
import { margin, type Section, type Tone } from "./Section.ts"
import { workIdOf } from "./SlotSection.ts"
import { tidy } from "./Tidy.ts"

interface List<A> {
  readonly name: string
  readonly columns: ReadonlyArray<Column<A>>
  readonly rows: ReadonlyArray<A>
  readonly total: number
  readonly givesWay: number
  readonly key: (row: A) => string
  readonly id: (row: A) => string
  readonly tone: (row: A) => Tone
  readonly detail: (row: A) => string
}

/** The name of the list stands over its first column, with how many there are. */
const sectionOf = <A>(list: List<A>, width: number): Section => {
  const [first, ...rest] = list.columns
  const named = { ...first!, name: `${list.name} ${digits(list.total)}` }
  const { header, lines } = columnLines([named, ...rest], list.rows, width - margin)
  return {
    title: header,
    total: list.total,
    givesWay: list.givesWay,
    rows: list.rows.map((row, index) => ({
      key: list.key(row),
      id: workIdOf(list.id(row)),
      line: lines[index]!,
      tone: list.tone(row),
      detail: tidy(list.detail(row))
    }))
  }
}

/** Why it stands where it stands, and what would change that. */
const explained = (task: TaskView, { at, status }: Dashboard): string =>
  Option.match(DateTime.make(at), {
    onNone: () => "",
    onSome: (now) => {
      const { because, change } = explainTask(task, [], { now: DateTime.toUtc(now), status })
      return change === undefined ? because : `${because} To change that: ${change}`
    }
  })

const parts = (...all: ReadonlyArray<string | undefined>): string =>
  all.filter((part) => part !== undefined && part !== "").join(" · ")

const nameOf = ({ index, name, part_of, step }: TaskView): string =>
  name ?? (part_of === undefined ? "" : parts(step, index === undefined ? undefined : `item ${index}`, part_of))

export const reviewSection = ({ reviews }: Dashboard, width: number): Section =>
  sectionOf({
    name: "REVIEW",
    columns: [
      { name: "", cell: ({ id }) => id },
      { name: "NAME", cell: nameOf, givesWay: 2, most: 18 },
      {
        name: "REJECTED",
        cell: ({ review }) => `${review?.rejections ?? 0} of ${review?.max_rejections ?? 0}`,
        givesWay: 4
      },
      { name: "COST", cell: cost, givesWay: 3 },
      { name: "CHANGED", cell: ({ diff }) => diff === undefined ? "" : diffText(diff), givesWay: 1 },
      { name: "RESULT", cell: ({ summary = "" }) => summary }
    ],
    rows: reviews.tasks,
    total: reviews.total,
    givesWay: 2,
    key: ({ id }) => `review ${id}`,
    id: ({ id }) => id,
    tone: () => "warn",
    detail: (task) =>
      parts(
        nameOf(task),
        task.review?.criteria === undefined ? undefined : `criteria: ${task.review.criteria}`,
        "a approves it, r rejects it; both show it first"
      )
  }, width)

/** How long it still is, which is read faster than a time. */
const whenOf = ({ not_before = "" }: TaskView, at: string): string => {
  const left = Option.zipWith(
    DateTime.make(at),
    DateTime.make(not_before),
    (now, then) => Math.ceil((DateTime.toEpochMillis(then) - DateTime.toEpochMillis(now)) / 1000)
  )
  return Option.match(left, {
    onNone: () => "",
    onSome: (amount) => amount > 0 ? `in ${seconds(amount)} at the earliest` : ""
  })
}

/** A reader beside a pool that cannot be asked does not know it. */
const whyOf = ({ waits_for }: TaskView): string =>
  waits_for === undefined ? "only the pool knows that runs it" : `${waits_for}: ${waitText(waits_for)}`

export const queueSection = (dashboard: Dashboard, width: number): Section => {
  const { at, queue } = dashboard
  return sectionOf({
    name: "QUEUE",
    columns: [
      { name: "", cell: ({ id }) => id },
      { name: "NAME", cell: nameOf, givesWay: 2, most: 18 },
      { name: "ROLE", cell: ({ role = "" }) => role, givesWay: 3, most: 12 },
      { name: "FOR", cell: ({ s }) => seconds(Math.floor(s)), givesWay: 1 },
      { name: "WAITS", cell: (task) => [whyOf(task), whenOf(task, at)].filter((part) => part !== "").join(", ") }
    ],
    rows: queue.tasks,
    total: queue.total,
    givesWay: 3,
    key: ({ id }) => `queue ${id}`,
    id: ({ id }) => id,
    tone: () => "plain",
    detail: (task) => parts(nameOf(task), explained(task, dashboard))
  }, width)
}

export const deniedSection = ({ denied }: Dashboard, width: number): Section =>
  sectionOf<Denied>({
    name: "NOT ALLOWED",
    columns: [
      { name: "", cell: ({ task }) => task },
      { name: "NAME", cell: ({ name = "" }) => name, givesWay: 1, most: 18 },
      { name: "TOOL", cell: ({ times, tool }) => times === 1 ? tool : `${tool} × ${digits(times)}`, most: 30 },
      { name: "WANTED", cell: ({ input }) => input, givesWay: 2 }
    ],
    rows: denied,
    total: denied.length,
    givesWay: 5,
    key: ({ task, tool }) => `denied ${task} ${tool}`,
    id: ({ task }) => task,
    tone: () => "warn",
    detail: ({ input, tool }) =>
      `${tool} was not allowed: ${input} · --permissions or --allowed-tool allow more, at the next run`
  }, width)

const endTone = ({ state, verification }: TaskView): Tone => {
  if (state === "failed" || verification === "contradicted") return "bad"
  return state === "done" ? "good" : "faint"
}

export const finishedSection = (dashboard: Dashboard, width: number): Section =>
  sectionOf({
    name: "LAST",
    columns: [
      { name: "", cell: ({ id }) => id },
      { name: "STATE", cell: stateOf },
      { name: "TIME", cell: ({ s }) => seconds(s), givesWay: 2 },
      { name: "COST", cell: cost, givesWay: 1 },
      { name: "ABOUT", cell: about }
    ],
    rows: dashboard.finished,
    total: dashboard.finished.length,
    givesWay: 6,
    key: ({ id }) => `ended ${id}`,
    id: ({ id }) => id,
    tone: endTone,
    detail: (task) => task.error === undefined ? about(task) : parts(task.name, explained(task, dashboard))
  }, width)
