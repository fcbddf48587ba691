/**
 * The ordered test. Single is the default: to split wrongly is worse than not to split. Where a person would hesitate,
 * there is no verdict.
 */
import type { Count } from "./Counts.ts"
import type { Evidence } from "./Evidence.ts"
import { type Facts, readFacts } from "./Facts.ts"
import type { Pieces } from "./Pieces.ts"

export type Kind = "single" | "parallel" | "parallel-combine" | "chain"

export interface Split {
  readonly pieces: Pieces | null
  readonly collection: Count | null
}

export interface Verdict extends Split {
  /** Null where the rules are unsure. */
  readonly kind: Kind | null
  /** Between which it is a close call. */
  readonly among: ReadonlyArray<Kind>
  readonly confidence: number
  readonly reason: string
}

type Finding = readonly [kind: Kind, confidence: number, reason: string]

/** Why one worker is best, for a reason of its own. */
const plainlySingle = (facts: Facts): Finding | null => {
  const { apart, each, gather, onlyAsks, pieces, reads, sequence: { links, needs }, tells, whole } = facts
  if (whole > 0) return ["single", 0.97, "it says that it is not to be divided"]
  if (facts.isQuestion || (onlyAsks && apart + each < 2 && (links < 2 || needs === 0))) {
    return ["single", 0.93, "it asks, and wants one answer"]
  }
  if (pieces?.isCounted === true) return null
  if (tells && apart === 0 && (each === 0 || pieces === null)) {
    return ["single", 0.92, "one text that tells a procedure"]
  }
  const isHeavy = pieces !== null && pieces.items.length > 2 && facts.weight > facts.slight
  return reads && !isHeavy && !facts.areTasks && facts.collection === null && apart + each + links + gather === 0
    ? ["single", 0.92, "one reader for one text"]
    : null
}

/** Whether something is made of the pieces is left open: more is wanted at the end, and nobody says of what. */
const mayGather = ({ addsOn, apart, closes, gather }: Facts): boolean => addsOn && gather === 0 && !closes && apart < 2

/** Pieces that are named, independent, and each worth a worker. */
const areIndependent = (facts: Facts, { form, isCounted, items }: Pieces): boolean => {
  const { apart, demands, each, isBlock, sequence: { needs }, serial, slight, weight } = facts
  const gather = facts.gather + (facts.closes ? 1 : 0)
  const isPair = items.length === 2 && !isBlock && form !== "numbered"
  const isNamed = !isPair || (isCounted && apart + each > 0)
  const isDemanded = isBlock && !isCounted && demands > 0 && apart < 2
  if (mayGather(facts) || serial > 0 || needs > (isCounted || isBlock ? 1 : 0) || !isNamed || isDemanded) return false
  const saidApart = apart > 1 || (apart > 0 && (isCounted || (weight > 0 && (isBlock || each + gather > 0))))
  const isListed = form === "colon" && items.length > 2
  const isDealt = each > 1 || gather > 0 || isCounted || isBlock || isListed
  const dealtOut = each > 0 && isDealt && slight === 0 && (weight > 1 || ((isCounted || isListed) && gather > 0))
  const weighty = isCounted && weight > slight && (gather > 0 || each > 0 || weight > 2)
  const gathered = items.length > 2 && facts.closes && facts.gather > 0 && each > 0 && weight > 0
  return saidApart || dealtOut || weighty || gathered
}

/** So many things that have no names here, each worth a worker. */
const isDealtOut = (facts: Facts): boolean => {
  const { apart, collection, each, gather, sequence: { needs }, serial, weight } = facts
  return collection !== null && !mayGather(facts) && each + apart > 0 &&
    weight + (each > 1 ? 1 : 0) > (gather > 0 ? 0 : 1) && serial === 0 && needs < 3
}

/**
 * Something is done one after the other; what only happened so, or is told so, or leads to a question, is no work. What
 * follows may also be what one result must do, where one says what it must fulfil.
 */
const goesInSteps = (
  { demands, endsInQuestion, flow, sequence: { isGiven, links, needs, steps }, serial, tasks }: Facts
): boolean => {
  const isSpoken = needs > 0 && demands === 0
  const isWork = serial > 0 || needs > 1 || tasks > 1 || (isSpoken && (links > 1 || flow > 2))
  const flows = (needs > 1 && links > 1) || (isSpoken && (links > 1 || flow > 2 || (tasks > 2 && !isGiven)))
  const follows = flows || (links > 2 && demands === 0) || (serial > 0 && links > 0) || serial > 1
  return steps.length > (flow > 2 ? 1 : 2) && isWork && follows && !endsInQuestion
}

