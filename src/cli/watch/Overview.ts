/**
 * The dashboard as a text: once, all that was looked at, without anything that moves.
 */
import type { Dashboard } from "./Dashboard.ts"
import { headerLines } from "./Header.ts"
import { moreText } from "./Layout.ts"
import { sectionsOf } from "./Model.ts"

/** Lines that a person may still want to read at once, of each section. */
const most = 20

/** A file or a pipe takes lines of any length, but not of every one. */
const widest = 200

export const overview = (dashboard: Dashboard, width: number): string => {
  const columns = Math.min(width, widest) + 1
  const header = headerLines(dashboard, null, { columns: columns - 1, lines: Infinity }).map(({ text }) => text)
  const sections = sectionsOf({ dashboard, size: { columns, lines: Infinity } }).filter(({ rows }) => rows.length > 0)
    .flatMap(({ rows, title, total }) => {
      const shown = rows.slice(0, most)
      const left = total - shown.length
      return ["", title].concat(shown.map(({ line }) => line), left > 0 ? [moreText(left)] : [])
    })
  return [...header, ...(sections.length === 0 ? ["", "nothing runs, and nothing waits"] : sections)].join("\n")
}
