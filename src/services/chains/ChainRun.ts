/**
 * The steps of a chain, each begun as soon as all steps before it have ended, side by side where nothing is between them.
 */
import { Data, Deferred, Effect } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { PlannedStep } from "../../domain/ChainPlan.ts"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { Events } from "../Events.ts"
import type { InputFiles } from "../tasks/InputFiles.ts"
import { makeCheckWork } from "./CheckWork.ts"
import { makeGroupWork } from "./GroupWork.ts"
import { openJournal } from "./Journal.ts"
import { makeRendering } from "./Rendering.ts"
import { planOf } from "./Resumption.ts"
import { makeRounds } from "./Rounds.ts"
import type { StepEnd } from "./StepEnd.ts"
import { makeStepInputs } from "./StepInputs.ts"
import { endsChain, makeStepRun } from "./StepRun.ts"
import { makeTaskWork } from "./TaskWork.ts"
import { makeUnitWork } from "./UnitWork.ts"

/** A step that failed ends the chain; null: the chain is not one that can be run. */
export class ChainAborted extends Data.TaggedError("ChainAborted")<{
  readonly step: string | null
  readonly reason: Reason
}> {}

export interface ChainRunOptions {
  readonly files: InputFiles
  /** Whether the pool is ending: then nothing is stopped for good, and the next one goes on with it. */
  readonly isStopping: () => boolean
}

export const makeChainRun = Effect.fnUntraced(function*({ files, isStopping }: ChainRunOptions) {
  const events = yield* Events
  const tasks = yield* makeTaskWork
  const groups = yield* makeGroupWork(tasks)
  const checks = yield* makeCheckWork
  const inputs = yield* makeStepInputs(tasks)
  const rendering = makeRendering({ files, hashOf: inputs.hashOf })
  const journalOf = yield* openJournal(isStopping)

  /** Runs all steps that are not done yet, and ends when they have ended. */
  return Effect.fn("Chains.run")(function*(chain: Chain): Effect.fn.Return<void, ChainAborted | Failure> {
    const plan = yield* Effect.mapError(planOf(chain), ({ reason }) => new ChainAborted({ step: null, reason }))
    const journal = yield* journalOf(chain.id)
    const note = `a part of ${chain.id}, which was stopped`
    const work = makeUnitWork({ chain, journal, rendering, tasks, groups, checks, note })
    const rounds = makeRounds({ inputs, journal, tasks, work })
    const runStep = makeStepRun({ chain, events, inputs, journal, rounds })
    const ends = new Map<string, StepEnd>()
    const gates = new Map(plan.steps.map(({ name }) => [name, Deferred.makeUnsafe<void>()] as const))

    const step = Effect.fnUntraced(function*(planned: PlannedStep) {
      for (const name of planned.after) yield* Deferred.await(gates.get(name)!)
      const end = yield* runStep(planned, ends)
      const reason = endsChain(planned, end)
      if (reason !== null) return yield* new ChainAborted({ step: planned.name, reason })
      ends.set(planned.name, end)
      yield* Deferred.succeed(gates.get(planned.name)!, undefined)
    })

    yield* Effect.forEach(plan.steps, step, { concurrency: "unbounded", discard: true })
  })
})
