/**
 * Plans made of the caller's own text. Every prompt stands alone: it has all of the text that is shared, and one sentence
 * that says which part of it is meant. Caps bundle what is too much; nothing is ever left out.
 */
import { Array } from "effect"
import type { RoutePlan } from "./Route.ts"
import type { Count } from "./routing/Counts.ts"
import type { Pieces } from "./routing/Pieces.ts"
import type { Span } from "./routing/Span.ts"
import { escapeTemplate } from "./Template.ts"

type Prompts = ReadonlyArray<string>

const elsewhere = "All else that it asks for is done separately."

/** Evenly, in order, in at most so many bundles. */
const bundle = <A>(items: ReadonlyArray<A>, most: number): ReadonlyArray<ReadonlyArray<A>> => {
  const count = Math.min(items.length, most)
  return Array.makeBy(
    count,
    (at) => items.slice(Math.floor(at * items.length / count), Math.floor((at + 1) * items.length / count))
  )
}

/** The text without some of its parts. */
const without = (text: string, spans: ReadonlyArray<Span>): string =>
  [...spans, { from: text.length, to: text.length }].reduce(
    ({ from, kept }, span) => ({ from: span.to, kept: kept + text.slice(from, span.from) }),
    { from: 0, kept: "" }
  ).kept.replaceAll(/\n{3,}/g, "\n\n").trim()

/** For pieces with lines of their own: the text, with only some of them. */
const cutOut = (text: string, { items }: Pieces, most: number): Prompts =>
  bundle(items, most).map((chosen) =>
    `${without(text, items.filter((item) => !chosen.includes(item)))}\n\n(This is a part of a request. ${elsewhere})`
  )

/** For parts that are only named: all of the text, and which of them are meant. */
export const pointAt = (text: string, parts: Prompts, most: number): Prompts =>
  bundle(parts, most).map((chosen) => `${text}\n\nDo only this part of it: ${chosen.join("; ")}. ${elsewhere}`)

const pointInto = (text: string, count: number, most: number): Prompts =>
  bundle(Array.range(1, count), most).map((chosen, at, all) => {
    const [first, last] = [chosen[0]!, chosen.at(-1)!]
    const which = first === last ? `number ${first}` : `numbers ${first} to ${last}`
    const rest = at === all.length - 1 ? ", and any that come after" : ""
    return `${text}\n\nOf the ${count}, in the order in which they are listed or else of their names, do only ${which}${rest}. ${elsewhere}`
  })

const own: ReadonlySet<Pieces["form"]> = new Set(["list", "table", "lines", "sections"])

export const piecePrompts = (text: string, pieces: Pieces, most: number): Prompts =>
  own.has(pieces.form)
    ? cutOut(text, pieces, most)
    : pointAt(text, pieces.items.map(({ from, to }) => text.slice(from, to)), most)

export const collectionPrompts = (text: string, { value }: Count, most: number): Prompts => pointInto(text, value, most)

export const planSingle = (prompt: string): RoutePlan => ({ _tag: "Single", prompt })

/** Side by side; one alone is the request itself. */
export const planParallel = (text: string, prompts: Prompts, combines: boolean): RoutePlan => {
  if (!Array.isReadonlyArrayNonEmpty(prompts) || prompts.length === 1) return planSingle(text)
  if (!combines) return { _tag: "Parallel", prompts }
  const combine =
    `${escapeTemplate(text)}\n\nThe parts of it have been done separately. Make of their results what it asks ` +
    "for in the end.\n\n{outcomes}"
  return { _tag: "ParallelCombine", prompts, combine }
}

/** Two or three words that say what a step does. */
const nameOf = (step: string, number: number): string => {
  const words = step.toLowerCase().match(/[a-z][a-z0-9]{3,}/g)?.slice(0, 3) ?? []
  return words.length === 0 ? `step-${number}` : `${words.join("-").slice(0, 48)}-${number}`
}

/** One after the other; what is beyond the last step that is allowed becomes part of it. */
export const planChain = (text: string, steps: Prompts, most: number): RoutePlan => {
  const last = Math.min(steps.length, most) - 1
  if (last < 1) return planSingle(text)
  const merged = [...steps.slice(0, last), steps.slice(last).join("\n")]
  const shared = escapeTemplate(text)
  const made = merged.map((step, at) => ({
    name: nameOf(step, at + 1),
    prompt:
      `${shared}\n\nThis is done in ${merged.length} steps. Do only step ${at + 1} now: ${
        escapeTemplate(step.trim())
      }` +
      (at === 0 ? "" : "\n\nThe result of the step before:\n\n{previous_output}")
  }))
  return Array.isArrayNonEmpty(made) ? { _tag: "Chain", steps: made } : planSingle(text)
}
