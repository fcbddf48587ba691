/**
 * A file as it is and as it is to be, and the difference for people to see before it is written.
 */

export interface FileChange {
  /** From the directory that is set up. */
  readonly path: string
  /** Null: it is not there yet. */
  readonly before: string | null
  readonly after: string
}

export type ChangeKind = "created" | "changed" | "kept"

export const kindOf = ({ after, before }: FileChange): ChangeKind =>
  before === null ? "created" : before === after ? "kept" : "changed"

/** Lines around a change that are shown with it. */
const around = 2

/** Above so many comparisons, the middle is shown as replaced: settings files are small. */
const mostCells = 4_000_000

interface Line {
  readonly mark: " " | "+" | "-"
  readonly text: string
}

const linesOf = (text: string): ReadonlyArray<string> => (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n")

/** How many lines of both are the same in the same order, from each pair of places on. */
const commonFrom = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<Array<number>> => {
  const table = Array.from({ length: before.length + 1 }, () => Array.from({ length: after.length + 1 }, () => 0))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      table[i]![j] = before[i] === after[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, table[i]![j + 1]!)
    }
  }
  return table
}

const marked = (mark: Line["mark"]) => (text: string): Line => ({ mark, text })

const compare = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): ReadonlyArray<Line> => {
  if (before.length * after.length > mostCells) return [...before.map(marked("-")), ...after.map(marked("+"))]
  const common = commonFrom(before, after)
  const lines: Array<Line> = []
  let i = 0
  let j = 0
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ mark: " ", text: before[i]! })
      i++
      j++
    } else if (j >= after.length || (i < before.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      lines.push({ mark: "-", text: before[i++]! })
    } else {
      lines.push({ mark: "+", text: after[j++]! })
    }
  }
  return lines
}

/** The difference: lines that go with `-`, lines that come with `+`, and a few around them. */
export const differenceOf = ({ after, before }: FileChange): ReadonlyArray<string> => {
  const lines = before === null ? linesOf(after).map(marked("+")) : compare(linesOf(before), linesOf(after))
  const shown = lines.map((_, at) =>
    lines.slice(Math.max(0, at - around), at + around + 1).some(({ mark }) => mark !== " ")
  )
  return lines.flatMap(({ mark, text }, at) => {
    if (shown[at] === true) return [`${mark}${text}`]
    return shown[at - 1] === true || at === 0 ? [" …"] : []
  })
}
