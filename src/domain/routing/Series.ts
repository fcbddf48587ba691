/**
 * Pieces that are named in a row within a sentence: `a, b and c`, after a colon, in brackets, or numbered.
 */
import { cover } from "./Layout.ts"
import { type Span, trimSpan } from "./Span.ts"
import { phrasesOf, type Vocabulary } from "./Vocabulary.ts"

export interface Series extends Span {
  readonly form: "numbered" | "named" | "colon" | "brackets" | "running"
  readonly items: ReadonlyArray<Span>
  readonly isNumbered: boolean
}

export interface Grammar {
  readonly and: ReadonlySet<string>
  readonly joints: ReadonlySet<string>
  /** How pieces are to be done, such as `in parallel`: said in a row with them, it is none of them. */
  readonly manners: ReadonlySet<string>
}

export const grammarOf = (languages: ReadonlyArray<Vocabulary>): Grammar => ({
  and: new Set(languages.flatMap(({ and }) => phrasesOf(and))),
  joints: new Set(languages.flatMap(({ joints }) => phrasesOf(joints))),
  manners: new Set(languages.flatMap(({ apart }) => phrasesOf(apart)))
})

const closing: Readonly<Record<string, string>> = { "(": ")", "[": "]", "（": "）" }

interface Parted {
  readonly items: ReadonlyArray<Span>
  /** Those that a conjunction stands before. */
  readonly joined: ReadonlyArray<number>
}

/** At separators that stand in no brackets, and at conjunctions. */
const split = (said: string, span: Span, { and }: Grammar): Parted => {
  const items: Array<Span> = []
  const joined: Array<number> = []
  const stack: Array<string> = []
  let from = span.from
  const separator = /[;；]\s/u.test(said.slice(span.from, span.to)) ? /[;；]/u : /[,;，、；・]/u
  const push = (to: number, next: number) => {
    const item = trimSpan(said, { from, to }, ".:;,，、・")
    if (item.to > item.from) items.push(item)
    from = next
  }
  for (let at = span.from; at < span.to; at++) {
    const unit = said.charAt(at)
    const close = closing[unit]
    if (close !== undefined) stack.push(close)
    else if (unit === stack.at(-1)) stack.pop()
    if (stack.length > 0) continue
    if (separator.test(unit)) {
      push(at, at + 1)
      continue
    }
    if (!/\s/u.test(unit) && !/[\u3040-\u9fff]/u.test(unit)) continue
    const start = /\s/u.test(unit) ? at + 1 : at
    const conjunction = conjunctionAt(said, start, and)
    if (conjunction === 0) continue
    push(at, start + conjunction)
    joined.push(items.length)
    at = start + conjunction - 1
  }
  push(span.to, span.to)
  return { items, joined }
}

/** How long the conjunction is that stands there; 0 if there is none. */
const conjunctionAt = (said: string, at: number, and: ReadonlySet<string>): number => {
  for (const word of and) {
    if (!said.startsWith(word, at)) continue
    const spacedWord = /^[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Devanagari}]/u.test(word)
    if (!spacedWord || /[\s,]/u.test(said.charAt(at + word.length))) return word.length
  }
  return 0
}

