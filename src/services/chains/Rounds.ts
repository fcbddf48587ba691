/**
 * The rounds of a step: one, or as many as its loop takes; and the recovery, where the last of them has failed.
 */
import { Effect, Result } from "effect"
import type { PlannedLoop, PlannedStep } from "../../domain/ChainPlan.ts"
import { evaluate } from "../../domain/Condition.ts"
import type { Failure, Reason } from "../../domain/Failure.ts"
import type { Template } from "../../domain/Template.ts"
import { CheckFailed, ConditionNotMet } from "../../domain/WorkerFailure.ts"
import { answerOf } from "./CheckWork.ts"
import type { Came, Journal, Kept, Unit } from "./Journal.ts"
import { failedWith, unusable } from "./StepFailure.ts"
import type { Inputs, StepInputs } from "./StepInputs.ts"
import type { TaskWork } from "./TaskWork.ts"
import type { UnitWork } from "./UnitWork.ts"
import { conditionLookup, type Values } from "./Values.ts"

/** What all rounds together came to. */
export interface Played extends Came {
  readonly rounds: number
  readonly recovered: boolean
}

export interface RoundsOptions {
  readonly journal: Journal
  readonly inputs: Inputs
  readonly tasks: TaskWork
  readonly work: UnitWork
}

/** What follows from a round: `reason` is why the step fails, if this was the last one or nothing can be told from it. */
type Verdict =
  | { readonly next: "end" }
  | { readonly next: "again"; readonly said: string; readonly reason: Reason }
  | { readonly next: "fail"; readonly reason: Reason }

const cameOf = ({ group, outcome, task }: Kept): Came => ({ outcome, task, group })

/** Why a step failed, as its recovery is told it: of a check also what it said. */
const describeError = (reason: Reason): string =>
  reason._tag === "CheckFailed" && reason.output !== "" ? `${reason.message}\n\n${reason.output}` : reason.message

const unitOf = (step: PlannedStep, key: string, round: number, hash: string): Unit => ({
  key: `${step.name}/${key}`,
  step: step.name,
  hash,
  round
})

export const makeRounds = ({ inputs, journal, tasks, work }: RoundsOptions) => {
  const { hashOf } = inputs

  /** Whether the command of a loop exits with 0 after this round. */
  const checkRound = Effect.fnUntraced(
    function*(step: PlannedStep, command: Template, round: Kept): Effect.fn.Return<Verdict, Failure> {
      const hash = yield* hashOf([
        round.hash,
        command.source,
        round.task,
        round.group,
        round.finishedAt.epochMilliseconds
      ])
      const unit = unitOf(step, `check-${round.rounds}`, round.rounds, hash)
      const asked = yield* journal.once(unit, work.question(command))
      if (asked.outcome._tag === "Failed") return { next: "fail", reason: asked.outcome.reason }
      const { exit, output, passed } = answerOf(asked)
      if (passed) return { next: "end" }
      return { next: "again", said: output, reason: new CheckFailed({ command: command.source, code: exit, output }) }
    }
  )

  /** Whether the condition of a loop holds after this round, which it can ask about by the step's own name. */
  const judgeRound = Effect.fnUntraced(function*(
    step: PlannedStep,
    { max, until }: PlannedLoop,
    values: Values,
    round: Kept
  ): Effect.fn.Return<Verdict, Failure> {
    if ("check" in until) return yield* checkRound(step, until.check, round)
    const output = yield* tasks.textOf(round)
    const known: Values = {
      ...values,
      ends: new Map(values.ends).set(step.name, { record: round, bars: false }),
      texts: new Map(values.texts).set(step.name, output)
    }
    const holds = evaluate(until.condition, conditionLookup(known))
    if (Result.isFailure(holds)) return { next: "fail", reason: unusable(holds.failure) }
    return holds.success ? { next: "end" } : { next: "again", said: output, reason: new ConditionNotMet({ max }) }
  })

  const playLoop = Effect.fnUntraced(function*(
    step: PlannedStep,
    loop: PlannedLoop,
    { hash, values }: StepInputs
  ): Effect.fn.Return<Played, Failure> {
    const play = Effect.fnUntraced(function*(round: number, said: string): Effect.fn.Return<Played, Failure> {
      const place = { ...values.place, loop: { round, output: said } }
      const unit = unitOf(step, `${round}`, round, yield* hashOf([hash, round, said]))
      const record = yield* journal.once(unit, work.begin(step, unit, { ...values, place }))
      const end = { ...cameOf(record), rounds: round, recovered: false }
      if (record.outcome._tag === "Failed") return end
      const verdict = yield* judgeRound(step, loop, values, record)
      if (verdict.next === "end") return end
      return verdict.next === "fail" || round === loop.max
        ? { ...end, outcome: failedWith(verdict.reason).outcome }
        : yield* play(round + 1, verdict.said)
    })
    return yield* play(1, "")
  })

  /** A step that is done once, under a key of its own only where more may come after it. */
  const playOnce = Effect.fnUntraced(function*(step: PlannedStep, { hash, values }: StepInputs, key: string) {
    const unit: Unit = { key, step: step.name, hash, round: 1 }
    const record = yield* journal.once(unit, work.begin(step, unit, values))
    return { ...cameOf(record), rounds: 1, recovered: false } satisfies Played
  })

  const recover = Effect.fnUntraced(function*(
    step: PlannedStep,
    prompt: Template,
    { hash, values }: StepInputs,
    failed: Played,
    reason: Reason
  ) {
    const error = describeError(reason)
    const round = failed.rounds + 1
    const unit = unitOf(step, "recovery", round, yield* hashOf([hash, "recovery", error]))
    const place = { ...values.place, error }
    const record = yield* journal.once(unit, work.recover(step, prompt, unit, { ...values, place }))
    return { ...cameOf(record), rounds: failed.rounds, recovered: record.outcome._tag === "Done" } satisfies Played
  })

  const play = (step: PlannedStep, inputs: StepInputs): Effect.Effect<Played, Failure> => {
    if (step.loop !== null) return playLoop(step, step.loop, inputs)
    return playOnce(step, inputs, typeof step.onFailure === "object" ? `${step.name}/1` : step.name)
  }

  return { play, recover }
}

export type Rounds = ReturnType<typeof makeRounds>
