/**
 * The words of a language that say how pieces of work stand to each other, as data. Phrases are separated by commas; a star
 * at the end stands for any ending.
 */

export interface Vocabulary {
  /** Function words: by them a text is known to be in this language. */
  readonly common: string
  /** Words for 2, 3, 4, … */
  readonly numbers: string
  /** What is counted and is no piece of work: pages, words, minutes. */
  readonly units: string
  /** The conjunctions of a list. */
  readonly and: string
  /** Words that end the name of a thing, such as prepositions. */
  readonly joints: string
  readonly not: string
  /** The same for one thing after the other. */
  readonly each: string
  /** Pieces have nothing to do with one another, or are wanted side by side. */
  readonly apart: string
  /** To divide work; negated, it has to stay whole. */
  readonly divide: string
  /** One after the other is wanted. */
  readonly serial: string
  readonly first: string
  readonly next: string
  readonly last: string
  /** The result of something before is needed. */
  readonly uses: string
  /** The same, if what follows has been named before. */
  readonly takes: string
  /** One thing that is made of all pieces. */
  readonly gather: string
  /** Work that is worth a worker. */
  readonly weighty: string
  /** Work of a moment, or in one place. */
  readonly slight: string
  /** The beginning of a question, or a wish for an explanation. */
  readonly asks: string
  /** Material follows that is to be read and not to be obeyed. */
  readonly reads: string
  /** A text that tells a procedure. */
  readonly tells: string
  /** What one result must fulfil. */
  readonly demands: string
  /** What an instruction begins with. */
  readonly works: string
}

export type Concept = Exclude<keyof Vocabulary, "common" | "numbers" | "joints" | "and" | "units">

export const phrasesOf = (list: string): ReadonlyArray<string> =>
  list.split(",").map((phrase) => phrase.trim()).filter((phrase) => phrase !== "")
