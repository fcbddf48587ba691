/**
 * A word that has no room in a line, in pieces that have: no character is cut in half.
 */
import { CliOutput } from "effect/cli"

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" })

export const pieces = (word: string, width: number): ReadonlyArray<string> => {
  if (CliOutput.displayWidth(word) <= width) return [word]
  const found: Array<string> = []
  let piece = ""
  let used = 0
  for (const { segment } of graphemes.segment(word)) {
    const wide = CliOutput.displayWidth(segment)
    if (used + wide > width && piece !== "") {
      found.push(piece)
      piece = ""
      used = 0
    }
    piece += segment
    used += wide
  }
  return [...found, piece]
}
