/**
 * Which lines a patch changes: one without context, without prefixes, and without renames.
 */
import type { LineRange } from "../../domain/Overlap.ts"
import { unquoted } from "./Names.ts"

/** What is inserted between two lines belongs to both of them. */
const betweenLines = (after: number): LineRange => ({ from: after, to: after + 1 })

/** A file without lines has none. `inserted` says which range stands for what comes after a line. */
export const readRanges = (
  text: string,
  inserted: (after: number) => LineRange = betweenLines
): ReadonlyMap<string, ReadonlyArray<LineRange>> => {
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
    ranges.get(path)?.push(lines === 0 ? inserted(from) : { from, to: from + lines - 1 })
  }
  return ranges
}

const header = "diff --git "

/** Without prefixes and renames, it has the same name twice. */
export const pathOf = (both: string): string => unquoted(both.slice(0, (both.length - 1) / 2))
