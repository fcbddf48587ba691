/**
 * A part of the dashboard: a title, and rows that can be moved to.
 */
import type { WorkId } from "../../domain/WorkId.ts"
import type { Palette } from "../Styles.ts"

export type Tone = keyof Palette | "plain"

export interface Row {
  /** Names it within the dashboard, from one look to the next. */
  readonly key: string
  /** The work that it is about. */
  readonly id: WorkId | null
  readonly line: string
  readonly tone: Tone
  /** What there is to say of it that no line has room for. */
  readonly detail: string
}

export interface Section {
  readonly title: string
  readonly rows: ReadonlyArray<Row>
  /** How many there are in all; of more than there are rows, the number is shown. */
  readonly total: number
  /** The highest one gives way first, where there is little room. */
  readonly givesWay: number
}

/** Where the marker of the selected row stands. */
export const margin = 2
