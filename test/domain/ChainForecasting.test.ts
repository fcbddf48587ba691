import { assert, describe, it } from "@effect/vitest"
import { Duration } from "effect"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { forecastChain, type ForecastOptions } from "../../src/domain/ChainForecasting.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { ask, planOf } from "../support/SampleChains.ts"

const options: ForecastOptions = {
  name: null,
  taskBudget: fromUsd(1),
  budget: null,
  isReused: () => false,
  itemsOf: () => null
}

const definition: ChainDefinition = {
  variables: { files: { type: "list" } },
  steps: [
    ask("plan", { budget: fromUsd(0.5), retry: 3, review: { maxRejections: 3 } }),
    ask("fix", { loop: { check: "npm test", max: 3 }, onFailure: { recover: "mend {error}" }, continues: "plan" }),
    ask("each", { forEach: "{vars.files}", reduce: "{outcomes}", concurrency: 2, budget: fromUsd(0.1) }),
    { name: "test", check: "npm test", onFailure: "skip", stepTimeout: Duration.minutes(5) },
    ask("report", {
      loop: { until: { value: "{steps.report.output}", contains: "ok" }, max: 1 },
      when: {
        any: [
          { all: [{ value: "{steps.fix.output}", exists: true }, { not: { value: "{vars.files}", contains: "a" } }] },
          { value: "{steps.each.output}", isNot: "" }
        ]
      },
      onFailure: "continue"
    })
  ]
}

describe("the forecast of a chain", () => {
  it("holds for each step the most that all of its tasks may cost", () => {
    const { reserve_complete, reserve_usd, steps } = forecastChain(planOf(definition), {
      ...options,
      itemsOf: (step) => step === "each" ? 20 : null
    })
    assert.deepStrictEqual(steps.map((step) => [step.name, step.reserve_usd]), [
      // Attempts and rejections are paid out of the same budget of its one task.
      ["plan", 0.5],
      // Three rounds, and a recovery.
      ["fix", 4],
      // Twenty items, and the task that reduces them.
      ["each", 2.1],
      ["test", 0],
      ["report", 1]
    ])
    assert.strictEqual(reserve_usd, 7.6)
    assert.isTrue(reserve_complete)
  })

  it("is not complete while a list is not there, and leaves out what is not run again", () => {
    const forecast = forecastChain(planOf(definition), {
      ...options,
      name: "mend",
      budget: fromUsd(3),
      isReused: (step) => step === "fix"
    })
    assert.notProperty(forecast.steps[2], "reserve_usd")
    assert.deepInclude(forecast.steps[1], { reused: true, reserve_usd: 0 })
    assert.deepInclude(forecast, { name: "mend", budget_usd: 3, reserve_usd: 1.5, reserve_complete: false })
  })

  it("says what a step does beside its prompt", () => {
    const { steps } = forecastChain(planOf(definition), options)
    assert.deepStrictEqual(steps.map(({ details }) => details), [
      undefined,
      "goes on with the session of plan; again until npm test passes, 3 rounds at most; if it fails, a recovery",
      "an item for each of vars.files; at most 2 at once; reduced to one answer",
      "runs npm test; if it fails, what needs it is skipped; in 5m",
      "only if (steps.fix.output exists and not (vars.files contains \"a\")) or steps.each.output is not \"\"; " +
      "again until steps.report.output contains \"ok\", 1 round at most; if it fails, the chain goes on"
    ])
  })
})
