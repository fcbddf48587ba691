/**
 * The pieces that a prompt names, if it names some: the best of its lists, tables, bare lines and series.
 */
import { Array, Order } from "effect"
import { type Block, readBlocks } from "./Blocks.ts"
import { type Count, readCounts } from "./Counts.ts"
import { type Finding, findingsIn } from "./Findings.ts"
import { cover, type Layout } from "./Layout.ts"
import type { Sentence } from "./Sentences.ts"
import { grammarOf, numberedIn, type Series, seriesIn } from "./Series.ts"
import { isWithin, type Span, wordCount } from "./Span.ts"
import type { Vocabulary } from "./Vocabulary.ts"

export interface Pieces extends Span {
  readonly form: Block["form"] | Series["form"]
  readonly items: ReadonlyArray<Span>
  readonly isNumbered: boolean
  /** The text says how many there are, and that many are named. */
  readonly isCounted: boolean
}

export interface PiecesFound {
  readonly best: Pieces | null
  /** The best first. */
  readonly all: ReadonlyArray<Pieces>
  readonly blocks: ReadonlyArray<Block>
  /** So many things of one kind, in one place or dealt out, of which none is named. */
  readonly collection: Count | null
  /** There are about so many things. */
  readonly isRough: boolean
}

type Candidate = Block | Series

/** How far before the first piece its number may be said, and after the last one. */
const reach = { before: 220, after: 120 }

/** `(list in file)` between a number and names: the names are not what was counted. */
const isElsewhere = (said: string): boolean => {
  const inside = /[(（]([^()（）]*)[)）]\s*[:：]?\s*$/u.exec(said)?.[1]
  return inside !== undefined && inside.includes(cover) && !/[,，、]/u.test(inside) && wordCount(inside) <= 4
}

/** How far the number is that says how many there are; null if none does. */
const distanceOfCount = (
  said: string,
  { from, items, to }: Candidate,
  counts: ReadonlyArray<Count>
): number | null => {
  const distances = counts.filter(({ value }) => value === items.length).flatMap((count) => {
    if (count.from >= to) return count.from - to <= reach.after ? [count.from - to] : []
    const isNear = count.to <= from && from - count.to <= reach.before
    return isNear && !isElsewhere(said.slice(count.to, from)) ? [from - count.to] : []
  })
  return distances.length === 0 ? null : Math.min(...distances)
}

/** A series that is longer than was said may have something at its end that is no name, or before it in a clause. */
const fittedSeries = (series: Series, counts: ReadonlyArray<Count>): ReadonlyArray<Series> => {
  const { form, items } = series
  const values = new Set(counts.map(({ value }) => value).filter((value) => value > 2 && value < items.length))
  return [
    series,
    ...Array.fromIterable(values).map((value): Series => {
      const kept = form === "running" ? items.slice(-value) : items.slice(0, value)
      return { form, from: kept[0]!.from, to: series.to, items: kept, isNumbered: series.isNumbered }
    })
  ]
}

/** Bare lines are as many as was said, where more follow that belong to them no longer. */
const fittedBlock = (block: Block, counts: ReadonlyArray<Count>): Block => {
  const count = counts.find(({ to, value }) => to <= block.from && value < block.items.length)
  return block.form !== "lines" || count === undefined ? block : { ...block, items: block.items.slice(0, count.value) }
}

/** As written most clearly, first. */
// dprint-ignore
const forms: ReadonlyArray<Pieces["form"]> = [
  "sections", "list", "table", "lines", "numbered", "named", "colon", "running", "brackets"
]

/** Farther than any number can be. */
const uncounted = 10_000

/** Counted ones before others, the nearest to their number first; then by form, pairs last. */
const rank = ({ form, items }: Candidate, distance: number | null): number =>
  (distance ?? uncounted) + forms.indexOf(form) + (items.length > 2 ? 0 : forms.length)

/** Something that may be read one by one: a directory, a file, an address. */
const hasPlace = (said: string): boolean => said.includes(cover.repeat(3)) || /[\p{L}\p{N}]\//u.test(said)

