/**
 * A graph without cycles as lines of text: a row for each node, in the given order, and lanes beside them that lead from each
 * node to those that come after it.
 */

export interface GraphNode {
  readonly name: string
  /** Nodes that are there before it. */
  readonly after: ReadonlyArray<string>
}

export interface GraphRow {
  /** The row of the node itself. */
  readonly node: string
  /** Rows that lead to it, from above. */
  readonly above: ReadonlyArray<string>
  /** What stands beside further lines about it. */
  readonly below: string
  /** Rows below those, in which lanes branch off from it. */
  readonly forks: ReadonlyArray<string>
}

/** For each lane the node that it leads to; null where there is none. */
type Lanes = ReadonlyArray<string | null>

const mark = "●"

/** One sign for each lane, with what joins it to the lane on its right. */
const draw = (signs: ReadonlyArray<readonly [sign: string, joint: string]>): string =>
  signs.map(([sign, joint]) => sign + joint).join("").trimEnd()

const passing = (lanes: Lanes): string => draw(lanes.map((lane) => [lane === null ? " " : "│", " "]))

/** A bar over the lanes from the first to the last of `ends`; other lanes cross it. */
const bar = (
  lanes: Lanes,
  ends: ReadonlyArray<number>,
  signs: { readonly middle: string; readonly last: string }
): string => {
  const [first = 0] = ends
  const last = ends.at(-1) ?? first
  return draw(lanes.map((lane, index) => {
    const joint = index >= first && index < last ? "─" : " "
    if (index === first) return ["├", joint]
    if (ends.includes(index)) return [index === last ? signs.last : signs.middle, joint]
    if (index > first && index < last) return [lane === null ? "─" : "┼", joint]
    return [lane === null ? " " : "│", joint]
  }))
}

const trim = (lanes: Lanes): Lanes => lanes.slice(0, lanes.findLastIndex((lane) => lane !== null) + 1)

const replace = (lanes: Lanes, indexes: ReadonlyArray<number>, lane: string | null): Lanes =>
  lanes.map((one, index) => indexes.includes(index) ? lane : one)

/** The lanes that lead to the node become one, or it gets one of its own; `at` is which. */
const enter = (
  lanes: Lanes,
  name: string
): { readonly lanes: Lanes; readonly at: number; readonly above: ReadonlyArray<string> } => {
  const leading = lanes.flatMap((lane, index) => lane === name ? [index] : [])
  const [first, ...others] = leading
  if (first === undefined) {
    const free = lanes.indexOf(null)
    const at = free === -1 ? lanes.length : free
    return { lanes: [...lanes.slice(0, at), name, ...lanes.slice(at + 1)], at, above: [] }
  }
  const above = others.length === 0 ? [] : [bar(lanes, leading, { middle: "┴", last: "╯" })]
  return { lanes: replace(lanes, others, null), at: first, above }
}

/** A lane for each of the nodes that come after it: its own for the first, free ones or new ones on its right for others. */
const leave = (
  lanes: Lanes,
  at: number,
  next: ReadonlyArray<string>
): { readonly lanes: Lanes; readonly forks: ReadonlyArray<string> } => {
  const [first = null, ...others] = next
  const grown: Array<string | null> = [...replace(lanes, [at], first)]
  const ends = others.map((name) => {
    const free = grown.findIndex((lane, index) => lane === null && index > at)
    const index = free === -1 ? grown.length : free
    grown[index] = name
    return index
  })
  const forks = ends.length === 0
    ? []
    : [bar(grown, [at, ...ends.toSorted((a, b) => a - b)], { middle: "┬", last: "╮" })]
  return { lanes: grown, forks }
}

export const graphRows = (nodes: ReadonlyArray<GraphNode>): ReadonlyArray<GraphRow> => {
  let lanes: Lanes = []
  return nodes.map(({ name }, index): GraphRow => {
    const entered = enter(lanes, name)
    const next = nodes.slice(index + 1).filter(({ after }) => after.includes(name))
    const node = draw(entered.lanes.map((lane, at) => [at === entered.at ? mark : lane === null ? " " : "│", " "]))
    const left = leave(entered.lanes, entered.at, next.map((one) => one.name))
    const stem = next.length === 0 ? replace(entered.lanes, [entered.at], null) : entered.lanes
    lanes = trim(left.lanes)
    return { node, above: entered.above, below: passing(stem), forks: left.forks }
  })
}
