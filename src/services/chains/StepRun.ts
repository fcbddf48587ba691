/**
 * One step of a chain, once all steps before it have ended: whether it is run at all, what it comes to, and what that
 * means for the steps after it.
 */
import { DateTime, Effect, Result } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { PlannedStep } from "../../domain/ChainPlan.ts"
import { conditionReferences, evaluate } from "../../domain/Condition.ts"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { TimedOut } from "../../domain/LimitFailure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Reference } from "../../domain/Reference.ts"
import { StepOutcome, type StepRecord } from "../../domain/StepRecord.ts"
import type { Events } from "../Events.ts"
import type { Journal, Unit } from "./Journal.ts"
import type { Played, Rounds } from "./Rounds.ts"
import type { Ends, StepEnd } from "./StepEnd.ts"
import { failedWith, unusable } from "./StepFailure.ts"
import { type Inputs, neededBy, type StepInputs } from "./StepInputs.ts"
import { conditionLookup } from "./Values.ts"

export interface StepRunOptions {
  readonly chain: Chain
  readonly journal: Journal
  readonly inputs: Inputs
  readonly rounds: Rounds
  readonly events: Events["Service"]
}

/** Whether a step is run, and why not; `bars` as in `StepEnd`. */
type Decision =
  | { readonly run: true }
  | { readonly run: false; readonly outcome: StepOutcome; readonly bars: boolean }

const go: Decision = { run: true }

const passOver = (why: string, bars: boolean): Decision => ({
  run: false,
  outcome: StepOutcome.cases.Skipped.make({ why }),
  bars
})

/** Another task would be refused as well, also one that is to mend it: only more money helps. */
const isOutOfMoney = ({ outcome }: StepRecord): boolean =>
  outcome._tag === "Failed" && outcome.reason._tag === "BudgetRefused"

/** The steps that references are about. */
const stepsOf = (references: ReadonlyArray<Reference>, { after }: PlannedStep): ReadonlySet<string> =>
  new Set(references.flatMap((reference) => {
    if (reference.root === "steps") return [reference.step]
    return reference.root === "previous_output" ? after.slice(-1) : []
  }))

const endOf = (step: PlannedStep, record: StepRecord): StepEnd => ({
  record,
  bars: record.outcome._tag === "Failed" && step.onFailure === "skip"
})

export const makeStepRun = ({ chain, events, inputs, journal, rounds }: StepRunOptions) => {
  /**
   * A step that comes after one which failed and takes others with it is not run, and no more is one that needs what a
   * skipped step would have left. A step whose own condition asks about such a step decides for itself.
   */
  const decide = Effect.fnUntraced(function*(step: PlannedStep, ends: Ends): Effect.fn.Return<Decision, Failure> {
    const asked = step.when === null ? [] : conditionReferences(step.when)
    const decidesAbout = stepsOf(asked, step)
    for (const name of step.after) {
      if (ends.get(name)?.bars === true && !decidesAbout.has(name)) return passOver(`step ${name} was not done`, true)
    }
    if (step.when !== null) {
      const values = yield* inputs.valuesFor(chain, step, ends, asked)
      const holds = evaluate(step.when, conditionLookup(values))
      if (Result.isFailure(holds)) {
        return { run: false, outcome: failedWith(unusable(holds.failure)).outcome, bars: false }
      }
      if (!holds.success) return passOver("its condition did not hold", false)
    }
    const needed = new Set([...stepsOf(neededBy(step), step), ...sessionOf(step)])
    for (const name of needed) {
      const isSkipped = ends.get(name)?.record.outcome._tag === "Skipped"
      if (isSkipped && !decidesAbout.has(name)) return passOver(`step ${name}, which it needs, was skipped`, false)
    }
    return go
  })

  const settle = Effect.fnUntraced(function*(
    unit: Unit,
    played: Pick<Played, "outcome"> & Partial<Played> | { readonly outcome: StepOutcome },
    startedAt: DateTime.Utc
  ) {
    const known = journal.find(unit.key, unit.hash)
    return known?.outcome._tag === played.outcome._tag ? known : yield* journal.finish({ unit, ...played, startedAt })
  })

  const inTime = (step: PlannedStep, stepInputs: StepInputs): Effect.Effect<Played, Failure> => {
    const { timeout } = step
    const played = rounds.play(step, stepInputs)
    if (timeout === null) return played
    return Effect.timeoutOrElse(played, {
      duration: timeout,
      orElse: () => Effect.succeed({ ...failedWith(new TimedOut({ after: timeout })), rounds: 1, recovered: false })
    })
  }

  const play = Effect.fnUntraced(
    function*(step: PlannedStep, stepInputs: StepInputs): Effect.fn.Return<Played, Failure> {
      const played = yield* inTime(step, stepInputs)
      if (typeof step.onFailure !== "object" || played.outcome._tag !== "Failed") return played
      const { reason } = played.outcome
      return reason._tag === "BudgetRefused"
        ? played
        : yield* rounds.recover(step, step.onFailure.recover, stepInputs, played, reason)
    }
  )

  /** What its end is on record as; what is there already, with the same inputs, is not done again. */
  return Effect.fn("Chains.step")(function*(step: PlannedStep, ends: Ends): Effect.fn.Return<StepEnd, Failure> {
    const startedAt = yield* DateTime.now
    const decision = yield* decide(step, ends)
    if (!decision.run) {
      const hash = yield* inputs.hashOf([step.name, decision.outcome])
      const unit = { key: step.name, step: step.name, hash, round: 1 }
      const record = yield* settle(unit, decision, startedAt)
      return { ...endOf(step, record), bars: decision.bars || endOf(step, record).bars }
    }
    const stepInputs = yield* inputs.inputsOf(chain, step, ends)
    const known = journal.find(step.name, stepInputs.hash)
    if (known !== undefined && known.outcome._tag !== "Skipped") return endOf(step, known)
    yield* events.publish(PoolEvent.cases.StepStarted.make({ id: chain.id, step: step.name }))
    const played = yield* play(step, stepInputs)
    const unit = { key: step.name, step: step.name, hash: stepInputs.hash, round: played.rounds }
    return endOf(step, yield* settle(unit, played, startedAt))
  })
}

export type StepRun = ReturnType<typeof makeStepRun>

const sessionOf = ({ work }: PlannedStep): ReadonlyArray<string> =>
  work.kind === "prompt" && work.continues !== null ? [work.continues] : []

/** Whether a step that failed ends its chain. */
export const endsChain = (step: PlannedStep, { record }: StepEnd): Reason | null => {
  const { outcome } = record
  if (outcome._tag !== "Failed") return null
  const goesOn = step.onFailure === "skip" || step.onFailure === "continue"
  return goesOn && !isOutOfMoney(record) ? null : outcome.reason
}
