/**
 * What a prompt says without instructing: quotations, code and paths in a line, and words that are meant for whoever hands
 * the work out and not for whoever does it. They are covered, so that no rule sees them.
 */

const covered = (text: string, cover: string): string => text.replace(/[^\n]/gu, (unit) => cover.repeat(unit.length))

/** Pairs of marks. None of them reaches over an empty line. */
const quotations = [
  /"(?:[^"\n]|\n(?!\n))*"/gu,
  /“(?:[^”\n]|\n(?!\n))*”/gu,
  /„(?:[^“”\n]|\n(?!\n))*[“”]/gu,
  /«(?:[^»\n]|\n(?!\n))*»/gu,
  /[「『](?:[^」』\n]|\n(?!\n))*[」』]/gu,
  /‘(?:[^’\n]|\n(?!\n))*’/gu
]

const wide = /[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]/u

/** A name in quotation marks is only a name; a whole clause is what somebody else said. */
const isClause = (quotation: string): boolean =>
  quotation.length > (wide.test(quotation) ? 12 : 30) || quotation.trim().split(/\s+/u).length > 4

const code = /`[^`\n]*`/gu

/** A run of letters and digits with a mark inside: paths, addresses, versions, times, names of files. */
const token = /(?<![A-Za-z0-9@~$*{}<>#-])[A-Za-z0-9@~$*{}<>#-]*(?:[./\\_:]+[A-Za-z0-9@~$*{}<>#-]+)+\/?/gu

export const concealInline = (said: string, cover: string): string =>
  [
    ...quotations.map((form) => (text: string) =>
      text.replace(form, (found) => isClause(found) ? covered(found, cover) : found)
    ),
    ...[code, token].map((form) => (text: string) => text.replace(form, (found) => covered(found, cover)))
  ].reduce((text, conceal) => conceal(text), said)

/** A line that pretends to come from elsewhere than the user. */
const pretended =
  /^[ \t]*[[<(*#-]{0,3}[ \t]*(?:system|assistant|developer|router|systemnachricht|sistema|système|система|系统|システム|시스템)[a-z ]{0,20}[\]>):*][^\n]*$/gmu

const afterTheEnd = /^[ \t]*[-=*#<[]*[ \t]*end of (?:the )?(?:task|prompt|request|instructions?|message|input)\b[^]*$/mu

/** What speaks of routes, or of obeying somebody else. */
const order =
  /\broute[ \t]{0,3}(?:=|override)|"route"|parallel-combine|\b(?:correct|right|best) route\b|\byou are now\b|\b(?:ignore|disregard|forget) (?:all|any|your|my|the|previous|everything)\b|\bthe router\b|\bas a router\b/gu

const sentenceMark = /[.!?。！？\n]/u

/** The whole sentence around a place. */
const sentenceAround = (text: string, place: number): { readonly from: number; readonly to: number } => {
  let [from, to] = [place, place]
  while (from > 0 && !sentenceMark.test(text.charAt(from - 1))) from -= 1
  while (to < text.length && !sentenceMark.test(text.charAt(to))) to += 1
  return { from, to }
}

const concealSentences = (text: string, cover: string): string => {
  const kept: Array<string> = []
  let done = 0
  for (const { index } of text.matchAll(order)) {
    if (index < done) continue
    const { from, to } = sentenceAround(text, index)
    kept.push(text.slice(done, from), covered(text.slice(from, to), cover))
    done = to
  }
  return kept.join("") + text.slice(done)
}

export const concealOrders = (said: string, cover: string): string =>
  concealSentences(
    [pretended, afterTheEnd].reduce((text, form) => text.replace(form, (found) => covered(found, cover)), said),
    cover
  )
