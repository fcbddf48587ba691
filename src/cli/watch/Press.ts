/**
 * What a key does: to what is on the screen, and to the pool. Whatever would change something in the pool is asked for
 * first, or shows what it is about.
 */
import type { TaskView } from "../../domain/TaskView.ts"
import { isTaskId, type WorkId } from "../../domain/WorkId.ts"
import type { Key } from "./Key.ts"
import { type Act, board, type Mode, type Model, type Notice, rowsOf, selectedIn } from "./Model.ts"
import { pageHeight, topOf } from "./OpenedPage.ts"
import { tidy } from "./Tidy.ts"
import { write } from "./Writing.ts"

export interface Pressed {
  readonly model: Model
  readonly act?: Act
}

const say = (model: Model, text: string, tone: Notice["tone"] = "plain"): Pressed => ({
  model: { ...model, notice: { tone, text } }
})

const go = (model: Model, mode: Mode): Pressed => ({ model: { ...model, mode, notice: null } })

const quit = (model: Model): Pressed => {
  if (model.pending === 0 || model.mode._tag === "Ask") return { model, act: { _tag: "Quit" } }
  return go(model, {
    _tag: "Ask",
    question: "what was asked of the pool has not come back yet, and would be given up: quit?",
    act: { _tag: "Quit" },
    back: model.mode
  })
}

const move = (model: Model, by: number): Pressed => {
  const rows = rowsOf(model)
  if (rows.length === 0) return { model }
  const at = Math.max(0, Math.min(rows.length - 1, selectedIn(rows, model.selected) + by))
  return { model: { ...model, notice: null, selected: { key: rows[at]!.key, at } } }
}

/** The work that keys are about now. */
const subject = (model: Model): WorkId | null => {
  if (model.mode._tag === "Open") return model.mode.id
  const rows = rowsOf(model)
  return rows[selectedIn(rows, model.selected)]?.id ?? null
}

const known = ({ dashboard, opened }: Model, id: WorkId): TaskView | undefined => {
  if (opened?.task?.id === id) return opened.task
  if (dashboard === null) return undefined
  const { finished, groups, queue, reviews, status } = dashboard
  return [...status.running, ...reviews.tasks, ...queue.tasks, ...finished, ...groups.flatMap(({ items }) => items)]
    .find((task) => task.id === id)
}

const named = (model: Model, id: WorkId): string => {
  const name = known(model, id)?.name
  return name === undefined ? id : tidy(`${id} (${name})`)
}

const withSubject = (model: Model, what: string, use: (id: WorkId) => Pressed): Pressed => {
  const id = subject(model)
  return id === null ? say(model, `nothing is selected that could be ${what}: move to a task first`) : use(id)
}

const judge = (model: Model, verdict: "approve" | "reject"): Pressed => {
  const what = `${verdict === "approve" ? "approved" : "rejected"}`
  return withSubject(model, what, (id) => {
    const state = known(model, id)?.state
    return !isTaskId(id) || (state !== undefined && state !== "review")
      ? say(model, `${named(model, id)} does not wait for a review: only such tasks can be ${what}`, "bad")
      : {
        ...go(model, {
          _tag: "Judge",
          id,
          shown: null,
          draft: verdict === "approve" ? null : { text: "", at: 0 },
          back: model.mode
        }),
        act: { _tag: "Examine", id }
      }
  })
}

const ask = (model: Model, question: string, act: Act): Pressed =>
  go(model, { _tag: "Ask", question, act, back: model.mode })

/** Keys that mean the same on the board and beside open work. */
const common = (model: Model, key: Key): Pressed | null => {
  switch (key.name) {
    case "q":
    case "ctrl-c":
    case "ctrl-d":
      return quit(model)
    case "?":
      return go(model, { _tag: "Help" })
    case "ctrl-l":
      return { model, act: { _tag: "Redraw" } }
    case "c":
      return withSubject(model, "cancelled", (id) => {
        const state = known(model, id)?.state
        return state === "done" || state === "failed" || state === "cancelled"
          ? say(model, `${named(model, id)} has ended: it is ${state}`, "bad")
          : ask(model, `cancel ${named(model, id)} for good?`, { _tag: "Cancel", id })
      })
    case "a":
      return judge(model, "approve")
    case "r":
      return judge(model, "reject")
    case "+":
      return { model, act: { _tag: "Scale", by: 1 } }
    case "-":
      return { model, act: { _tag: "Scale", by: -1 } }
    case "d":
      return ask(model, "drain the pool: start nothing more, and cut off what runs after its grace?", { _tag: "Drain" })
    case "u":
      return ask(model, "let the pool take work in again, and start what waits?", { _tag: "Resume" })
    default:
      return null
  }
}

