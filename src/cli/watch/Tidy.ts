/**
 * Texts on the screen of the dashboard: each is one line, without anything that a terminal would obey or that would move
 * what stands beside it, and is broken where there is no more room.
 */
import { CliOutput } from "effect/cli"
import { capText, cleanText } from "../../domain/UntrustedText.ts"
import { pieces } from "../Pieces.ts"

/** Nothing longer than this is looked at for one line. */
const longest = 1000

/** In one line, and clean: names, tools and answers are data. */
export const tidy = (text: string): string => cleanText(capText(text, longest)).replaceAll(/\s+/gu, " ").trim()

/** In lines of at most `width` columns, broken at spaces where they are. */
export const wrap = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let last: string | null = null
  let used = 0
  for (const word of text.split(" ").flatMap((one) => pieces(one, Math.max(1, width)))) {
    const wide = CliOutput.displayWidth(word)
    if (last === null || used + 1 + wide > width) {
      if (last !== null) lines.push(last)
      last = word
      used = wide
    } else {
      used += 1 + wide
      last = `${last} ${word}`
    }
  }
  return [...lines, last ?? ""]
}
