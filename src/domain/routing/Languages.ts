/**
 * All vocabularies, and which of them a text is read with: what is common in one language means something else in another.
 */
import { Array, Order } from "effect"
import { chinese } from "./Chinese.ts"
import { dutch } from "./Dutch.ts"
import { english } from "./English.ts"
import { findConcepts } from "./Findings.ts"
import { french } from "./French.ts"
import { german } from "./German.ts"
import { hindi } from "./Hindi.ts"
import { italian } from "./Italian.ts"
import { japanese } from "./Japanese.ts"
import { korean } from "./Korean.ts"
import { polish } from "./Polish.ts"
import { portuguese } from "./Portuguese.ts"
import { russian } from "./Russian.ts"
import { spanish } from "./Spanish.ts"
import { swedish } from "./Swedish.ts"
import { turkish } from "./Turkish.ts"
import { phrasesOf, type Vocabulary } from "./Vocabulary.ts"

// dprint-ignore
const spaced = [
  english, german, french, spanish, italian, portuguese, dutch, polish, russian, swedish, turkish, hindi
]

/** Function words, and the languages that they are in. */
const languagesOf = new Map<string, ReadonlyArray<Vocabulary>>()
for (const language of spaced) {
  for (const word of phrasesOf(language.common)) languagesOf.set(word, [...languagesOf.get(word) ?? [], language])
}

/** What is read to tell the language, in characters. */
const sample = 3000

const word = /[\p{L}\p{M}']+/gu

/** Of the function words in a text, how many are in each language. */
const countCommon = (said: string): ReadonlyMap<Vocabulary, number> => {
  const counts = new Map<Vocabulary, number>()
  for (const [found] of said.matchAll(word)) {
    for (const language of languagesOf.get(found) ?? []) counts.set(language, (counts.get(language) ?? 0) + 1)
  }
  return counts
}

const share = (said: string, script: RegExp): number => (said.match(script)?.length ?? 0) / said.length

const eastern = (said: string): Vocabulary | null => {
  if (share(said, /[\u3040-\u30ff]/gu) > 0.05) return japanese
  if (share(said, /[\uac00-\ud7af]/gu) > 0.1) return korean
  return share(said, /[\u4e00-\u9fff]/gu) > 0.1 ? chinese : null
}

/** A script that none of the vocabularies is written in. */
const foreign = /[\u0590-\u06ff\u0e00-\u0e7f\u0370-\u03ff\u0980-\u0dff]/gu

export interface Reading {
  /** The likeliest first; English where there is nothing to go by. */
  readonly languages: ReadonlyArray<Vocabulary>
  /** Whether it is in a language that is known here. */
  readonly known: boolean
}

/** A second language is read too where it has at least so much of the first one's words: people mix them. */
const mixed = 0.5

/** Of the words of a text in a language that is written like this, so many are function words, or at least are known. */
const usual = { common: 0.12, known: 0.25 }

const byCount = Order.mapInput(Order.Number, ([, count]: readonly [Vocabulary, number]) => -count)

/** The language that has the most of the text: for a text without function words, as people type in haste. */
const byVocabulary = (said: string, words: number): Reading => {
  const counts = spaced.map((language): readonly [Vocabulary, number] => {
    const places = new Set(findConcepts(said, [language]).map(({ from }) => from))
    return [language, places.size]
  })
  const [best] = Array.sort(counts, byCount)
  const isWritten = share(said, foreign) === 0
  if (best === undefined || best[1] === 0) return { languages: [english], known: isWritten && words < 4 }
  return { languages: [best[0]], known: isWritten && best[1] >= words * usual.known }
}

export const chooseLanguages = (said: string): Reading => {
  const beginning = said.slice(0, sample)
  const east = eastern(beginning)
  if (east !== null) return { languages: [east], known: true }
  const words = beginning.match(word)?.length ?? 0
  const counts = Array.sort([...countCommon(beginning)], byCount)
  const [best] = counts
  if (best === undefined || best[1] < words * usual.common) return byVocabulary(beginning, words)
  return {
    languages: counts.filter(([, count]) => count >= best[1] * mixed).slice(0, 3).map(([language]) => language),
    known: share(beginning, foreign) < 0.2
  }
}
