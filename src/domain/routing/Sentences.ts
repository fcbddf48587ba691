/**
 * The sentences that instruct, in order.
 */
import { cover, type Layout, type Line } from "./Layout.ts"
import { type Span, trimSpan } from "./Span.ts"

export interface Sentence extends Span {
  readonly isQuestion: boolean
  /** A paragraph of its own may only be read, and not be obeyed. */
  readonly paragraph: number
}

const instructs = (line: Line): boolean => line.kind === "text" || line.kind === "item" || line.kind === "heading"

/** A line that goes on in the next one. */
const goesOn = (said: string, line: Line, next: Line | undefined): boolean => {
  if (next?.kind !== "text" || line.kind === "heading") return false
  const end = said.slice(line.from, line.to).trimEnd().at(-1) ?? ""
  return !/[.!?;。！？；…]/u.test(end)
}

/** Where sentences end inside of a line. */
const sentenceEnd = /[.!?…]+["”»)\]]*(?=\s|$)|[。！？]+|[;；](?=\s|$|[^\x20-\x7e])/gu

/** `1.` and `e.g.` end nothing. */
const isAbbreviation = (said: string, from: number, at: number): boolean => {
  const before = said.slice(Math.max(from, at - 6), at)
  return /(?:^|[\s(])(?:\d{1,2}|[a-h]|ca|z\.?\s?b|e\.?g|i\.?e|vs|etc|nr|no|bzw|usw|inkl|approx|dr|mr|max|min|p|ej|es|f)$/u
    .test(before) &&
    said.charAt(at) === "."
}

export const readSentences = ({ lines, said }: Layout): ReadonlyArray<Sentence> => {
  const sentences: Array<Sentence> = []
  let paragraph = 0
  let from: number | null = null
  const close = (start: number, end: number) => {
    const span = trimSpan(said, { from: start, to: end }, cover)
    if (span.to > span.from) {
      sentences.push({
        ...trimSpan(said, { from: start, to: end }),
        isQuestion: /[?？]["”»)]*\s*$/u.test(said.slice(start, end)),
        paragraph
      })
    }
  }
  for (const [number, line] of lines.entries()) {
    if (!instructs(line)) {
      paragraph += 1
      continue
    }
    let start: number = from ?? line.words
    for (const match of said.slice(line.words, line.to).matchAll(sentenceEnd)) {
      const at = line.words + match.index
      if (at < start || isAbbreviation(said, start, at)) continue
      close(start, at + match[0].length)
      start = at + match[0].length
    }
    if (goesOn(said, line, lines[number + 1])) {
      from = start
      continue
    }
    close(start, line.to)
    from = null
  }
  return sentences
}
