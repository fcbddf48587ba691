/**
 * Open work as lines: what its worker was asked, says and does, as it comes; or its answer, where no turns are kept.
 */
import type { TurnView } from "../../domain/Turn.ts"
import { capText, cleanText } from "../../domain/UntrustedText.ts"
import { closingLine, doing } from "../TaskLines.ts"
import type { Model, Opened } from "./Model.ts"
import type { Tone } from "./Section.ts"
import { tidy, wrap } from "./Tidy.ts"

export interface PageLine {
  readonly text: string
  readonly tone: Tone
}

/** Of each turn, so many characters and lines. */
const longestTurn = 3000
const mostLines = 40

const leads: { readonly [K in TurnView["kind"]]: readonly [first: string, then: string, tone: Tone] } = {
  prompt: ["> ", "> ", "strong"],
  thought: ["  ", "  ", "faint"],
  said: ["", "", "plain"],
  tool: ["● ", "  ", "good"],
  result: ["  ⎿ ", "    ", "faint"],
  notice: ["— ", "  ", "warn"]
}

const textLines = (text: string, width: number): ReadonlyArray<string> => {
  const lines = cleanText(capText(text, longestTurn)).replaceAll("\t", "  ").trimEnd().split("\n")
    .flatMap((line) => wrap(line, width))
  const left = lines.length - mostLines
  return left <= 0 ? lines : [...lines.slice(0, mostLines), `… ${left} more lines`]
}

const linesFor = ({ failed, kind, text, tool }: TurnView, width: number): ReadonlyArray<PageLine> => {
  const [first, then, tone] = leads[kind]
  const whole = kind === "tool" ? [tool ?? "", text].filter((part) => part !== "").join(" ") : text
  return textLines(whole, Math.max(8, width - then.length - 2)).map((line, index) => ({
    text: (index === 0 ? first : then) + line,
    tone: failed === true ? "bad" : tone
  }))
}

/** Those of a turn are made once: it does not change, and every key and every frame asks for them. */
const made = new WeakMap<TurnView, { readonly width: number; readonly lines: ReadonlyArray<PageLine> }>()

const turnLines = (turn: TurnView, width: number): ReadonlyArray<PageLine> => {
  const known = made.get(turn)
  if (known?.width === width) return known.lines
  const lines = linesFor(turn, width)
  made.set(turn, { width, lines })
  return lines
}

const bodyLines = ({ task, text, turns }: Opened, width: number): ReadonlyArray<PageLine> => {
  const lines = turns.flatMap((turn) => turnLines(turn, width))
  const answer = turns.length > 0 || text === ""
    ? []
    : textLines(text, width).map((line): PageLine => ({ text: line, tone: "plain" }))
  const end = task?.error === undefined ? [] : [task.error.message, task.error.hint].filter((line) => line !== "")
    .flatMap((line) => wrap(tidy(line), width)).map((line): PageLine => ({ text: line, tone: "bad" }))
  const all = [...lines, ...answer, ...end]
  if (all.length > 0) return all
  const now = task === null ? "" : doing(task)
  return [{ text: now === "" ? "nothing has been said yet" : tidy(now), tone: "faint" }]
}

/** Lines for the text itself: without the title, the state and the keys. */
export const pageHeight = ({ size }: Pick<Model, "size">): number => Math.max(1, size.lines - 4)

const lines = ({ opened, size }: Pick<Model, "opened" | "size">): ReadonlyArray<PageLine> =>
  opened === null ? [] : bodyLines(opened, size.columns - 1)

const lastTop = (model: Pick<Model, "opened" | "size">): number => Math.max(0, lines(model).length - pageHeight(model))

/** Where the page begins after it was moved; null at its end, where it follows. */
export const topOf = (model: Pick<Model, "opened" | "size">, top: number | null, by: number): number | null => {
  const last = lastTop(model)
  const moved = Math.max(0, Math.min(last, (top ?? last) + by))
  return moved === last && by > 0 ? null : moved
}

export interface OpenedPage {
  readonly title: string
  readonly lines: ReadonlyArray<PageLine>
  readonly state: string
}

export const openedPage = (model: Model, top: number | null): OpenedPage => {
  const all = lines(model)
  const height = pageHeight(model)
  const from = Math.min(top ?? Infinity, Math.max(0, all.length - height))
  const to = Math.min(all.length, from + height)
  const { opened } = model
  const task = opened?.task ?? null
  return {
    title: tidy(
      task === null
        ? opened?.id ?? ""
        : [closingLine(task), task.name ?? "", doing(task)].filter((part) => part !== "").join(" · ")
    ),
    lines: all.slice(from, to),
    state: `lines ${all.length === 0 ? 0 : from + 1} to ${to} of ${all.length}${top === null ? ", following" : ""}`
  }
}
