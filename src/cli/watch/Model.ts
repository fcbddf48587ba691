/**
 * Everything that decides what is on the screen: what the pool was found to be, and where its user is. A value: keys and
 * looks make a new one of it.
 */
import type { TaskId } from "../../domain/TaskId.ts"
import type { FailureView, TaskView } from "../../domain/TaskView.ts"
import type { TurnView } from "../../domain/Turn.ts"
import type { WorkId } from "../../domain/WorkId.ts"
import type { Size } from "../LiveTable.ts"
import type { Dashboard } from "./Dashboard.ts"
import type { Row, Section } from "./Section.ts"
import { slotSection } from "./SlotSection.ts"
import { deniedSection, finishedSection, queueSection, reviewSection } from "./TaskSections.ts"
import { treeSection } from "./TreeSection.ts"

/** What is asked of a pool, and of whoever shows it. */
export type Act =
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Redraw" }
  /** Read what is to be approved or rejected, as it is now. */
  | { readonly _tag: "Examine"; readonly id: TaskId }
  | { readonly _tag: "Cancel"; readonly id: WorkId }
  | { readonly _tag: "Approve"; readonly id: TaskId; readonly hash: string }
  | { readonly _tag: "Reject"; readonly id: TaskId; readonly feedback: string }
  | { readonly _tag: "Scale"; readonly by: 1 | -1 }
  | { readonly _tag: "Drain" }
  | { readonly _tag: "Resume" }

/** What the user is at. */
export type Mode =
  | { readonly _tag: "Board" }
  | { readonly _tag: "Help" }
  /** `top`: the first line that is shown; null: the last ones are, as they come. */
  | { readonly _tag: "Open"; readonly id: WorkId; readonly top: number | null }
  /** A question that `y` answers. */
  | { readonly _tag: "Ask"; readonly question: string; readonly act: Act; readonly back: Mode }
  /**
   * What is to be judged, with the beginning of its text, once that has been read: keys that are pressed before are meant
   * for it already. `draft` is what is written so far, where it is rejected.
   */
  | {
    readonly _tag: "Judge"
    readonly id: TaskId
    readonly shown: { readonly task: TaskView; readonly text: string } | null
    readonly draft: Draft | null
    readonly back: Mode
  }

/** A line that is being written: `at` counts characters. */
export interface Draft {
  readonly text: string
  readonly at: number
}

export interface Notice {
  readonly tone: "good" | "bad" | "plain"
  readonly text: string
}

/** What is known of the work that is open. */
export interface Opened {
  readonly id: WorkId
  readonly task: TaskView | null
  readonly turns: ReadonlyArray<TurnView>
  /** Turns up to this number have been read. */
  readonly seq: number
  /** Whether there are more of them already. */
  readonly more: boolean
  /** How the answer begins, where no turns are kept. */
  readonly text: string
}

export interface Model {
  readonly size: Size
  readonly dashboard: Dashboard | null
  /** Why the pool cannot be asked just now. */
  readonly lost: FailureView | null
  /** The key of a row, and where it stood: its work is followed, and where that goes, what stands there then is selected. */
  readonly selected: { readonly key: string; readonly at: number } | null
  readonly mode: Mode
  readonly notice: Notice | null
  readonly opened: Opened | null
  /** How many acts have not come back yet. */
  readonly pending: number
  readonly isPasting: boolean
}

export const board: Mode = { _tag: "Board" }

export const initialModel = (size: Size): Model => ({
  size,
  dashboard: null,
  lost: null,
  selected: null,
  mode: board,
  notice: null,
  opened: null,
  pending: 0,
  isPasting: false
})

const sectionsFor = (dashboard: Dashboard, width: number): ReadonlyArray<Section> => [
  slotSection(dashboard.status, width),
  reviewSection(dashboard, width),
  deniedSection(dashboard, width),
  queueSection(dashboard, width),
  treeSection(dashboard, width),
  finishedSection(dashboard, width)
]

/** Those of a look are made once: every key and every frame asks for them. */
const made = new WeakMap<Dashboard, { readonly width: number; readonly sections: ReadonlyArray<Section> }>()

/** From the top of the screen to its end; one column stays free, for a full line makes some terminals wrap. */
export const sectionsOf = ({ dashboard, size }: Pick<Model, "dashboard" | "size">): ReadonlyArray<Section> => {
  if (dashboard === null) return []
  const width = size.columns - 1
  const known = made.get(dashboard)
  if (known?.width === width) return known.sections
  const sections = sectionsFor(dashboard, width)
  made.set(dashboard, { width, sections })
  return sections
}

/** The work that a row was selected for; undefined: it was selected for itself, as a slot is. */
const workIn = (key: string): string | undefined => / ([tgc]_\w+)/.exec(key)?.[1]

/** The row that is selected: the one it was, else another one of the same work, else what stands in its place. */
export const selectedIn = (rows: ReadonlyArray<Row>, selected: Model["selected"]): number => {
  if (rows.length === 0) return -1
  if (selected === null) return 0
  const same = rows.findIndex(({ key }) => key === selected.key)
  if (same !== -1) return same
  const work = workIn(selected.key)
  const moved = work === undefined ? -1 : rows.findIndex(({ id }) => id === work)
  return moved === -1 ? Math.min(selected.at, rows.length - 1) : moved
}

export const rowsOf = (model: Pick<Model, "dashboard" | "size">): ReadonlyArray<Row> =>
  sectionsOf(model).flatMap(({ rows }) => rows)

/** The same, with what a look has found. */
export const looked = (model: Model, dashboard: Dashboard): Model => {
  const rows = rowsOf({ ...model, dashboard })
  const at = selectedIn(rows, model.selected)
  const row = rows[at]
  if (row === undefined) return { ...model, dashboard, lost: null, selected: null }
  const before = model.selected?.key ?? ""
  // Work that moved on is followed from where it is now: not the slot that it runs on, which will have other work.
  const key = workIn(before) !== undefined && workIn(before) === row.id ? before : row.key
  return { ...model, dashboard, lost: null, selected: { key, at } }
}
