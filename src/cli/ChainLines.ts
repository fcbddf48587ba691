/**
 * Chains as lines for people: the table of many, the closing line of one, and the table of its steps.
 */
import type { ChainView, StepView } from "../domain/ChainView.ts"
import { counted, digits } from "./Count.ts"
import { oneLine } from "./Printable.ts"
import { cost, doing, seconds } from "./TaskLines.ts"

export const isOver = ({ state }: StepView): boolean => state !== "waiting" && state !== "running" && state !== "review"

const stepsDone = ({ steps }: ChainView): string =>
  `${digits(steps.filter(({ state }) => state === "done").length)} of ${digits(steps.length)}`

const aboutChain = ({ error, failed_step, name, summary }: ChainView): string => {
  const end = error === undefined
    ? summary
    : `${failed_step === undefined ? "" : `step ${failed_step}: `}${error.message}`
  return [name, end].filter((part) => part !== undefined).map(oneLine).join(": ")
}

export const chainHeader = ["ID", "STATE", "DONE", "TIME", "COST", "ABOUT"]

export const chainRow = (chain: ChainView): ReadonlyArray<string> => [
  chain.id,
  chain.state,
  stepsDone(chain),
  seconds(chain.s),
  cost(chain),
  aboutChain(chain)
]

/** `c_… failed at build · 2 of 3 steps done · $0.12 · 42s` */
export const chainLine = (chain: ChainView): string => {
  const { failed_step, id, state } = chain
  return [
    failed_step === undefined ? `${id} ${state}` : `${id} ${state} at ${failed_step}`,
    `${stepsDone(chain)} steps done`,
    cost(chain),
    seconds(chain.s)
  ].join(" · ")
}

/** What a step does, or waits for, or has come to. */
const aboutStep = (step: StepView): string => {
  switch (step.state) {
    case "waiting":
      return step.after.length === 0 ? "" : `after ${step.after.join(", ")}`
    case "running":
    case "review":
      return [
        ...(step.items === undefined ? [] : [`${digits(step.items_done ?? 0)} of ${digits(step.items)} items done`]),
        ...(step.rounds === undefined || step.rounds < 2 ? [] : [`round ${step.rounds}`]),
        doing(step)
      ].filter((part) => part !== "").join(", ")
    default:
      return [
        ...(step.recovered === true ? ["recovered"] : []),
        ...(step.rounds === undefined || step.rounds < 2 ? [] : [counted(step.rounds, "round")]),
        oneLine(step.error?.message ?? step.why ?? step.summary ?? "")
      ].filter((part) => part !== "").join(": ")
  }
}

export const stepHeader = ["STEP", "STATE", "TASK", "TIME", "COST", "ABOUT"]

export const stepRow = (step: StepView): ReadonlyArray<string> => [
  step.name,
  step.state,
  step.task ?? step.group ?? "",
  step.s === undefined ? "" : seconds(step.s),
  cost(step),
  aboutStep(step)
]
