/**
 * Lists, tables and bare lines that may each be a piece of work.
 */
import type { Line } from "./Layout.ts"
import type { Span } from "./Span.ts"

export interface Block extends Span {
  readonly form: "list" | "table" | "lines" | "sections"
  /** Whole, with their marks. */
  readonly items: ReadonlyArray<Span>
  readonly isNumbered: boolean
}

/** The lines that a list goes on for, from its first item. */
const listAt = (
  lines: ReadonlyArray<Line>,
  first: number,
  text: string
): { readonly block: Block; readonly next: number } => {
  const { indent } = lines[first]!
  const items: Array<{ from: number; to: number }> = []
  let at = first
  for (; at < lines.length; at++) {
    const line = lines[at]!
    if (line.kind === "item" && line.indent <= indent + 1) items.push({ from: line.from, to: line.to })
    else if (line.kind === "blank") {
      const after = lines.slice(at, at + 3).find(({ kind }) => kind !== "blank")
      if (after === undefined || (after.kind !== "item" && after.indent < indent + 2)) break
    } else if (line.kind === "item" || line.kind === "code" || line.indent >= indent + 2) items.at(-1)!.to = line.to
    else break
  }
  const block: Block = {
    form: "list",
    from: items[0]!.from,
    to: items.at(-1)!.to,
    items,
    isNumbered: /^\s*\(?(?:\d|[a-h][.)]|[①-⑳])/u.test(text.slice(items[0]!.from, items[0]!.to))
  }
  return { block, next: Math.max(at, first + 1) }
}

const runOf = (lines: ReadonlyArray<Line>, first: number, kind: Line["kind"]): ReadonlyArray<Line> => {
  let end = first
  while (lines[end]?.kind === kind) end += 1
  return lines.slice(first, end)
}

const tableAt = (run: ReadonlyArray<Line>, text: string): Block | null => {
  const isRule = (line: Line | undefined) => line !== undefined && /^[\s|:-]+$/u.test(text.slice(line.from, line.to))
  if (!isRule(run[1]) || run.length < 4) return null
  const items = run.slice(2)
  return { form: "table", from: run[0]!.from, to: run.at(-1)!.to, items, isNumbered: false }
}

/** Longer lines than that are prose. */
const bareLine = 160

/** Lines below one that ends in a colon. */
const bareAt = (lines: ReadonlyArray<Line>, first: number, text: string): Block | null => {
  let before = first - 1
  if (lines[before]?.kind === "blank") before -= 1
  const intro = lines[before]
  if (intro?.kind !== "text" || !/[:：]\s*$/u.test(text.slice(intro.from, intro.to))) return null
  const run = runOf(lines, first, "text")
  if (run.length < 2 || run.some(({ from, to }) => to - from > bareLine)) return null
  return { form: "lines", from: run[0]!.from, to: run.at(-1)!.to, items: run, isNumbered: false }
}

/** Parts under headings of one level, where there are two of them or more; a rule ends one too. */
const readSections = (lines: ReadonlyArray<Line>, text: string): Block | null => {
  const levelOf = (line: Line): number => /^#+/u.exec(text.slice(line.from, line.to))?.[0].length ?? 0
  const levels = lines.filter(({ kind }) => kind === "heading").map(levelOf)
  const level = levels.toSorted((one, other) => one - other).find((one) =>
    levels.filter((other) => other === one).length > 1
  )
  if (level === undefined) return null
  const items: Array<{ from: number; to: number }> = []
  let isOpen = false
  for (const line of lines) {
    const depth = line.kind === "heading" ? levelOf(line) : null
    if (depth === level) items.push({ from: line.from, to: line.to })
    isOpen = depth === level || (isOpen && line.kind !== "rule" && (depth === null || depth > level))
    if (isOpen && line.kind !== "blank") items.at(-1)!.to = line.to
  }
  return { form: "sections", from: items[0]!.from, to: items.at(-1)!.to, items, isNumbered: false }
}

export const readBlocks = (lines: ReadonlyArray<Line>, text: string): ReadonlyArray<Block> => {
  const sections = readSections(lines, text)
  if (sections !== null) return [sections]
  const blocks: Array<Block> = []
  let at = 0
  while (at < lines.length) {
    const { kind } = lines[at]!
    if (kind === "item") {
      const { block, next } = listAt(lines, at, text)
      blocks.push(block)
      at = next
      continue
    }
    if (kind === "row") {
      const run = runOf(lines, at, "row")
      const table = tableAt(run, text)
      if (table !== null) blocks.push(table)
      at += run.length
      continue
    }
    const bare = kind === "text" ? bareAt(lines, at, text) : null
    if (bare === null) at += 1
    else {
      blocks.push(bare)
      at += bare.items.length
    }
  }
  return blocks.filter(({ items }) => items.length > 1)
}