const words = (said: string, span: Span): ReadonlyArray<RegExpExecArray> => [
  ...said.slice(span.from, span.to).matchAll(/[\p{L}\p{N}\p{M}'\u00a4()/#.-]+/gu)
]

/** The first `most` words of a span, and fewer where a word ends the name of a thing. */
const headOf = (said: string, span: Span, most: number, { joints }: Grammar): Span => {
  let end = span.from
  for (const [number, match] of words(said, span).entries()) {
    if (number >= most || (number > 0 && joints.has(match[0]))) break
    end = span.from + match.index + match[0].length
  }
  return { from: span.from, to: end }
}

const tailOf = (said: string, span: Span, most: number): Span => {
  const found = words(said, span)
  const start = found.at(-Math.min(most, found.length))
  return start === undefined ? span : { from: span.from + start.index, to: span.to }
}

const namedIn = (said: string, span: Span, grammar: Grammar): ReadonlyArray<Span> =>
  split(said, span, grammar).items.filter(({ from, to }) => !grammar.manners.has(said.slice(from, to).toLowerCase()))

/** More words than that are no name of a thing. */
const longestName = 7

/** `… a, b and c …` within a clause: what is before and after the names is cut off. */
const runningIn = (said: string, clause: Span, grammar: Grammar): ReadonlyArray<Series> => {
  const { items, joined } = split(said, clause, grammar)
  const lengths = items.map((item) => words(said, item).length)
  return joined.flatMap((last): ReadonlyArray<Series> => {
    let first = last - 1
    while (first > 0 && lengths[first]! <= longestName && !joined.includes(first)) first -= 1
    const inner = items.slice(first + 1, last)
    if (first < 0 || items[last] === undefined || (inner.length === 0 && lengths[last]! > longestName)) return []
    const most = inner.length === 0 ? longestName : Math.max(...lengths.slice(first + 1, last), 1)
    const all = [tailOf(said, items[first]!, most), ...inner, headOf(said, items[last], most + 1, grammar)]
    return [{ form: "running", from: all[0]!.from, to: all.at(-1)!.to, items: all, isNumbered: false }]
  })
}

const bracketed = /[(（]([^()（）\n]*)[)）]/gu

/** Names in marks: 「a」「b」, "a", "b". */
const quotedNames = /[「『«“„"]([^「」『』«»“”„"\n]{1,40})[」』»”“"]/gu

const numberMark =
  /(?<![\p{L}\p{N}.])[(（]?(\d{1,2}|[a-h])[.)）](?![\p{N}])|[①-⑳]|第[一二三四五六七八九十]步[：:，,]?|(?<![\p{L}])(?:step|schritt|étape|paso|passo|stap|krok|шаг|steg|adım|ステップ) ?(\d{1,2})[:.：]/gu

const ordinalOf = (mark: RegExpExecArray): number => {
  const label = mark[1] ?? mark[2]
  if (label !== undefined) return /\d/u.test(label) ? Number(label) : label.charCodeAt(0) - 96
  const han = "一二三四五六七八九十".indexOf(mark[0].charAt(1)) + 1
  return mark[0].startsWith("第") ? han : mark[0].codePointAt(0)! - 0x245f
}

/** `1. … 2. … 3. …` in running text, counted from one without a gap. */
export const numberedIn = (said: string, span: Span): ReadonlyArray<Series> => {
  const marks: Array<RegExpExecArray> = []
  for (const mark of said.slice(span.from, span.to).matchAll(numberMark)) {
    if (ordinalOf(mark) === marks.length + 1) marks.push(mark)
  }
  if (marks.length < 2) return []
  const items = marks.map((mark, number): Span =>
    trimSpan(said, {
      from: span.from + mark.index + mark[0].length,
      to: span.from + (marks[number + 1]?.index ?? span.to - span.from)
    }, ",;，；、")
  )
  return [{ form: "numbered", from: span.from + marks[0]!.index, to: span.to, items, isNumbered: true }]
}

/** All series of a sentence; they may overlap. */
export const seriesIn = (said: string, sentence: Span, grammar: Grammar): ReadonlyArray<Series> => {
  const text = said.slice(sentence.from, sentence.to)
  const found: Array<Series> = []
  const colon = /[:：]/u.exec(text)
  if (colon !== null) {
    const span = { from: sentence.from + colon.index + 1, to: sentence.to }
    const items = namedIn(said, span, grammar)
    if (items.length > 1) found.push({ form: "colon", ...span, items, isNumbered: false })
  }
  for (const match of text.matchAll(bracketed)) {
    const from = sentence.from + match.index + 1
    const span = { from, to: from + match[1]!.length }
    const items = namedIn(said, span, grammar)
    if (items.length > 1) found.push({ form: "brackets", ...span, items, isNumbered: false })
  }
  const names = [...text.matchAll(quotedNames)].filter(([name]) => !name.includes(cover))
  if (names.length > 1) {
    const items = names.map((match): Span => ({
      from: sentence.from + match.index,
      to: sentence.from + match.index + match[0].length
    }))
    found.push({ form: "named", from: items[0]!.from, to: items.at(-1)!.to, items, isNumbered: false })
  }
  const before = { from: sentence.from, to: colon === null ? sentence.to : sentence.from + colon.index }
  return [...found, ...runningIn(said, before, grammar)]
}
