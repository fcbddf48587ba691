/**
 * The verdict on a history: every breach of the ten invariants, by its number. It knows the rules, and nothing of how the
 * program keeps them.
 */
import { stepsFollowEachOther } from "./Chains.ts"
import type { History } from "./History.ts"
import { capHolds, ledgerIsOfAttempts, ledgerIsOfResults, tasksSpendAsAttempts } from "./Money.ts"
import { nothingIsLeft, nothingRuns, toldIsCommitted } from "./Telling.ts"
import {
  acknowledgedIsThere,
  attemptsFollowEachOther,
  promptsAreAttempts,
  slotsAreExclusive,
  stepsAreAllowed,
  triesAreCounted
} from "./Work.ts"

type Rule = (history: History) => ReadonlyArray<string>

export const invariants: Readonly<Record<string, ReadonlyArray<Rule>>> = {
  I1: [acknowledgedIsThere],
  I2: [stepsAreAllowed],
  I3: [attemptsFollowEachOther, promptsAreAttempts],
  I4: [slotsAreExclusive],
  I5: [ledgerIsOfAttempts, tasksSpendAsAttempts, ledgerIsOfResults, capHolds],
  I6: [triesAreCounted],
  I7: [stepsFollowEachOther],
  I8: [toldIsCommitted],
  I9: [nothingRuns],
  I10: [nothingIsLeft]
}

/** Each breach, with the number of the invariant before it; none where all is well. */
export const check = (history: History): ReadonlyArray<string> =>
  Object.entries(invariants).flatMap(([name, rules]) =>
    rules.flatMap((rule) => rule(history)).map((problem) => `${name}: ${problem}`)
  )
