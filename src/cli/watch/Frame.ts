/**
 * What is on the screen, line by line: pure, so that it can be looked at without a terminal.
 */
import { CliOutput } from "effect/cli"
import type { Palette } from "../Styles.ts"
import { fit } from "../Table.ts"
import { headerLines } from "./Header.ts"
import { helpFoot, helpLines } from "./HelpPage.ts"
import { judgeLines } from "./JudgePage.ts"
import { moreText, place, share } from "./Layout.ts"
import { type Model, rowsOf, sectionsOf, selectedIn } from "./Model.ts"
import { openedPage } from "./OpenedPage.ts"
import type { Row, Section, Tone } from "./Section.ts"
import { tidy, wrap } from "./Tidy.ts"
import { draftText } from "./Writing.ts"

interface FrameLine {
  readonly text: string
  readonly tone: Tone
}

const plain = (text: string): FrameLine => ({ text, tone: "plain" })

const boardKeys = ["q quit", "? keys", "⏎ open", "c cancel", "a approve", "r reject", "+- slots", "d drain", "u resume"]
const openKeys = ["Esc back", "↑↓ read", "f follow", "c cancel", "a approve", "r reject", "q quit", "? keys"]

/** As many of them as fit: what matters most comes first. */
const keyLine = (keys: ReadonlyArray<string>, width: number): FrameLine => {
  let text = ""
  for (const key of keys) {
    const longer = text === "" ? key : `${text}  ${key}`
    if (CliOutput.displayWidth(longer) > width) break
    text = longer
  }
  return { text, tone: "faint" }
}

/** More of it nobody reads there. */
const mostNoticeLines = 3

const noticeLines = ({ notice }: Model, width: number): ReadonlyArray<FrameLine> =>
  notice === null
    ? []
    : wrap(tidy(notice.text), width).slice(0, mostNoticeLines).map((text) => ({ text, tone: notice.tone }))

const questionLines = (model: Model, width: number): ReadonlyArray<FrameLine> | null => {
  const { mode } = model
  if (mode._tag === "Ask") return wrap(tidy(`${mode.question} y/n`), width).map((text) => ({ text, tone: "strong" }))
  return null
}

/** What there is to say of the selected row, in a line or two, where there is room for it. */
const detailLines = (row: Row | undefined, { columns, lines }: Model["size"]): ReadonlyArray<FrameLine> => {
  if (row === undefined || row.detail === "" || lines < 12) return []
  const broken = wrap(row.detail, columns - 1)
  const most = lines < 20 ? 1 : 2
  if (broken.length <= most) return broken.map(plain)
  return [...broken.slice(0, most - 1), fit(broken.slice(most - 1).join(" "), columns - 1)].map(plain)
}

const sectionLines = (section: Section, lines: number, selected: Row | undefined): ReadonlyArray<FrameLine> => {
  if (lines === 0) return []
  const { left, rows, title } = place(section, lines, selected?.key ?? null)
  return [
    { text: `  ${title}`, tone: "strong" },
    ...rows.map((row): FrameLine => ({
      text: `${row === selected ? "▸ " : "  "}${row.line}`,
      tone: row === selected ? "strong" : row.tone
    })),
    ...(left > 0 ? [{ text: `  ${moreText(left)}`, tone: "faint" } as const] : [])
  ]
}

/** Lines between sections, where nothing else needs them. */
const spread = (parts: ReadonlyArray<ReadonlyArray<FrameLine>>, room: number): ReadonlyArray<FrameLine> => {
  const shown = parts.filter((part) => part.length > 0)
  const used = shown.reduce((sum, part) => sum + part.length, 0)
  const isAiry = used + shown.length <= room
  return shown.flatMap((part) => isAiry ? [plain("")].concat(part) : part)
}

