/**
 * What the test asks of a prompt, as numbers: how often it says something that speaks for one route or another.
 */
import type { Count } from "./Counts.ts"
import type { Evidence } from "./Evidence.ts"
import { beginsAt, findingsIn } from "./Findings.ts"
import type { Pieces } from "./Pieces.ts"
import type { Sequence } from "./Sequence.ts"
import type { Concept } from "./Vocabulary.ts"

export interface Facts {
  /** Pieces are independent, or are wanted side by side. */
  readonly apart: number
  /** It is said that the work is not to be divided. */
  readonly whole: number
  readonly serial: number
  /** Words for the first and the last of several steps. */
  readonly ends: number
  readonly each: number
  readonly weight: number
  readonly slight: number
  readonly gather: number
  /** Behind the pieces, something comes after them or is asked of them. */
  readonly closes: boolean
  /** A last sentence wants something, and does not say that it is wanted of each. */
  readonly addsOn: boolean
  /** What the result must fulfil, said before a list or where there is none. */
  readonly demands: number
  readonly works: number
  readonly words: number
  readonly isKnownLanguage: boolean
  readonly onlyAsks: boolean
  /** From its first word to its last a question. */
  readonly isQuestion: boolean
  /** Statements, and then a question. */
  readonly endsInQuestion: boolean
  readonly tells: boolean
  readonly reads: boolean
  readonly sequence: Sequence
  /** How often a result is spoken of, or an order, wherever it stands. */
  readonly flow: number
  /** How many steps say what is to be done. */
  readonly tasks: number
  readonly pieces: Pieces | null
  /** The pieces have lines of their own. */
  readonly isBlock: boolean
  /** Most of them begin with what is to be done. */
  readonly areTasks: boolean
  /** So many things that are not named. */
  readonly collection: Count | null
  /** There are about so many. */
  readonly isRough: boolean
}

const blocks: ReadonlySet<Pieces["form"]> = new Set(["list", "table", "lines", "sections"])

/** What it opens with is within so many characters. */
const opening = 80

const asksOnly = (evidence: Evidence, block: Pieces | null): boolean => {
  const sentences = evidence.sentences.filter(({ from }) => block === null || from < block.from || from > block.to)
  const begins = (concept: Concept, at: number) => beginsAt(evidence.findings, concept, at)
  const asking = sentences.filter(({ from, isQuestion }, at) =>
    isQuestion || (at === 0 && begins("asks", from) && !begins("next", from))
  )
  if (asking.length === 0) return false
  return asking.length === sentences.length || asking[0] === sentences[0] ||
    (evidence.count("works") + evidence.count("each") + evidence.sequence.links === 0)
}

/** Whether more is wanted behind the pieces: all that is said there of an order, or a question at the very end. */
const closesAfter = ({ findings, sentences }: Evidence, { to }: Pieces): boolean =>
  findings.some(({ concept, from }) => from >= to && (concept === "last" || concept === "next")) ||
  sentences.slice(1).some(({ from, isQuestion }) => from >= to && isQuestion)

const addsAtEnd = ({ findings, pieces: { best, collection }, sentences }: Evidence): boolean => {
  const last = sentences.at(-1)
  const end = best?.to ?? collection?.to ?? 0
  if (last === undefined || sentences.length < 2 || last.from < end) return false
  const own = findingsIn(findings, last)
  const says = (...concepts: ReadonlyArray<Concept>) => own.some(({ concept }) => concepts.includes(concept))
  return says("weighty", "works") && !says("each", "apart", "not")
}

const firstLetter = (said: string, from: number): number =>
  from + Math.max(0, said.slice(from, from + 40).search(/\p{L}/u))

export const readFacts = (evidence: Evidence): Facts => {
  const { count, denied, findings, layout, pieces: { best, collection, isRough }, sentences, sequence } = evidence
  const block = best !== null && blocks.has(best.form) ? best : null
  const outside = (concept: Concept) => count(concept) - (block === null ? 0 : count(concept, block))
  const start = sentences[0]?.from ?? 0
  const taskItems =
    block?.items.filter(({ from }) => beginsAt(findings, "works", firstLetter(layout.said, from))).length ??
      0
  return {
    apart: count("apart") + denied("serial") + count("divide"),
    whole: denied("divide"),
    serial: count("serial"),
    ends: count("first") + count("last"),
    each: outside("each"),
    weight: count("weighty"),
    slight: outside("slight"),
    gather: outside("gather"),
    addsOn: addsAtEnd(evidence),
    closes: best !== null && closesAfter(evidence, best),
    demands: block === null ? count("demands") : count("demands", { from: 0, to: block.from }),
    works: count("works"),
    words: evidence.words,
    isKnownLanguage: evidence.isKnownLanguage,
    onlyAsks: asksOnly(evidence, block),
    isQuestion: beginsAt(findings, "asks", start) && sentences.every(({ isQuestion }) => isQuestion),
    endsInQuestion: sentences.length > 1 && sentences.at(-1)!.isQuestion,
    tells: count("tells", { from: start, to: start + opening }) > 0,
    reads: beginsAt(findings, "reads", start),
    sequence,
    flow: count("uses") + count("next") + count("last"),
    tasks: sequence.steps.filter(({ isTask }) => isTask).length,
    pieces: best,
    isBlock: block !== null,
    areTasks: block !== null && taskItems * 2 >= block.items.length,
    collection: best?.isCounted === true ? null : collection,
    isRough
  }
}