const onBoard = (model: Model, key: Key): Pressed => {
  const far = Math.max(1, Math.floor(model.size.lines / 2))
  switch (key.name) {
    case "up":
    case "k":
      return move(model, -1)
    case "down":
    case "j":
      return move(model, 1)
    case "pageup":
      return move(model, -far)
    case "pagedown":
      return move(model, far)
    case "home":
    case "g":
      return move(model, -Infinity)
    case "end":
    case "G":
      return move(model, Infinity)
    case "return":
    case "enter":
    case "o":
      return withSubject(model, "opened", (id) => {
        const { model: opened } = go(model, { _tag: "Open", id, top: null })
        return {
          model: { ...opened, opened: { id, task: known(model, id) ?? null, turns: [], seq: 0, more: false, text: "" } }
        }
      })
    default:
      return common(model, key) ?? { model }
  }
}

const onOpen = (model: Model, mode: Extract<Mode, { _tag: "Open" }>, key: Key): Pressed => {
  const page = pageHeight(model)
  const scroll = (by: number): Pressed => ({ model: { ...model, mode: { ...mode, top: topOf(model, mode.top, by) } } })
  switch (key.name) {
    case "escape":
    case "left":
    case "backspace":
      return { model: { ...model, mode: board, opened: null, notice: null } }
    case "up":
    case "k":
      return scroll(-1)
    case "down":
    case "j":
      return scroll(1)
    case "pageup":
    case "b":
      return scroll(-page)
    case "pagedown":
    case "space":
      return scroll(page)
    case "home":
    case "g":
      return scroll(-Infinity)
    case "end":
    case "G":
    case "f":
      return { model: { ...model, mode: { ...mode, top: null } } }
    default:
      return common(model, key) ?? { model }
  }
}

const isNo = ({ name }: Key): boolean => name === "escape" || name === "ctrl-c"

const onAsk = (model: Model, mode: Extract<Mode, { _tag: "Ask" }>, key: Key): Pressed => {
  const back: Model = { ...model, mode: mode.back, notice: null }
  if (key.name === "y" || key.name === "Y") return { model: back, act: mode.act }
  return key.name === "n" || key.name === "N" || isNo(key) || key.name === "q" ? { model: back } : { model }
}

const onJudge = (model: Model, mode: Extract<Mode, { _tag: "Judge" }>, key: Key): Pressed => {
  const back: Model = { ...model, mode: mode.back, notice: null }
  const { draft, id, shown } = mode
  if (draft === null) {
    const hash = shown?.task.review?.hash
    // What is not on the screen yet is not approved.
    if (hash !== undefined && (key.name === "y" || key.name === "Y")) {
      return { model: back, act: { _tag: "Approve", id, hash } }
    }
    return key.name === "n" || key.name === "N" || isNo(key) || key.name === "q" ? { model: back } : { model }
  }
  if (isNo(key)) return { model: back }
  if ((key.name === "return" || key.name === "enter") && !model.isPasting) {
    return draft.text.trim() === ""
      ? say(model, "say what is wrong, and what to do instead: that is what its author is told", "bad")
      : { model: back, act: { _tag: "Reject", id, feedback: draft.text } }
  }
  return { model: { ...model, mode: { ...mode, draft: write(draft, key) } } }
}

/** What is pasted is text, wherever it lands: it presses no keys. */
export const press = (model: Model, key: Key): Pressed => {
  if (key.name === "paste-start") return { model: { ...model, isPasting: true } }
  if (key.name === "paste-end") return { model: { ...model, isPasting: false } }
  const { mode } = model
  if (mode._tag === "Judge") return onJudge(model, mode, key)
  if (model.isPasting) return { model }
  switch (mode._tag) {
    case "Board":
      return onBoard(model, key)
    case "Help":
      return key.name === "q" || key.name === "ctrl-c" ? quit(model) : go(
        model,
        model.opened === null ? board : {
          _tag: "Open",
          id: model.opened.id,
          top: null
        }
      )
    case "Open":
      return onOpen(model, mode, key)
    case "Ask":
      return onAsk(model, mode, key)
  }
}
