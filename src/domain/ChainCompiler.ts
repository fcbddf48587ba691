/**
 * Makes a plan of a chain's definition: everything that can be known to be wrong is found now, all of it at once, and not
 * when the steps before it have been paid for.
 */
import { Result, Struct } from "effect"
import { type ChainDefinition, type ChainStep, retryLimits, taskFields } from "./ChainDefinition.ts"
import { type ChainIssue, type Checked, gather, gatherAll, issueAt, succeedUnless } from "./ChainIssue.ts"
import { type ChainOrder, orderSteps, type PlacedStep } from "./ChainOrder.ts"
import type { ChainPlan, PlannedLoop, PlannedStep, StepWork } from "./ChainPlan.ts"
import {
  checkCommand,
  checkCondition,
  checkList,
  checkPrompt,
  checkReducer,
  type Scope,
  scopeOf,
  withElement,
  withRoots,
  withStep
} from "./ChainScope.ts"
import { checkDefaults } from "./PlanVariables.ts"
import { checkKind, stepKind } from "./StepKind.ts"
import { didYouMean } from "./Suggestion.ts"
import type { TaskOptions } from "./TaskRequest.ts"
import type { ValuePath } from "./ValuePath.ts"

const nothing: Checked<null> = Result.succeed(null)

/** What the chain says for all of its steps, under what this one says. */
export const optionsOf = (definition: Pick<ChainDefinition, "defaults">, step: ChainStep): TaskOptions => {
  const { retry, ...asked } = Struct.pick(step, taskFields)
  const { base, ...defaults } = definition.defaults ?? {}
  return {
    ...defaults,
    // Without a worktree of its own nothing begins anywhere.
    ...(base === undefined || step.isolation === "shared" ? {} : { base }),
    ...asked,
    ...(retry === undefined ? {} : { retry: retryLimits(retry) })
  }
}

const checkContinues = (order: ChainOrder, { before, index, step }: PlacedStep): Checked<string | null> => {
  const { continues } = step
  if (continues === undefined) return nothing
  const possible = order.written.filter((one) => before.has(one.index) && stepKind(one.step) === "prompt")
  if (possible.some((one) => one.step.name === continues)) return Result.succeed(continues)
  const names = possible.map((one) => one.step.name)
  return Result.fail([issueAt(
    ["steps", index, "continues"],
    `there is no step ${continues} before this one that has a session`,
    names.length === 0 ? "no step with a prompt comes before this one" : didYouMean(continues, names)
  )])
}

const checkWork = (
  definition: ChainDefinition,
  order: ChainOrder,
  placed: PlacedStep,
  scope: Scope
): Checked<StepWork> => {
  const { index, step } = placed
  const { check = "", concurrency = null, forEach = "", onItemFailure = "continue", prompt = "", reduce, retry } = step
  const at = (key: string): ValuePath => ["steps", index, key]
  const options = optionsOf(definition, step)
  switch (stepKind(step)) {
    case "check":
      return Result.map(checkCommand(check, at("check"), scope), (command) => ({
        kind: "check",
        command,
        retry: retryLimits(retry ?? {})
      }))
    case "prompt":
      return Result.map(
        gather({ prompt: checkPrompt(prompt, at("prompt"), scope), continues: checkContinues(order, placed) }),
        (parts) => ({ kind: "prompt", options, ...parts })
      )
    case "items": {
      const over = checkList(forEach, at("for_each"), scope)
      const inItem = Result.isSuccess(over) ? withElement(scope, over.success) : withRoots(scope, "item", "index")
      return Result.map(
        gather({
          over,
          prompt: checkPrompt(prompt, at("prompt"), inItem),
          reduce: reduce === undefined ? nothing : checkReducer(reduce, at("reduce"), scope)
        }),
        (parts) => ({ kind: "items", options, concurrency, onItemFailure, ...parts })
      )
    }
  }
}

const checkLoop = ({ index, step }: PlacedStep, scope: Scope): Checked<PlannedLoop | null> => {
  const { loop } = step
  if (loop === undefined) return nothing
  const path = ["steps", index, "loop"]
  const { check, max, until } = loop
  if (until !== undefined) {
    const condition = checkCondition(until, [...path, "until"], withStep(scope, step))
    return Result.map(condition, (condition) => ({ until: { condition }, max }))
  }
  return Result.map(checkCommand(check ?? "", [...path, "check"], scope), (check) => ({ until: { check }, max }))
}

const checkOnFailure = ({ index, step }: PlacedStep, scope: Scope): Checked<PlannedStep["onFailure"]> => {
  const { onFailure = "abort" } = step
  if (typeof onFailure === "string") return Result.succeed(onFailure)
  const path = ["steps", index, "on_failure", "recover"]
  return Result.map(checkPrompt(onFailure.recover, path, withRoots(scope, "error")), (recover) => ({ recover }))
}

const compileStep = (definition: ChainDefinition, order: ChainOrder, placed: PlacedStep): Checked<PlannedStep> => {
  const { after, index, step } = placed
  const outer = scopeOf(definition, order, placed)
  const scope = step.loop === undefined ? outer : withRoots(outer, "loop")
  return Result.map(
    gather({
      kind: succeedUnless(null, checkKind(step, index)),
      when: step.when === undefined ? nothing : checkCondition(step.when, ["steps", index, "when"], outer),
      work: checkWork(definition, order, placed, scope),
      onFailure: checkOnFailure(placed, scope),
      loop: checkLoop(placed, scope)
    }),
    ({ loop, onFailure, when, work }) => ({
      name: step.name,
      after,
      when,
      work,
      onFailure,
      timeout: step.stepTimeout ?? null,
      loop
    })
  )
}

const placeOf = ({ path: [part, index] }: ChainIssue): number => part === "steps" ? Number(index) : -1

/** The plan, or all that is wrong with the definition. */
export const compileChain = (definition: ChainDefinition): Checked<ChainPlan> => {
  const order = orderSteps(definition.steps)
  const steps = gatherAll(order.written.map((placed) => compileStep(definition, order, placed)))
  return Result.mapError(
    Result.map(
      gather({
        variables: succeedUnless(null, checkDefaults(definition.variables ?? {})),
        order: succeedUnless(null, order.issues),
        steps
      }),
      ({ steps }) => ({ steps: order.steps.flatMap(({ index }) => steps[index] ?? []) })
    ),
    (issues) => issues.toSorted((one, other) => placeOf(one) - placeOf(other))
  )
}
