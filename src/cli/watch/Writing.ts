/**
 * A line that is written with keys.
 */
import { CliOutput } from "effect/cli"
import type { Key } from "./Key.ts"
import type { Draft } from "./Model.ts"

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

const charactersOf = (text: string): ReadonlyArray<string> =>
  Array.from(graphemes.segment(text), ({ segment }) => segment)

/** More than this nobody writes in one line. */
const longest = 4000

export const write = ({ at, text }: Draft, key: Key): Draft => {
  const all = charactersOf(text)
  const [before, after] = [all.slice(0, at), all.slice(at)]
  switch (key.name) {
    case "left":
      return { text, at: Math.max(0, at - 1) }
    case "right":
      return { text, at: Math.min(all.length, at + 1) }
    case "home":
    case "ctrl-a":
      return { text, at: 0 }
    case "end":
    case "ctrl-e":
      return { text, at: all.length }
    case "backspace":
    case "ctrl-h":
      return { text: [...before.slice(0, -1), ...after].join(""), at: Math.max(0, at - 1) }
    case "delete":
      return { text: [...before, ...after.slice(1)].join(""), at }
    case "ctrl-u":
      return { text: after.join(""), at: 0 }
    case "ctrl-k":
      return { text: before.join(""), at }
    case "ctrl-w": {
      const kept = before.join("").replace(/\S*\s*$/u, "")
      return { text: kept + after.join(""), at: charactersOf(kept).length }
    }
    default: {
      // The end of a pasted line is a space here.
      const typed = key.name === "return" || key.name === "enter" ? " " : key.text
      if (typed === "" || text.length + typed.length > longest) return { text, at }
      // What is typed may join with what stands there already to one character.
      const head = before.join("") + typed
      return { text: head + after.join(""), at: charactersOf(head).length }
    }
  }
}

/** The part of it around the place where it is written, with a mark there, in at most `width` columns. */
export const draftText = ({ at, text }: Draft, width: number): string => {
  const all = charactersOf(text)
  const shown = [...all.slice(0, at), "▏", ...all.slice(at)]
  let from = at
  let to = at + 1
  let used = 1
  const widthOf = (index: number) => CliOutput.displayWidth(shown[index]!)
  while (from > 0 && used + widthOf(from - 1) <= width) used += widthOf(--from)
  while (to < shown.length && used + widthOf(to) <= width) used += widthOf(to++)
  return shown.slice(from, to).join("")
}
