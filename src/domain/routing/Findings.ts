/**
 * Where in a text which concepts are, found in one pass by the words of its languages.
 */
import type { Span } from "./Span.ts"
import { type Concept, phrasesOf, type Vocabulary } from "./Vocabulary.ts"

export interface Finding {
  readonly concept: Concept
  readonly from: number
  readonly to: number
}

interface Entry {
  readonly concept: Concept
  readonly phrase: string
  /** Any ending may follow. */
  readonly open: boolean
}

// dprint-ignore
const concepts: ReadonlyArray<Concept> = [
  "not", "each", "apart", "divide", "serial", "first", "next", "last", "uses", "takes", "gather", "weighty", "slight",
  "asks", "reads", "tells", "demands", "works"
]

/** Scripts whose words are not told apart by spaces, or that hang endings on them. */
const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u

const letter = /[\p{L}\p{N}\p{M}]/u

/** Letters and digits; by far most are of ASCII. */
const isLetter = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at)
  if (code > 127) return letter.test(text.charAt(at))
  return (code > 96 && code < 123) || (code > 64 && code < 91) || (code > 47 && code < 58)
}

/** Entries by their first two characters. */
type Index = ReadonlyMap<string, ReadonlyArray<Entry>>

const indexOf = (vocabulary: Vocabulary): Index => {
  const index = new Map<string, Array<Entry>>()
  for (const concept of concepts) {
    for (const listed of phrasesOf(vocabulary[concept])) {
      const phrase = listed.replace("*", "").replaceAll(/\s+/g, " ")
      const entry = { concept, phrase, open: listed.endsWith("*") || unspaced.test(listed) }
      const key = phrase.slice(0, 2)
      const known = index.get(key)
      if (known === undefined) index.set(key, [entry])
      else known.push(entry)
    }
  }
  return index
}

const indices = new WeakMap<Vocabulary, Index>()

const indexFor = (vocabulary: Vocabulary): Index => {
  const known = indices.get(vocabulary)
  if (known !== undefined) return known
  const made = indexOf(vocabulary)
  indices.set(vocabulary, made)
  return made
}

const isAt = (text: string, at: number, { open, phrase }: Entry): boolean =>
  text.startsWith(phrase, at) && (open || !isLetter(text, at + phrase.length))

/** In the order of the text. Of each concept only the longest phrase at a place counts. */
export const findConcepts = (said: string, vocabularies: ReadonlyArray<Vocabulary>): ReadonlyArray<Finding> => {
  const text = said.replaceAll(/[\n\t]/g, " ")
  const found: Array<Finding> = []
  const all = vocabularies.map(indexFor)
  for (let at = 0; at < text.length; at++) {
    const begins = (text.charCodeAt(at) > 127 && unspaced.test(text.charAt(at))) ||
      (isLetter(text, at) && (at === 0 || !isLetter(text, at - 1)))
    if (!begins) continue
    const longest = new Map<Concept, Finding>()
    for (const index of all) {
      for (const entry of [...index.get(text.slice(at, at + 2)) ?? [], ...index.get(text.charAt(at)) ?? []]) {
        if (!isAt(text, at, entry)) continue
        const to = at + entry.phrase.length
        const known = longest.get(entry.concept)
        if (known === undefined || known.to < to) longest.set(entry.concept, { concept: entry.concept, from: at, to })
      }
    }
    found.push(...longest.values())
  }
  return found
}

/** Those that begin within a span, of all in the order of the text. */
export const findingsIn = (findings: ReadonlyArray<Finding>, { from, to }: Span): ReadonlyArray<Finding> => {
  const start = firstFrom(findings, from)
  return findings.slice(start, firstFrom(findings, to))
}

/** The place of the first that begins there or later. */
const firstFrom = (findings: ReadonlyArray<Finding>, at: number): number => {
  let [low, high] = [0, findings.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (findings[middle]!.from < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Whether a concept begins just there. */
export const beginsAt = (findings: ReadonlyArray<Finding>, concept: Concept, at: number): boolean =>
  findingsIn(findings, { from: at, to: at + 1 }).some((finding) => finding.concept === concept)
