/**
 * How a coordinator asks for a chain: steps one after another, and what holds for all of them. What is rarer than these
 * (conditions, loops, checks, nested fan-outs) is a plan's.
 */
import { Schema } from "effect"
import { type ChainRequest, StepName } from "../domain/ChainDefinition.ts"
import { AnswerSchema } from "../domain/TaskRequest.ts"
import { KeyText, NameText, PromptText, toWorkerOptions, WorkerInput } from "./TaskInput.ts"

const mostSteps = 32

const Step = Schema.Struct({
  prompt: PromptText.annotate({ description: "{previous_output} and {steps.NAME.output} insert answers" }),
  name: Schema.optionalKey(Schema.String.pipe(Schema.decodeTo(StepName))),
  model: Schema.optionalKey(NameText),
  schema: Schema.optionalKey(AnswerSchema),
  on_fail: Schema.optionalKey(Schema.Literals(["abort", "skip", "continue"]))
})

export const ChainInput = Schema.Struct({
  steps: Schema.Array(Step).check(
    Schema.makeFilter((steps) => (steps.length >= 1 && steps.length <= mostSteps) || `must be 1 to ${mostSteps} steps`)
  ),
  name: Schema.optionalKey(NameText),
  ...WorkerInput,
  key: Schema.optionalKey(KeyText)
})
export type ChainInput = typeof ChainInput.Type

const toStep = ({ on_fail, ...step }: typeof Step.Type, index: number) => ({
  ...step,
  name: step.name ?? `step-${index + 1}`,
  ...(on_fail === undefined ? {} : { onFailure: on_fail })
})

export const toChainRequest = ({ cwd, key, name, steps, ...worker }: ChainInput): ChainRequest => {
  const [first, ...rest] = steps
  return {
    definition: {
      defaults: toWorkerOptions(worker),
      // There is a first one: the schema has seen to it.
      steps: [toStep(first!, 0), ...rest.map((step, index) => toStep(step, index + 1))]
    },
    ...(cwd === undefined ? {} : { cwd }),
    ...(name === undefined ? {} : { name }),
    ...(key === undefined ? {} : { key })
  }
}
