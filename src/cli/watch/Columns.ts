/**
 * Rows in columns that fit: what matters least gives way first, and what comes last is cut.
 */
import { CliOutput } from "effect/cli"
import { fit } from "../Table.ts"
import { tidy } from "./Tidy.ts"

export interface Column<A> {
  readonly name: string
  readonly cell: (row: A) => string
  /** The highest one gives way first; without one, it stays. */
  readonly givesWay?: number
  /** It is cut to so many columns. */
  readonly most?: number
}

/** The last column is cut before another one gives way, but not to less than this. */
const least = 20

const gap = 2

const pad = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - CliOutput.displayWidth(text)))

interface Measured {
  readonly name: string
  readonly cells: ReadonlyArray<string>
  readonly width: number
  readonly givesWay: number
}

const measure = <A>(column: Column<A>, rows: ReadonlyArray<A>): Measured => {
  const cells = rows.map((row) => fit(tidy(column.cell(row)), column.most ?? Infinity))
  return {
    name: column.name,
    cells,
    width: Math.max(CliOutput.displayWidth(column.name), ...cells.map((cell) => CliOutput.displayWidth(cell))),
    givesWay: column.givesWay ?? 0
  }
}

const needed = (columns: ReadonlyArray<Measured>): number =>
  columns.reduce(
    (sum, column, index) => sum + gap + (index === columns.length - 1 ? Math.min(least, column.width) : column.width),
    -gap
  )

const withoutLast = (columns: ReadonlyArray<Measured>, width: number): ReadonlyArray<Measured> => {
  if (needed(columns) <= width) return columns
  const first = Math.max(...columns.map((column) => column.givesWay))
  if (first === 0) return columns
  const at = columns.findLastIndex((column) => column.givesWay === first)
  return withoutLast(columns.toSpliced(at, 1), width)
}

/** The header, and a line for each row, of at most `width` columns. What is empty everywhere is no column. */
export const columnLines = <A>(
  columns: ReadonlyArray<Column<A>>,
  rows: ReadonlyArray<A>,
  width: number
): { readonly header: string; readonly lines: ReadonlyArray<string> } => {
  const [first, ...others] = columns.map((column) => measure(column, rows))
  if (first === undefined) return { header: "", lines: [] }
  const shown = withoutLast([first, ...others.filter(({ cells }) => cells.some((cell) => cell !== ""))], width)
  const line = (cells: ReadonlyArray<string>): string =>
    fit(cells.map((cell, index) => pad(cell, shown[index]!.width)).join(" ".repeat(gap)).trimEnd(), width)
  return {
    header: line(shown.map(({ name }) => name)),
    lines: rows.map((_, row) => line(shown.map(({ cells }) => cells[row]!)))
  }
}
