/**
 * Taking up a chain again: from where, and what of its journal is taken back.
 */
import { Effect } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import { compileChain } from "../../domain/ChainCompiler.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import { invalidPlan } from "../../domain/ChainIssue.ts"
import type { ChainPlan } from "../../domain/ChainPlan.ts"
import { Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import { didYouMean } from "../../domain/Suggestion.ts"

export const planOf = ({ definition, id }: Chain): Effect.Effect<ChainPlan, Failure> =>
  Effect.mapError(
    Effect.fromResult(compileChain(definition)),
    (issues) => new Failure({ reason: invalidPlan(id, issues) })
  )

/** Fails where a chain is to go on from a step that it does not have. */
export const mustHave = (
  id: ChainId,
  { steps }: ChainPlan,
  from: string | null | undefined
): Effect.Effect<void, Failure> => {
  const names = steps.map(({ name }) => name)
  if (from == null || names.includes(from)) return Effect.void
  const issues = [`from: ${id} has no step ${from}`]
  return Effect.fail(new Failure({ reason: new InvalidRequest({ issues, hint: didYouMean(from, names) }) }))
}

/** A step and all that come after it, however far. */
export const andAfter = ({ steps }: ChainPlan, from: string): ReadonlySet<string> => {
  const found = new Set([from])
  // In the order of the plan each step stands after all that it needs.
  for (const { after, name } of steps) if (after.some((one) => found.has(one))) found.add(name)
  return found
}

/** Its rounds led to nothing: found again, they would lead to nothing again. */
const isExhausted = ({ outcome }: StepRecord): boolean =>
  outcome._tag === "Failed" && (outcome.reason._tag === "CheckFailed" || outcome.reason._tag === "ConditionNotMet")

/** The keys of what is not done, and of what is to be done again: all of a step whose loop came to no end, too. */
export const takenBack = (
  plan: ChainPlan,
  journal: ReadonlyArray<StepRecord>,
  from: string | null
): ReadonlyArray<string> => {
  const again = from === null ? new Set<string>() : andAfter(plan, from)
  const loops = new Set(plan.steps.filter(({ loop }) => loop !== null).map(({ name }) => name))
  const exhausted = new Set(
    journal.filter((record) => record.key === record.step && loops.has(record.step) && isExhausted(record))
      .map(({ step }) => step)
  )
  return journal
    .filter(({ outcome, step }) => outcome._tag !== "Done" || again.has(step) || exhausted.has(step))
    .map(({ key }) => key)
}
