/**
 * Which lines a patch changes: one without context, without prefixes, and without renames.
 */
import type { LineRange } from "../../domain/Overlap.ts"
import { unquoted } from "./Names.ts"

/** Nothing of what was there is changed. */
const nothingAfter = (after: number): LineRange => ({ from: after + 1, to: after })

/** A file without lines has none. */
export const readRanges = (text: string): ReadonlyMap<string, ReadonlyArray<LineRange>> => {
  const ranges = new Map<string, Array<LineRange>>()
  let path = ""
  let left = 0
  for (const line of text.split("\n")) {
    if (left > 0) {
      if (line.startsWith("-") || line.startsWith("+")) left--
      continue
    }
    if (line.startsWith(header)) {
      path = pathOf(line.slice(header.length))
      ranges.set(path, ranges.get(path) ?? [])
      continue
    }
    const [, start, count = "1", added = "1"] = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? []
    if (start === undefined) continue
    const from = Number(start)
    const lines = Number(count)
    left = lines + Number(added)
    ranges.get(path)?.push(lines === 0 ? nothingAfter(from) : { from, to: from + lines - 1 })
  }
  return ranges
}

const header = "diff --git "

/** Without prefixes and renames, it has the same name twice. */
export const pathOf = (both: string): string => unquoted(both.slice(0, (both.length - 1) / 2))
