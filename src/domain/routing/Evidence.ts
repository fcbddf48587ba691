/**
 * All that a prompt says about how its work may be divided.
 */
import { beginsAt, findConcepts, type Finding, findingsIn } from "./Findings.ts"
import { chooseLanguages } from "./Languages.ts"
import { type Layout, readLayout } from "./Layout.ts"
import { type PiecesFound, readPieces } from "./Pieces.ts"
import { readSentences, type Sentence } from "./Sentences.ts"
import { readSequence, type Sequence } from "./Sequence.ts"
import { isWithin, type Span, wordCount } from "./Span.ts"
import { type Concept, phrasesOf, type Vocabulary } from "./Vocabulary.ts"

export interface Evidence {
  readonly layout: Layout
  readonly sentences: ReadonlyArray<Sentence>
  readonly findings: ReadonlyArray<Finding>
  readonly pieces: PiecesFound
  readonly sequence: Sequence
  readonly isKnownLanguage: boolean
  readonly words: number
  /** How often something is said, where it is not denied. */
  readonly count: (concept: Concept, within?: Span) => number
  /** How often it is denied. */
  readonly denied: (concept: Concept) => number
}

/** What is meant the other way round where it is denied. */
const deniable: ReadonlySet<Concept> = new Set(["apart", "serial", "divide", "gather"])

/** How far before a word its denial stands; after it in languages that put it there. */
const near = 26

/** How far behind a thing it is said that there is one for each. */
const close = 12

const isDenied = (said: string, finding: Finding, findings: ReadonlyArray<Finding>): boolean =>
  findingsIn(findings, { from: finding.from - 2 * near, to: finding.to + near }).some(({ concept, from, to }) => {
    if (concept !== "not") return false
    if (to <= finding.from && finding.from - to <= near) {
      return !/[.,;:!?。，；：！？]/u.test(said.slice(to, finding.from))
    }
    const isEastern = /[\u3040-\u30ff\uac00-\ud7af]/u.test(said.charAt(from))
    return isEastern && from >= finding.to && from - finding.to <= 8 && !/[.,。、]/u.test(said.slice(finding.to, from))
  })

/** `one file each`: so many of them, and not one that is made of all. */
const isDealt = (said: string, { concept, to }: Finding, findings: ReadonlyArray<Finding>): boolean =>
  concept === "gather" &&
  findingsIn(findings, { from: to, to: to + close }).some((finding) =>
    finding.concept === "each" && !/[.,;:!?。，；：！？]/u.test(said.slice(to, finding.from))
  )

/** `each minute` hands nothing out. */
const isMeasure = (said: string, { concept, to }: Finding, languages: ReadonlyArray<Vocabulary>): boolean => {
  if (concept !== "each") return false
  const words = said.slice(to, to + 32).match(/^[\s~\d]*([\p{L}\p{M}']+)(?: ([\p{L}\p{M}']+))?/u)?.slice(1) ?? []
  const isUnit = (word: string | undefined) =>
    word !== undefined &&
    languages.some(({ units }) =>
      phrasesOf(units).some((unit) => unit.endsWith("*") ? word.startsWith(unit.slice(0, -1)) : word === unit)
    )
  return isUnit(words[0]) || (/(?:th|nd|rd)$/u.test(words[0] ?? "") && isUnit(words[1]))
}

/** Below a sentence that wants a text to be read, there is that text. */
const withoutMaterial = (
  sentences: ReadonlyArray<Sentence>,
  findings: ReadonlyArray<Finding>
): ReadonlyArray<Sentence> => {
  const [first] = sentences
  return first !== undefined && beginsAt(findings, "reads", first.from)
    ? sentences.filter(({ paragraph }) => paragraph === first.paragraph)
    : sentences
}

/** A numbered list is one of steps, unless it says what a result has to fulfil; other lists are none. */
const sequenceOf = (
  said: string,
  sentences: ReadonlyArray<Sentence>,
  findings: ReadonlyArray<Finding>,
  { all, blocks }: PiecesFound,
  languages: ReadonlyArray<Vocabulary>
): Sequence => {
  const and = new Set(languages.flatMap((language) => phrasesOf(language.and)))
  const numbered = all.find(({ isNumbered, items }) => isNumbered && items.length > 2)
  const demanded = numbered !== undefined &&
    findings.some(({ concept, from }) => concept === "demands" && from < numbered.from)
  if (numbered !== undefined && !demanded) {
    return readSequence(said, sentences, findings, { and, given: numbered.items })
  }
  const outside = sentences.filter((sentence) => !blocks.some((block) => isWithin(sentence, block)))
  return readSequence(said, outside, findings, { and, given: null })
}

export const readEvidence = (prompt: string): Evidence => {
  const layout = readLayout(prompt)
  const { said } = layout
  const reading = chooseLanguages(said)
  const findings = findConcepts(said, reading.languages).filter((finding) =>
    !isMeasure(said, finding, reading.languages)
  )
  const sentences = withoutMaterial(readSentences(layout), findings)
  const pieces = readPieces(layout, sentences, reading.languages, findings)
  const sequence = sequenceOf(said, sentences, findings, pieces, reading.languages)
  const denied = new Set(
    findings.filter((finding) =>
      deniable.has(finding.concept) && (isDenied(said, finding, findings) || isDealt(said, finding, findings))
    )
  )
  return {
    layout,
    sentences,
    findings,
    pieces,
    sequence,
    isKnownLanguage: reading.known,
    words: wordCount(said),
    count: (concept, within) =>
      findings.filter((finding) =>
        finding.concept === concept && !denied.has(finding) &&
        (within === undefined || (finding.from >= within.from && finding.to <= within.to))
      ).length,
    denied: (concept) => [...denied].filter((finding) => finding.concept === concept).length
  }
}
