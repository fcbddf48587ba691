/**
 * Whether a landing does what its branch did, and nothing else: a line that the branch added is there, and none has gone
 * that the branch did not take away itself. It is told from the lines alone; how they were merged is not asked.
 */
import type { LineChanges } from "../git/LineChanges.ts"

export interface VanishedLine {
  /** Empty: it is in none of the files that were moved. */
  readonly path: string
  readonly line: string
}

export type Changes = ReadonlyMap<string, LineChanges>

export interface Sides {
  /** From what both have in common to the head of the branch. */
  readonly branch: Changes
  /** From what both have in common to where the target stood: all that landed before is a part of it. */
  readonly target: Changes
  /** From where the target stood to the landing. */
  readonly landing: Changes
}

const nothing: LineChanges = { oneSided: false, added: new Map(), removed: new Map() }

const countOf = (lines: ReadonlyMap<string, number>, line: string): number => lines.get(line) ?? 0

const sum = (all: ReadonlyArray<LineChanges>): LineChanges => {
  const total = { oneSided: true, added: new Map<string, number>(), removed: new Map<string, number>() }
  for (const side of ["added", "removed"] as const) {
    for (const changes of all) {
      for (const [line, count] of changes[side]) total[side].set(line, countOf(total[side], line) + count)
    }
  }
  return total
}

/**
 * In a landing each line has to come, or stay, as often as in the branch itself, less what both sides had added alike:
 * that is there once, and the target has it.
 */
const missing = (branch: LineChanges, target: LineChanges, landing: LineChanges): ReadonlyArray<string> => {
  const lines = new Set([...branch.added.keys(), ...branch.removed.keys(), ...landing.removed.keys()])
  return [...lines].filter((line) => {
    const came = countOf(branch.added, line)
    const wanted = came - countOf(branch.removed, line) - Math.min(came, countOf(target.added, line))
    return countOf(landing.added, line) - countOf(landing.removed, line) < wanted
  })
}

const of = (side: Changes, path: string): LineChanges => side.get(path) ?? nothing

/** The lines that are not there as often as they have to be. */
export const vanishedLines = ({ branch, landing, target }: Sides): ReadonlyArray<VanishedLine> => {
  const sides = [branch, target, landing]
  const paths = [...new Set(sides.flatMap((side) => [...side.keys()]))]
  // What was moved, made or deleted is looked at as one: what is gone in one place may be in the other.
  const isMoved = (path: string) => sides.some((side) => of(side, path).oneSided)
  const moved = paths.filter(isMoved)
  const [branchMoved, targetMoved, landingMoved] = sides.map((side) => sum(moved.map((path) => of(side, path)))) as [
    LineChanges,
    LineChanges,
    LineChanges
  ]
  return [
    ...paths.filter((path) => !isMoved(path)).flatMap((path) =>
      missing(of(branch, path), of(target, path), of(landing, path)).map((line) => ({ path, line }))
    ),
    ...missing(branchMoved, targetMoved, landingMoved).map((line) => ({ path: "", line }))
  ]
}

const most = 5

/** In words: which lines. */
export const sayVanished = (lines: ReadonlyArray<VanishedLine>): string => {
  const some = lines.slice(0, most).map(({ line, path }) =>
    `${path === "" ? "" : `${path}: `}${JSON.stringify(line.slice(0, 100))}`
  )
  const more = lines.length > most ? `, and ${lines.length - most} more` : ""
  return `lines would have vanished that were added: ${some.join(", ")}${more}`
}
