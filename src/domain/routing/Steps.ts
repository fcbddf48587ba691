/**
 * The steps of a sequence as they are handed out: what is only a condition or a remark belongs to the step that it is about.
 */
import type { Sequence, Step } from "./Sequence.ts"
import { type Span, wordCount } from "./Span.ts"

/** `When that is done, |` and `Release 2.0: |` belong to what comes after them. */
const opensNext = (said: string, step: Step, next: Step | undefined): boolean => {
  if (next === undefined) return false
  if (/[:：]\s*$/u.test(said.slice(step.from, next.from)) || wordCount(said.slice(step.from, step.to)) < 2) return true
  return !step.isTask && next.isTask && /^[\s]*[,，、]/u.test(said.slice(step.to, next.from))
}

export const groupSteps = (said: string, { isGiven, steps }: Sequence): ReadonlyArray<Span> => {
  if (isGiven) return steps
  const groups: Array<{ from: number; to: number }> = []
  let opening: number | null = null
  for (const [number, step] of steps.entries()) {
    const last = groups.at(-1)
    const next = steps[number + 1]
    const isPreface = last === undefined && !step.isTask && !step.isLinked && next?.isTask === true && !next.isLinked
    if (isPreface || opensNext(said, step, next)) {
      opening ??= step.from
      continue
    }
    const begins = step.isLinked || step.isTask || opening !== null
    if (last === undefined || begins) groups.push({ from: opening ?? step.from, to: step.to })
    else last.to = step.to
    opening = null
  }
  return groups
}
