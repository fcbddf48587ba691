/**
 * Braces in a template: which of them enclose a reference, and which are text.
 *
 * - `{name}` with nothing inside but a path (`{steps.plan.files[0]}`, beginning with a small letter or `_`) is a reference,
 *   and so is what can only be a misspelt one: `{ previous_output }`, `{steps.a b.output}`.
 * - `{{` and `}}` are one brace of text: `{{item}}` is the text `{item}`, `{{{item}}}` the item in braces. Two braces that
 *   enclose different things stay two, so the end of `{"a":{"b":1}}` is what it seems.
 * - Every other brace is text, and so is one after a dollar: `${name}` belongs to a shell or to a program.
 */

/** What is inside of a pair of braces that enclose a reference. */
export interface Braced {
  readonly inside: string
  /** Where the opening brace is, in UTF-16 units. */
  readonly offset: number
}

const path = String.raw`[a-z_][\w-]*(?:\.[\w-]+|\[\d+\])*`
const misspelt = String.raw`\s*(?:(?:steps|vars|loop)\s*[.[]|previous_output\s*(?:[.[|]|(?=\})))[^{}\n]*`

/** Doubled braces, then a single one. It begins where a row of braces begins, so each row is read once. */
const referenceForm = new RegExp(String.raw`(?<!\{)((?:\{\{)*)\{(${path}|${misspelt})\}`, "g")

const findReferences = (source: string): ReadonlyArray<Braced> =>
  Array.from(source.matchAll(referenceForm), (match) => ({
    inside: match[2]!,
    offset: match.index + match[1]!.length
  })).filter(({ offset }) => source[offset - 1] !== "$")

/** Where the braces of text are, in order. */
const textBraces = (source: string, references: ReadonlyArray<Braced>): ReadonlyArray<number> => {
  const enclosing = new Set(references.flatMap(({ inside, offset }) => [offset, offset + inside.length + 1]))
  return Array.from(source.matchAll(/[{}]/g), ({ index }) => index).filter((at) => !enclosing.has(at))
}

/** Each brace that has one to its other end. */
const matchBraces = (source: string, braces: ReadonlyArray<number>): ReadonlyMap<number, number> => {
  const partners = new Map<number, number>()
  const open: Array<number> = []
  for (const at of braces) {
    if (source[at] === "{") {
      open.push(at)
      continue
    }
    const partner = open.pop()
    if (partner !== undefined) partners.set(at, partner).set(partner, at)
  }
  return partners
}

/** The second one of every doubled brace. */
const findDoubled = (source: string, braces: ReadonlyArray<number>): ReadonlySet<number> => {
  const partners = matchBraces(source, braces)
  const encloseTwoThings = (one: number, other: number): boolean => {
    const [ofOne, ofOther] = [partners.get(one), partners.get(other)]
    return ofOne !== undefined && ofOther !== undefined && Math.abs(ofOne - ofOther) !== 1
  }
  const doubled = new Set<number>()
  for (const at of braces) {
    const next = at + 1
    if (doubled.has(at) || source[at] !== source[next] || encloseTwoThings(at, next)) continue
    doubled.add(next)
  }
  return doubled
}

/** The text as it is meant, with what is in braces in its place. Takes time in proportion to the text, whatever it is. */
export const splitBraces = (source: string): ReadonlyArray<string | Braced> => {
  const references = findReferences(source)
  const doubled = findDoubled(source, textBraces(source, references))
  const textBetween = (from: number, to: number): string =>
    source.slice(from, to).replace(/[{}]/g, (brace, at: number) => doubled.has(from + at) ? "" : brace)

  const parts: Array<string | Braced> = []
  let from = 0
  for (const reference of references) {
    parts.push(textBetween(from, reference.offset), reference)
    from = reference.offset + reference.inside.length + 2
  }
  parts.push(textBetween(from, source.length))
  return parts.filter((part) => part !== "")
}
