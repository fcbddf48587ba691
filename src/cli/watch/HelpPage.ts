/**
 * The keys of the dashboard, and what its marks mean.
 */
import type { PageLine } from "./OpenedPage.ts"

const keys: ReadonlyArray<readonly [key: string, meaning: string]> = [
  ["↑ ↓, k j", "move from row to row; PgUp PgDn, Home End go further"],
  ["Enter, o", "open what its worker says and does; Esc goes back"],
  ["f", "in an open task: follow it again; PgUp PgDn read in it"],
  ["c", "cancel the selected task, group or chain"],
  ["a", "approve a result: shows it and its hash first"],
  ["r", "reject a result: shows it, and asks for feedback"],
  ["+ -", "one slot more, or one less"],
  ["d, u", "drain the pool; take work in again"],
  ["Ctrl-L", "draw the screen anew"],
  ["q, Ctrl-C", "quit; the pool goes on"],
  ["", ""],
  ["marks", "✓ done  ▶ at work  · waits  ? in review  ✗ failed  – skipped"],
  ["budget", "█ spent  ▒ reserved  ░ left"]
]

export const helpLines: ReadonlyArray<PageLine> = [
  { text: "Keys", tone: "strong" },
  ...keys.map(([key, meaning]): PageLine => ({ text: `  ${key.padEnd(10)}  ${meaning}`.trimEnd(), tone: "plain" }))
]

/** It is seen on every screen, however little of the rest is. */
export const helpFoot: PageLine = { text: "Any key goes back.", tone: "faint" }
