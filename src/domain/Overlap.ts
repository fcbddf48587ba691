/**
 * The radar: two branches that are worked on at the same time and change the same lines.
 */
import { Schema } from "effect"
import { TaskId } from "./TaskId.ts"
import { cleanLine, cleanText } from "./UntrustedText.ts"

/** Lines of a file. */
export const LineRange = Schema.Struct({
  /** Of the base, counted from 1; both are part of it. */
  from: Schema.Int,
  to: Schema.Int
})
export type LineRange = typeof LineRange.Type

export const Overlap = Schema.Struct({
  first: TaskId,
  second: TaskId,
  path: Schema.String,
  /** Null: all that is known is that both change the file. */
  lines: Schema.NullOr(LineRange)
})
export type Overlap = typeof Overlap.Type

/**
 * What of a file is changed, as ranges of its base; null: all of it, or it has no lines. A range that ends before the line
 * that it begins with is a place where something was put in.
 */
export type ChangedLines = ReadonlyArray<LineRange> | null

/** Lines right beside each other are one place: git, too, settles nothing where not one unchanged line lies between. */
const commonRange = (one: LineRange, other: LineRange): LineRange | null => {
  const from = Math.max(one.from, other.from)
  const to = Math.min(one.to, other.to)
  return from > to + 1 ? null : { from: Math.max(1, Math.min(from, to)), to: Math.max(1, from, to) }
}

/**
 * The smallest range that has everything which two changes of one file have in common, and null where that is all of it;
 * undefined: they have nothing in common.
 */
export const commonLines = (one: ChangedLines, other: ChangedLines): LineRange | null | undefined => {
  if (one === null || other === null) return null
  let found: LineRange | undefined
  for (const mine of one) {
    for (const theirs of other) {
      const common = commonRange(mine, theirs)
      if (common === null) continue
      found = found === undefined
        ? common
        : { from: Math.min(found.from, common.from), to: Math.max(found.to, common.to) }
    }
  }
  return found
}

/** The name of a file that workers choose is data, and has no end. */
const mostPathChars = 200

/** An overlap as every surface shows it. */
export const OverlapView = Schema.Struct({
  /** Tasks. */
  first: Schema.String,
  second: Schema.String,
  /** Where they are at work now. */
  first_slot: Schema.optionalKey(Schema.String),
  second_slot: Schema.optionalKey(Schema.String),
  path: Schema.String,
  /** Of the base; absent where all that is known is that both change the file. */
  lines: Schema.optionalKey(LineRange)
})
export type OverlapView = typeof OverlapView.Type

/** `slots` says where tasks are at work, as people read it. */
export const viewOverlap = (
  { first, lines, path, second }: Overlap,
  slots: ReadonlyMap<string, string>
): OverlapView => {
  const [firstSlot, secondSlot] = [slots.get(first), slots.get(second)]
  return {
    first,
    second,
    ...(firstSlot === undefined ? {} : { first_slot: firstSlot }),
    ...(secondSlot === undefined ? {} : { second_slot: secondSlot }),
    path: cleanText(path),
    ...(lines === null ? {} : { lines })
  }
}

/** A slot where it is known, else the task. */
export const overlapText = ({ first, first_slot, lines, path, second, second_slot }: OverlapView): string =>
  formatOverlap({ path, lines: lines ?? null }, first_slot ?? first, second_slot ?? second)

/** As people read it: `t_… and t_… both change src/a.ts 40–70`. */
export const formatOverlap = (
  { lines, path }: Pick<Overlap, "path" | "lines">,
  first: string,
  second: string
): string =>
  `${first} and ${second} both change ${cleanLine(path, mostPathChars)}${
    lines === null ? "" : ` ${formatLines(lines)}`
  }`

const formatLines = ({ from, to }: LineRange): string => from === to ? `${from}` : `${from}\u2013${to}`