const body = (model: Model, room: number, selected: Row | undefined): ReadonlyArray<FrameLine> => {
  const sections = sectionsOf(model)
  const rows = sections.flatMap((section) => section.rows)
  if (rows.length === 0) {
    return model.dashboard === null ? [] : [plain(""), plain("  nothing runs, and nothing waits")].slice(0, room)
  }
  const home = sections.find((section) => section.rows.some(({ key }) => key === selected?.key)) ?? null
  const lines = share(sections, room, home)
  const shown = home?.rows.find(({ key }) => key === selected?.key)
  return spread(sections.map((section, index) => sectionLines(section, lines[index] ?? 0, shown)), room)
}

const boardFrame = (model: Model): ReadonlyArray<FrameLine> => {
  const { dashboard, lost, size } = model
  const width = size.columns - 1
  const rows = rowsOf(model)
  const selected = rows[selectedIn(rows, model.selected)]
  const header = headerLines(dashboard, lost, { columns: width, lines: size.lines })
  const told = questionLines(model, width) ?? noticeLines(model, width)
  const foot = [...(told.length > 0 ? told : detailLines(selected, size)), keyLine(boardKeys, width)]
  const room = Math.max(0, size.lines - header.length - foot.length)
  const middle = body(model, room, selected)
  const filler = Array.from({ length: Math.max(0, room - middle.length) }, () => plain(""))
  return [...header, ...middle, ...filler, ...foot]
}

const pageFrame = (
  model: Model,
  lines: ReadonlyArray<FrameLine>,
  foot: ReadonlyArray<FrameLine>
): ReadonlyArray<FrameLine> => {
  const room = Math.max(0, model.size.lines - foot.length)
  const shown = lines.slice(0, room)
  return [...shown, ...Array.from({ length: room - shown.length }, () => plain("")), ...foot]
}

const frameLines = (model: Model): ReadonlyArray<FrameLine> => {
  const { mode, size } = model
  const width = size.columns - 1
  switch (mode._tag) {
    case "Board":
      return boardFrame(model)
    case "Help":
      return pageFrame(model, helpLines, [helpFoot])
    case "Ask":
      return mode.back._tag === "Open" ? frameLines({ ...model, mode: mode.back }) : boardFrame(model)
    case "Open": {
      const { lines, state, title } = openedPage(model, mode.top)
      const lost: ReadonlyArray<FrameLine> = model.lost === null
        ? []
        : [{ text: `the pool does not answer: ${model.lost.message}`, tone: "bad" }]
      const told = [...lost, ...noticeLines(model, width)]
      return pageFrame(model, [{ text: title, tone: "strong" }, plain(""), ...lines], [
        ...(told.length > 0 ? told : [{ text: state, tone: "faint" } as const]),
        keyLine(openKeys, width)
      ])
    }
    case "Judge": {
      const { shown } = mode
      const question: ReadonlyArray<FrameLine> = mode.draft === null
        ? [{ text: shown === null ? `reading ${mode.id} …` : "approve exactly this result? y/n", tone: "strong" }]
        : [
          { text: "what is wrong with it, and what to do instead? Enter sends it, Esc gives up", tone: "strong" },
          plain(draftText(mode.draft, width))
        ]
      const foot = [...noticeLines(model, width), ...question]
      const room = Math.max(1, size.lines - foot.length)
      return pageFrame(model, shown === null ? [] : judgeLines(shown.task, shown.text, width, room), foot)
    }
  }
}

/** Exactly as many lines as the screen has, each narrower than it. */
export const render = (model: Model, palette: Palette): ReadonlyArray<string> => {
  const { size } = model
  const width = Math.max(1, size.columns - 1)
  const asked = model.mode._tag === "Ask" && model.mode.back._tag === "Open" ? questionLines(model, width) ?? [] : []
  const lines = frameLines(model)
  const whole = asked.length === 0 ? lines : [...lines.slice(0, Math.max(0, lines.length - asked.length)), ...asked]
  return whole.slice(0, size.lines).map(({ text, tone }) => {
    const cut = fit(text, width)
    return tone === "plain" || cut === "" ? cut : palette[tone](cut)
  })
}
