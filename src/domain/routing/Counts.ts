/**
 * Numbers of things that a text speaks of: `five services`, `12 PRs`, `四份`, `3社`.
 */
import type { Span } from "./Span.ts"
import { phrasesOf, type Vocabulary } from "./Vocabulary.ts"

export interface Count extends Span {
  readonly value: number
  /** `about 15`: there may be more. */
  readonly isRough: boolean
}

const most = 64

const numberWord = /(?<![\p{L}\p{N}\p{M}#$€£.,–/-])(?:(\d{1,2})(?![\d.,:%€$/x-])|\p{L}[\p{L}\p{M}]*(?:-\p{L}+)?)/gu

const measured =
  /(\d{1,2}|[一二两兩三四五六七八九十]{1,3})\s?(?:个|份|家|篇|本|章|条|项|款|种|门|套|件|座|社|つ|冊|個|種類|か国|店舗|部|개|편|권|가지|곳|부|종)/gu

const han = "一二三四五六七八九十"

const digit = (unit: string | undefined): number => unit === undefined || unit === "" ? 0 : han.indexOf(unit) + 1

/** 十二 is twelve, 三十 is thirty. */
const hanValue = (text: string): number => {
  const plain = text.replace(/[两兩]/gu, "二")
  if (/^\d/u.test(plain)) return Number(plain)
  const [tens, ones] = plain.includes("十") ? plain.split("十") : ["", plain]
  return (plain.includes("十") ? 10 * (digit(tens) || 1) : 0) + digit(ones)
}

const rough =
  /(?:about|around|some|roughly|approx\.?|approximately|~|circa|ca\.?|etwa|rund|environ|unos|unas|cerca de|około|около|大约|约|約|ongeveer)\s*$/u

/** `a page with three tabs`: parts of one thing. */
const within = /(?:^|[\s(])(?:with|having|mit|avec|con|com|met|med|ze|z|со|с|ile)\s+(?:the\s+)?$/u

const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/u

const isUnit = (text: string, units: ReadonlyArray<string>): boolean => {
  const word = /^[\p{L}\p{M}'-]+/u.exec(text)?.[0] ?? ""
  return units.some((unit) =>
    unit.endsWith("*") || unspaced.test(unit) ? word.startsWith(unit.replace("*", "")) : word === unit
  )
}

export const readCounts = (said: string, languages: ReadonlyArray<Vocabulary>): ReadonlyArray<Count> => {
  const values = new Map(
    languages.flatMap(({ numbers }) => phrasesOf(numbers).map((word, at) => [word, at + 2] as const))
  )
  const units = languages.flatMap((language) => phrasesOf(language.units))
  const counts: Array<Count> = []
  for (const match of said.matchAll(numberWord)) {
    const value = match[1] === undefined ? values.get(match[0]) : Number(match[1])
    const to = match.index + match[0].length
    const after = said.slice(to, to + 40).trimStart()
    if (within.test(said.slice(Math.max(0, match.index - 12), match.index))) continue
    if (value === undefined || value < 2 || value > most || isUnit(after, units) || !/^[\p{L}(~]/u.test(after)) continue
    counts.push({
      from: match.index,
      to,
      value,
      isRough: rough.test(said.slice(Math.max(0, match.index - 16), match.index))
    })
  }
  for (const match of said.matchAll(measured)) {
    const value = hanValue(match[1]!)
    if (value < 2 || value > most) continue
    const before = said.slice(Math.max(0, match.index - 6), match.index)
    counts.push({ from: match.index, to: match.index + match[0].length, value, isRough: rough.test(before) })
  }
  return counts
}
