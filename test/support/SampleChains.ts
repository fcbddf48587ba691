/**
 * Short ways to write chains, and to say what is wrong with them.
 */
import { assert } from "@effect/vitest"
import { Result, type Schema } from "effect"
import { compileChain } from "../../src/domain/ChainCompiler.ts"
import type { ChainDefinition, ChainStep } from "../../src/domain/ChainDefinition.ts"
import { describeIssue } from "../../src/domain/ChainIssue.ts"
import type { ChainPlan } from "../../src/domain/ChainPlan.ts"
import { formatPath } from "../../src/domain/ValuePath.ts"

export const chain = (...[first, ...others]: readonly [ChainStep, ...ReadonlyArray<ChainStep>]): ChainDefinition => ({
  steps: [first, ...others]
})

/** A step that asks something. */
export const ask = (name: string, rest: Partial<ChainStep> = {}): ChainStep => ({ name, prompt: "go", ...rest })

export const planOf = (definition: ChainDefinition): ChainPlan => {
  const plan = compileChain(definition)
  if (Result.isFailure(plan)) assert.fail(plan.failure.map(describeIssue).join("\n"))
  return plan.success
}

/** Each as `path@offset: message`. */
export const wrongWith = (definition: ChainDefinition): ReadonlyArray<string> => {
  const plan = compileChain(definition)
  return Result.isSuccess(plan) ?
    [] :
    plan.failure.map(({ message, offset, path }) =>
      `${formatPath(path)}${offset === null ? "" : `@${offset}`}: ${message}`
    )
}

export const hintsFor = (definition: ChainDefinition): ReadonlyArray<string> => {
  const plan = compileChain(definition)
  return Result.isSuccess(plan) ? [] : plan.failure.map(({ hint }) => hint)
}

/** The schema of a title, and of tasks with these fields. */
export const listOf = (...names: ReadonlyArray<string>): Schema.JsonObject => ({
  type: "object",
  properties: {
    tasks: {
      type: "array",
      items: { type: "object", properties: Object.fromEntries(names.map((name) => [name, {}])) }
    },
    title: { type: "string" }
  }
})
