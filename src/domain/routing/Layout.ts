/**
 * How a prompt is laid out: which of its lines instruct, and which are lists, tables, code, quotes or logs. Of a very long
 * one, only the beginning and the end are looked at.
 */
import { concealInline, concealOrders } from "./Concealment.ts"

export type LineKind = "text" | "blank" | "item" | "heading" | "rule" | "row" | "code" | "quote" | "log"

export interface Line {
  readonly from: number
  /** Without the line break. */
  readonly to: number
  readonly kind: LineKind
  /** Where the words of an item begin, after its mark. */
  readonly words: number
  readonly indent: number
}

export interface Layout {
  readonly text: string
  /** The text in small letters, of the same length; what does not instruct is covered. */
  readonly said: string
  readonly lines: ReadonlyArray<Line>
  /** Something in the middle has not been looked at. */
  readonly clipped: boolean
}

const headLength = 20_000
const tailLength = 4000

/** What covers a text that does not instruct. It is no letter, no space and no mark of punctuation. */
export const cover = "\u00a4"

const itemMark =
  /^[ \t]{0,12}(?:[-*•–—+◦▪‣·][ \t]+(?:\[[ xX]\][ \t]+)?|\(?\d{1,2}[.)][ \t]+|\d{1,2}[）、][ \t]?|\(?[a-h][.)][ \t]+|[①-⑳][ \t]?)/u
const logLine =
  /^[ \t]*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:|\[?\d\d:\d\d:\d\d|at \S+[ (]|goroutine \d|Traceback |File "|[A-Za-z.]{0,60}(?:Error|Exception): |\$ |>>> |npm ERR|diff --git|@@ )/u
const dataLine = /^[ \t]*(?:[{}[\]][ \t]*["{}[\],]|[{}[\]],?[ \t]*$|"[^"\n]{1,80}":)/u
const fenceMark = /^[ \t]{0,12}(?:```|~~~)/u
const ruleLine = /^[ \t]*(?:-{3,}|\*{3,}|_{3,}|={3,})[ \t]*$/u

const kindOf = (line: string): LineKind => {
  if (line.trim() === "") return "blank"
  if (/^[ \t]*>/u.test(line)) return "quote"
  if (ruleLine.test(line)) return "rule"
  if (/^#{1,6}[ \t]/u.test(line)) return "heading"
  if (/^[ \t]*\|.*\|[ \t]*$/u.test(line)) return "row"
  if (logLine.test(line) || dataLine.test(line)) return "log"
  return itemMark.test(line) ? "item" : "text"
}

const readLines = (text: string): ReadonlyArray<Line> => {
  const lines: Array<Line> = []
  let from = 0
  let fenced = false
  for (const line of text.split("\n")) {
    const fence = fenceMark.test(line)
    const kind = fenced || fence ? "code" : kindOf(line)
    if (fence) fenced = !fenced
    const mark = kind === "item" ? itemMark.exec(line)![0].length : 0
    lines.push({
      from,
      to: from + line.length,
      kind,
      words: from + mark,
      indent: line.length - line.trimStart().length
    })
    from += line.length + 1
  }
  return lines
}

const conceals: ReadonlySet<LineKind> = new Set(["code", "quote", "log", "row", "rule"])

const concealLines = (text: string, lines: ReadonlyArray<Line>): string =>
  lines
    .map(({ from, kind, to }) => conceals.has(kind) ? cover.repeat(to - from) : text.slice(from, to))
    .join("\n")

/** In small letters, and no longer or shorter for it. */
const lower = (text: string): string => {
  const small = text.replaceAll("İ", "I").toLowerCase().replaceAll("’", "'").replaceAll("\u00a0", " ")
  return small.length === text.length ? small : text
}

export const readLayout = (prompt: string): Layout => {
  const clipped = prompt.length > headLength + tailLength
  const text = (clipped ? `${prompt.slice(0, headLength)}\n\n${prompt.slice(-tailLength)}` : prompt).replaceAll(
    "\r",
    " "
  )
  const lines = readLines(text)
  const said = concealInline(concealOrders(concealLines(lower(text), lines), cover), cover)
  return { text, said, lines, clipped }
}