/** `the 15 projects in applications/` */
const findCollection = (
  said: string,
  counts: ReadonlyArray<Count>,
  sentences: ReadonlyArray<Sentence>
): Count | null =>
  counts.find((count) =>
    !count.isRough &&
    sentences.some((sentence) => isWithin(count, sentence) && hasPlace(said.slice(sentence.from, sentence.to)))
  ) ?? null

/** Of fewer things each would be named. */
const fewestUnnamed = 3

/** `five drafts, one by each of us`: nobody says where they are, but that they are dealt out. */
const findUnnamed = (
  said: string,
  counts: ReadonlyArray<Count>,
  sentences: ReadonlyArray<Sentence>,
  findings: ReadonlyArray<Finding>
): Count | null =>
  counts.find((count) =>
    !count.isRough && count.value >= fewestUnnamed &&
    !/[(（][^)）]*$/u.test(said.slice(Math.max(0, count.from - bracketReach), count.from)) &&
    sentences.some((sentence) =>
      isWithin(count, sentence) &&
      findingsIn(findings, sentence).some(({ concept }) => concept === "each" || concept === "apart")
    )
  ) ?? null

/** How far back a bracket is looked for. */
const bracketReach = 80

const readSeries = (
  said: string,
  sentences: ReadonlyArray<Sentence>,
  languages: ReadonlyArray<Vocabulary>
): ReadonlyArray<Series> => {
  const grammar = grammarOf(languages)
  if (!Array.isReadonlyArrayNonEmpty(sentences)) return []
  const paragraphs = Array.groupWith(sentences, (one, other) => one.paragraph === other.paragraph)
  const numbered = paragraphs.flatMap((paragraph) =>
    numberedIn(said, { from: said.lastIndexOf("\n", paragraph[0].from - 1) + 1, to: paragraph.at(-1)!.to })
  )
  return [...numbered, ...joinOpen(said, sentences).flatMap((span) => seriesIn(said, span, grammar))]
}

/** A sentence that ends in a semicolon goes on in the next. */
const joinOpen = (said: string, sentences: ReadonlyArray<Sentence>): ReadonlyArray<Span> => {
  const joined: Array<{ from: number; to: number }> = []
  let open: number | null = null
  for (const { from, paragraph, to } of sentences) {
    const last = joined.at(-1)
    if (last !== undefined && open === paragraph) last.to = to
    else joined.push({ from, to })
    open = /[;；]/u.test(said.charAt(to - 1)) ? paragraph : null
  }
  return joined
}

export const readPieces = (
  { lines, said, text }: Layout,
  sentences: ReadonlyArray<Sentence>,
  languages: ReadonlyArray<Vocabulary>,
  findings: ReadonlyArray<Finding>
): PiecesFound => {
  const counts = readCounts(said, languages)
  const blocks = readBlocks(lines, text)
  const marked = blocks.filter(({ form }) => form !== "lines")
  const outside = sentences.filter(({ from }) => !marked.some((block) => from >= block.from && from < block.to))
  const candidates: ReadonlyArray<Candidate> = [
    ...blocks.map((block) => fittedBlock(block, counts)),
    ...readSeries(said, outside, languages).flatMap((series) => fittedSeries(series, counts))
  ]
  const ranked = candidates.map((candidate) => {
    const distance = distanceOfCount(said, candidate, counts)
    const { form, from, isNumbered, items, to } = candidate
    const pieces: Pieces = { form, from, to, items, isNumbered, isCounted: distance !== null }
    return { pieces, rank: rank(candidate, distance) }
  })
  const all = Array.sortBy(Order.mapInput(Order.Number, (one: typeof ranked[number]) => one.rank))(ranked)
    .map(({ pieces }) => pieces)
  return {
    best: all[0] ?? null,
    all,
    blocks,
    collection: findCollection(said, counts, sentences) ??
      (all.some(({ items }) => items.length > 2) ? null : findUnnamed(said, counts, sentences, findings)),
    isRough: counts.some(({ isRough }) => isRough)
  }
}