const sidewise = (facts: Facts, confidence: number, what: string): Finding =>
  facts.gather > 0 || facts.closes
    ? ["parallel-combine", confidence, `${what}, and one thing that is made of all of them`]
    : ["parallel", confidence, what]

/** What would be handed out: named pieces, or things of one kind, where the names are not theirs. */
const splitOf = (facts: Facts): Split => {
  const { collection, isBlock, isRough, pieces } = facts
  if (collection !== null && !isBlock) return { pieces: null, collection }
  return { pieces: isRough && !isBlock && pieces?.isCounted !== true ? null : pieces, collection: null }
}

/** Fewer words than that are steps of a moment. */
const fewestOfChain = 18

const decide = (facts: Facts, { collection, pieces }: Split): Finding | null => {
  const { sequence: { links, needs }, slight, weight, words } = facts
  const single = plainlySingle(facts)
  if (single !== null) return single
  if (pieces !== null && areIndependent(facts, pieces)) {
    return sidewise(facts, 0.9, `${pieces.items.length} independent pieces`)
  }
  if (collection !== null && isDealtOut(facts)) return sidewise(facts, 0.85, `${collection.value} things of one kind`)
  const isSlight = (slight > 0 && needs < 2 && links < 3) || (weight === 0 && words < fewestOfChain)
  return goesInSteps(facts) && !isSlight ? ["chain", 0.9, "steps that need the result of the one before"] : null
}

/** What else it may be than single. */
const alternatives = (facts: Facts): ReadonlyArray<Kind> => {
  const {
    apart,
    areTasks,
    collection,
    demands,
    each,
    gather,
    isBlock,
    pieces,
    sequence: { links, needs, steps },
    serial,
    slight,
    weight
  } = facts
  if (slight > 0 && slight >= weight && serial === 0) return []
  const ofPieces = pieces !== null &&
    (pieces.isCounted || each + apart > 0 || pieces.form === "sections" ||
      (weight > (gather > 0 ? 0 : 1) && demands === 0 && pieces.items.length > 2) ||
      (isBlock && areTasks && demands === 0))
  const ofCollection = collection !== null && (gather > 0 || (each > 0 && weight > 1))
  const ofSteps = goesInSteps(facts) || (links > 0 && needs > 0 && steps.length > 2) || serial > 1 ||
    (serial > 0 && steps.length > 1)
  return [
    ...(ofPieces || ofCollection ? [gather > 0 ? "parallel-combine" as const : "parallel" as const] : []),
    ...(ofSteps ? ["chain" as const] : [])
  ]
}

/** The most words of a prompt that is one piece of work without saying so. */
const fewWords = 32

/** The same in a language that the rules do not know. */
const fewForeignWords = 14

/** How many things make one hesitate to hand it to one worker. */
const doubts = (facts: Facts): number => {
  const {
    apart,
    demands,
    each,
    flow,
    gather,
    isBlock,
    sequence: { links, needs },
    serial,
    slight,
    tasks,
    weight,
    words,
    works
  } = facts
  const isDemanded = demands > 0
  const seen = [
    words > fewWords && !isDemanded,
    links > 0,
    links > 1,
    needs > 0,
    flow > 1,
    flow > 2,
    gather > 0,
    apart > 0,
    serial > 0,
    each > 0,
    works > 4,
    tasks > 2,
    weight > 2,
    isBlock && !isDemanded
  ].filter((doubt) => doubt).length
  return seen - (slight > weight ? 1 : 0)
}

export const judge = (evidence: Evidence): Verdict => {
  const facts = readFacts(evidence)
  const split = splitOf(facts)
  const verdict = (
    kind: Kind | null,
    confidence: number,
    reason: string,
    among: ReadonlyArray<Kind> = []
  ): Verdict => ({
    kind,
    among,
    confidence,
    reason,
    ...split
  })
  if (evidence.sentences.length === 0) return verdict("single", 0.9, "nothing in it instructs")
  const decided = decide(facts, split)
  if (decided !== null) return verdict(...decided)
  const among = alternatives(facts)
  const isForeign = !facts.isKnownLanguage && (facts.words > fewForeignWords || (facts.pieces?.items.length ?? 0) > 2)
  if (isForeign) return verdict(null, 0.5, "it is in a language that the rules do not know", ["single"])
  if (among.length > 0 || doubts(facts) > 1) {
    return verdict(null, 0.5, "it may be more than one piece of work", ["single", ...among])
  }
  return verdict("single", 0.88, "nothing in it is better done by more than one worker")
}
