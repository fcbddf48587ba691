/**
 * What a chain would do, and the most that it may cost.
 *
 * A task never costs more than its budget, however often it is tried again or sent back by a reviewer. So a step costs at
 * most the budget of its task for each round of its loop, and once more where it has a recovery; a step with items the
 * budgets of all items, and of the task that reduces them, for each round. Commands cost nothing.
 */
import type { ChainPlan, PlannedStep } from "./ChainPlan.ts"
import type { ChainForecast } from "./ChainView.ts"
import { describeCondition } from "./ConditionText.ts"
import { formatDuration } from "./DurationText.ts"
import { type MicroUsd, toUsd } from "./MicroUsd.ts"

export interface ForecastOptions {
  readonly name: string | null
  /** What one task may cost where its step does not say. */
  readonly taskBudget: MicroUsd
  /** What all of it together may cost. */
  readonly budget: MicroUsd | null
  /** Whether the journal has the step, so that it is not run again. */
  readonly isReused: (step: string) => boolean
  /** How many items a step has; null while the list is not there. */
  readonly itemsOf: (step: string) => number | null
}

type StepForecast = ChainForecast["steps"][number]

/** How many of its tasks may have to be paid, the recovery aside; null where the number of its items is not known. */
const tasksOf = ({ name, work }: PlannedStep, { itemsOf }: ForecastOptions): number | null => {
  if (work.kind !== "items") return work.kind === "prompt" ? 1 : 0
  const items = itemsOf(name)
  return items === null ? null : items + (work.reduce === null ? 0 : 1)
}

/** In US dollars. */
const reserveOf = (step: PlannedStep, options: ForecastOptions): number | null => {
  if (options.isReused(step.name)) return 0
  const tasks = tasksOf(step, options)
  if (tasks === null) return null
  const budget = (step.work.kind === "check" ? undefined : step.work.options.budget) ?? options.taskBudget
  const recoveries = typeof step.onFailure === "object" ? 1 : 0
  return toUsd(budget) * (tasks * (step.loop?.max ?? 1) + recoveries)
}

const count = (amount: number, one: string): string => `${amount} ${one}${amount === 1 ? "" : "s"}`

const describeWork = ({ name, work }: PlannedStep, { itemsOf }: ForecastOptions): ReadonlyArray<string> => {
  switch (work.kind) {
    case "check":
      return [`runs ${work.command.source}`]
    case "prompt":
      return work.continues === null ? [] : [`goes on with the session of ${work.continues}`]
    case "items": {
      const items = itemsOf(name)
      return [
        items === null ? `an item for each of ${work.over.source}` : count(items, "item"),
        ...work.concurrency === null ? [] : [`at most ${work.concurrency} at once`],
        ...work.reduce === null ? [] : ["reduced to one answer"]
      ]
    }
  }
}

const describeLoop = ({ loop }: PlannedStep): ReadonlyArray<string> => {
  if (loop === null) return []
  const end = "check" in loop.until ? `${loop.until.check.source} passes` : describeCondition(loop.until.condition)
  return [`again until ${end}, ${count(loop.max, "round")} at most`]
}

const describeFailure = ({ onFailure }: PlannedStep): ReadonlyArray<string> => {
  if (onFailure === "abort") return []
  if (typeof onFailure === "object") return ["if it fails, a recovery"]
  return [onFailure === "skip" ? "if it fails, what needs it is skipped" : "if it fails, the chain goes on"]
}

const detailsOf = (step: PlannedStep, options: ForecastOptions): string =>
  [
    ...step.when === null ? [] : [`only if ${describeCondition(step.when)}`],
    ...describeWork(step, options),
    ...describeLoop(step),
    ...describeFailure(step),
    ...step.timeout === null ? [] : [`in ${formatDuration(step.timeout)}`]
  ].join("; ")

const forecastStep = (step: PlannedStep, options: ForecastOptions): StepForecast => {
  const reserve = reserveOf(step, options)
  const details = detailsOf(step, options)
  return {
    name: step.name,
    kind: step.work.kind,
    after: step.after,
    reused: options.isReused(step.name),
    ...(reserve === null ? {} : { reserve_usd: reserve }),
    ...(details === "" ? {} : { details })
  }
}

export const forecastChain = (plan: ChainPlan, options: ForecastOptions): ChainForecast => {
  const steps = plan.steps.map((step) => forecastStep(step, options))
  return {
    ...(options.name === null ? {} : { name: options.name }),
    steps,
    reserve_usd: steps.reduce((sum, { reserve_usd = 0 }) => sum + reserve_usd, 0),
    reserve_complete: steps.every(({ reserve_usd }) => reserve_usd !== undefined),
    ...(options.budget === null ? {} : { budget_usd: toUsd(options.budget) })
  }
}
