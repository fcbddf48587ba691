/**
 * Where a character of a YAML scalar stands in the text that it was read from. Folding, indentation and line breaks change
 * only white space, so the characters that are none are counted.
 */
import { Scalar } from "yaml"

/** Escapes of double quoted scalars, doubled quotes of single quoted ones, and all else one by one. */
const unitsOf: Readonly<Record<string, RegExp>> = {
  [Scalar.QUOTE_DOUBLE]: /\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|\r?\n|[^\n])|[^]/gi,
  [Scalar.QUOTE_SINGLE]: /''|[^]/g
}
const anyUnit = /[^]/g

/** White space, and what stands for white space or for nothing. */
const isBlank = (unit: string): boolean => /^(?:\s|\\[ntrvf_LP\s])/.test(unit)

/** Where the characters begin: behind the quote, or on the line below the sign of a block. */
const contentStart = (source: string, type: string | null | undefined, start: number): number => {
  if (type === Scalar.QUOTE_DOUBLE || type === Scalar.QUOTE_SINGLE) return start + 1
  if (type !== Scalar.BLOCK_LITERAL && type !== Scalar.BLOCK_FOLDED) return start
  const lineEnd = source.indexOf("\n", start)
  return lineEnd === -1 ? source.length : lineEnd + 1
}

/** `start` is where the scalar begins in `source`, `offset` the place of a character of `value` that is no white space. */
export const sourceOffset = (
  source: string,
  scalar: { readonly type?: string | null | undefined; readonly start: number; readonly value: string },
  offset: number
): number => {
  const before = scalar.value.slice(0, offset).replace(/\s/g, "").length
  const start = contentStart(source, scalar.type, scalar.start)
  let seen = 0
  for (const { 0: unit, index } of source.slice(start).matchAll(unitsOf[scalar.type ?? ""] ?? anyUnit)) {
    if (isBlank(unit)) continue
    if (seen === before) return start + index
    seen += 1
  }
  return scalar.start
}
