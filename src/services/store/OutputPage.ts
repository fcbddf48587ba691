/**
 * A part of a long text that is whole in itself: it does not end between the halves of a surrogate pair.
 */
import { copyOf } from "../../domain/OutputBound.ts"
import type { OutputPage, PageRequest } from "../Store.ts"

export const pageOf = ({ limit, offset }: PageRequest) => (text: string): OutputPage => {
  const end = offset + limit
  const cut = isInsidePair(text, end) ? (limit > 1 ? end - 1 : end + 1) : end
  return { text: copyOf(text, offset, cut), offset, total: text.length }
}

/** Whether a cut at `index` would part two halves. */
const isInsidePair = (text: string, index: number): boolean =>
  isBetween(text.charCodeAt(index - 1), 0xd800, 0xdbff) && isBetween(text.charCodeAt(index), 0xdc00, 0xdfff)

const isBetween = (unit: number, from: number, to: number): boolean => unit >= from && unit <= to
