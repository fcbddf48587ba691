/**
 * A part of a text, by where it begins and ends.
 */

export interface Span {
  readonly from: number
  readonly to: number
}

export const isWithin = (inner: Span, outer: Span): boolean => outer.from <= inner.from && inner.to <= outer.to

/** Without white space, and without the given marks, at both ends. */
export const trimSpan = (text: string, { from, to }: Span, marks = ""): Span => {
  const drops = (at: number): boolean => /\s/u.test(text.charAt(at)) || marks.includes(text.charAt(at))
  let [start, end] = [from, to]
  while (start < end && drops(start)) start++
  while (end > start && drops(end - 1)) end--
  return { from: start, to: end }
}

/** Where words are not spaced, two characters are about one. */
export const wordCount = (text: string): number => {
  const unspaced = text.match(/[\u3040-\u30ff\u3400-\u9fff]/gu)?.length ?? 0
  return (text.match(/[\p{L}\p{N}\p{M}'-]+/gu)?.length ?? 0) + Math.floor(unspaced / 2)
}
