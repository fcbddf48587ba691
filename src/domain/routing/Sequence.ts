/**
 * Work that goes from one result to the next: its steps, and how many of them say what they come after or what they need.
 */
import { type Finding, findingsIn } from "./Findings.ts"
import type { Sentence } from "./Sentences.ts"
import { type Span, trimSpan } from "./Span.ts"

export interface Step extends Span {
  /** Says that it comes after something. */
  readonly isLinked: boolean
  /** Says that it needs what came before. */
  readonly isNeedy: boolean
  /** Says what is to be done. */
  readonly isTask: boolean
}

export interface Sequence {
  /** The steps are numbered in the text. */
  readonly isGiven: boolean
  readonly steps: ReadonlyArray<Step>
  readonly links: number
  readonly needs: number
}

const separators = /[,;:，；、：—–→]/u

const contentWord = /[\p{L}\p{M}]{4,}/gu

/** Words with and without their endings are the same. */
const stemOf = (word: string): string => word.slice(0, 5)

const stemsIn = (text: string): ReadonlyArray<string> => (text.match(contentWord) ?? []).map(stemOf)

/** Whether just behind a `takes` something stands that was named before. */
const namesAgain = (said: string, { to }: Finding, end: number, earlier: ReadonlySet<string>): boolean =>
  stemsIn(said.slice(to, Math.min(end, to + 40)).split(separators)[0]!).slice(0, 3).some((stem) => earlier.has(stem))

const refersBack = (
  said: string,
  span: Span,
  findings: ReadonlyArray<Finding>,
  earlier: ReadonlySet<string>
): boolean =>
  findings.some((finding) =>
    finding.concept === "takes" && finding.to <= span.to && namesAgain(said, finding, span.to, earlier)
  )

/** How far back a step is looked for that named something first. */
const recent = 400

/** What a step may begin with. */
const opens = new Set<Finding["concept"]>(["first", "next", "last", "uses", "takes", "works"])

/** What a step begins with that a conjunction joins to the one before. */
const ordered = new Set<Finding["concept"]>(["first", "next", "last"])

/** Where a sentence begins another step: after a separator, or behind a conjunction at a word that says so. */
const cutsIn = (
  said: string,
  sentence: Sentence,
  findings: ReadonlyArray<Finding>,
  and: ReadonlySet<string>
): ReadonlyArray<number> => {
  const cuts = new Set([sentence.from])
  for (const finding of findingsIn(findings, sentence)) {
    const { concept, from } = finding
    if (!opens.has(concept) || from === sentence.from) continue
    const before = said.slice(Math.max(sentence.from, from - 12), from)
    const afterSeparator = /[,;:，；、：—–→][\s\u00a4]*(?:\p{L}{1,3}\s+)?$/u.test(before)
    const word = /(?:^|\s)(\p{L}+)\s+$/u.exec(before)?.[1]
    const afterAnd = ordered.has(concept) && word !== undefined && and.has(word)
    if (!afterSeparator && !afterAnd) continue
    const earlier = said.slice(Math.max(0, from - recent), from)
    if (concept !== "takes" || namesAgain(said, finding, sentence.to, new Set(stemsIn(earlier)))) cuts.add(from)
  }
  return [...cuts].toSorted((one, other) => one - other)
}

/** What may stand before the first word of a step. */
const markLength = 5

/** Whether a later step takes up what an earlier one did: `the extracted tables`, `the plan`. */
const takesUp = (stems: ReadonlyArray<string>, did: ReadonlySet<string>): boolean =>
  stems.slice(1).some((stem) => stem !== stems[0] && did.has(stem))

const has = (findings: ReadonlyArray<Finding>, ...concepts: ReadonlyArray<Finding["concept"]>): boolean =>
  findings.some(({ concept }) => concepts.includes(concept))

/** Whether a step says what is to be done: at its beginning, or behind a word of order; anywhere where words are not spaced. */
const isTask = (said: string, span: Span, findings: ReadonlyArray<Finding>): boolean =>
  findings.some(({ concept, from }) => {
    if (concept !== "works") return false
    return from - span.from <= markLength || /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u.test(said.charAt(from)) ||
      findings.some(({ concept, to }) =>
        (concept === "first" || concept === "next" || concept === "last") && from >= to && from - to < 3
      )
  })

export const readSequence = (
  said: string,
  sentences: ReadonlyArray<Sentence>,
  findings: ReadonlyArray<Finding>,
  { and, given }: { readonly and: ReadonlySet<string>; readonly given: ReadonlyArray<Span> | null }
): Sequence => {
  const spans = given ?? sentences.flatMap((sentence) => {
    const cuts = cutsIn(said, sentence, findings, and)
    return cuts.map((from, at): Span => ({ from, to: cuts[at + 1] ?? sentence.to }))
  })
  const earlier = new Set<string>()
  const did = new Set<string>()
  const steps = spans.map((span): Step => {
    const own = findingsIn(findings, span)
    const stems = stemsIn(said.slice(span.from, span.to))
    const isNeedy = earlier.size > 0 &&
      (has(own, "uses") || refersBack(said, span, own, earlier) || takesUp(stems, did))
    const isLinked = isNeedy || has(own, "next", "last")
    for (const stem of stems) earlier.add(stem)
    if (
      stems[0] !== undefined && own.some(({ concept, from }) => concept === "works" && from < span.from + markLength)
    ) {
      did.add(stems[0])
    }
    const { from, to } = trimSpan(said, span, ",;，；")
    return { from, to, isLinked, isNeedy, isTask: isTask(said, span, own) }
  })
  const later = steps.slice(1)
  return {
    isGiven: given !== null,
    steps,
    links: later.filter(({ isLinked }) => isLinked).length,
    needs: later.filter(({ isNeedy }) => isNeedy).length
  }
}
