/**
 * Turns of workers as lines for people: when, who, what. What only belongs to the work is faint, what failed stands out,
 * and each kind has a mark of its own, so that it can be told without colour too.
 */
import { CliOutput } from "effect/cli"
import type { TurnKind, TurnView } from "../domain/Turn.ts"
import { pieces } from "./Pieces.ts"
import { printable } from "./Printable.ts"
import type { Palette, Style } from "./Styles.ts"

/** A piece, and of which part of the work it is: empty where there is only one. */
export interface LogEntry {
  readonly part: string
  readonly turn: TurnView
}

const marks: { readonly [K in TurnKind]: string } = {
  prompt: "> ",
  said: "",
  thought: "~ ",
  tool: "$ ",
  result: "| ",
  notice: "- "
}

/** The lines of a text, each of them broken between words to the width; how it begins, it keeps. */
export const wrap = (text: string, width: number): ReadonlyArray<string> =>
  text.split("\n").flatMap((line) => {
    if (CliOutput.displayWidth(line) <= width) return [line]
    const lines: Array<string> = []
    let now = ""
    for (const word of line.split(/(?<=\s)(?=\S)/u).flatMap((one) => pieces(one, width))) {
      if (now !== "" && CliOutput.displayWidth((now + word).trimEnd()) > width) {
        lines.push(now.trimEnd())
        now = ""
      }
      now += word
    }
    lines.push(now.trimEnd())
    return lines
  })

const textOf = ({ text, tool }: TurnView): string => {
  const clean = printable(text.replaceAll("\t", "    "))
  if (tool === undefined) return clean
  return clean === "" ? printable(tool) : `${printable(tool)} ${clean}`
}

const styleOf = ({ failed, kind }: TurnView, palette: Palette): Style => {
  if (failed === true) return palette.bad
  if (kind === "notice") return palette.warn
  if (kind === "prompt") return palette.strong
  return kind === "said" ? (text) => text : palette.faint
}

/** No narrower than this, however narrow the terminal: below it, nothing can be read. */
const narrowest = 20

const dayOf = ({ at }: TurnView): string => at.slice(0, 10)

/** What is printed for one piece; `before` is the one that was printed last. */
export const logLines = (
  { part, turn }: LogEntry,
  before: LogEntry | null,
  { palette, width }: { readonly palette: Palette; readonly width: number }
): ReadonlyArray<string> => {
  const style = styleOf(turn, palette)
  const time = turn.at.slice(11, 19)
  const label = part === "" ? "" : `[${printable(part)}] `
  const nested = turn.nested === true ? "  " : ""
  const mark = turn.failed === true ? "! " : marks[turn.kind]
  const start = `${time}  ${label}`
  const indent = CliOutput.displayWidth(start) + nested.length
  const lines = wrap(textOf(turn), Math.max(narrowest, width - indent - mark.length))
  const day = before === null || dayOf(before.turn) !== dayOf(turn) ? [palette.faint(`${dayOf(turn)} UTC`)] : []
  return [
    ...day,
    ...lines.map((line, at) =>
      `${at === 0 ? palette.faint(start) : " ".repeat(CliOutput.displayWidth(start))}${nested}${
        style(`${mark}${line}`)
      }`
        .trimEnd()
    )
  ]
}

/** Where pieces are missing between two that follow each other, of the same task. */
export const gapLine = (missing: number): string =>
  `… ${missing} ${missing === 1 ? "piece is" : "pieces are"} not kept: there was too much`
