/**
 * Which sections are shown, and with how many lines: where there is little room, what matters least gives way, but never
 * the section of the selected row.
 */
import { digits } from "../Count.ts"
import type { Row, Section } from "./Section.ts"

export interface Placed {
  readonly title: string
  readonly rows: ReadonlyArray<Row>
  /** So many are not shown; with them, the section has a line that says so. */
  readonly left: number
}

const wanted = ({ rows, total }: Section): number => 1 + rows.length + (total > rows.length ? 1 : 0)

/** Lines of each section, its title included; 0: it is not shown. */
export const share = (
  sections: ReadonlyArray<Section>,
  room: number,
  selected: Section | null
): ReadonlyArray<number> => {
  const rank = (section: Section): number => section === selected ? 0 : section.givesWay
  const order = sections.map((section, at) => ({ section, at })).filter(({ section }) => section.rows.length > 0)
    .toSorted((one, other) => rank(one.section) - rank(other.section))
  const lines = sections.map(() => 0)
  let free = room
  // First each of them gets its title and a row, then one line after the other is handed out.
  for (const { at } of order) {
    if (free < 2) break
    lines[at] = 2
    free -= 2
  }
  let isGiving = true
  while (free > 0 && isGiving) {
    isGiving = false
    for (const { at, section } of order) {
      if (free === 0 || lines[at] === 0 || lines[at]! >= wanted(section)) continue
      lines[at]! += 1
      free -= 1
      isGiving = true
    }
  }
  return lines
}

/** Of a section, as much as fits in so many lines, with the selected row among it. */
export const place = (section: Section, lines: number, selected: string | null): Placed => {
  const { rows, title, total } = section
  if (lines < 2) return { title, rows: [], left: 0 }
  if (lines >= wanted(section) && total === rows.length) return { title, rows, left: 0 }
  // With one line only, that is the row itself: the title has the total.
  const room = lines === 2 ? 1 : lines - 2
  const at = Math.max(0, rows.findIndex(({ key }) => key === selected))
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room))
  const shown = rows.slice(from, from + room)
  return { title, rows: shown, left: lines === 2 ? 0 : total - shown.length }
}

export const moreText = (left: number): string => `… and ${digits(left)} more`
