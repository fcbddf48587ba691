/**
 * Text in columns, and lines that fit.
 */
import { CliOutput } from "effect/cli"

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** The text, cut to what fits in `width` columns of a terminal; an ellipsis says that it was. */
export const fit = (text: string, width: number): string => {
  if (CliOutput.displayWidth(text) <= width) return text
  let cut = ""
  let used = 0
  for (const { segment } of graphemes.segment(text)) {
    used += CliOutput.displayWidth(segment)
    if (used > width - 1) break
    cut += segment
  }
  return width < 1 ? "" : `${cut}…`
}

const pad = (text: string, width: number): string =>
  text + " ".repeat(Math.max(0, width - CliOutput.displayWidth(text)))

/** Columns two spaces apart, as wide as their widest cell; each line cut to `width`. There may be very many rows. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, width: number): ReadonlyArray<string> => {
  const widths: Array<number> = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, CliOutput.displayWidth(cell))
    })
  }
  return rows.map((row) => fit(row.map((cell, column) => pad(cell, widths[column]!)).join("  ").trimEnd(), width))
}
