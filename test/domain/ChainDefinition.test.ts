import { assert, describe, it } from "@effect/vitest"
import { Duration, Result, Schema } from "effect"
import { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { issueLines } from "../../src/domain/Issues.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"

describe("the definition", () => {
  it("is the same as a file and as a value", () => {
    const file: typeof ChainDefinition.Encoded = {
      name: "mend",
      budget_usd: 5,
      variables: { test: { type: "string", default: "npm test" } },
      defaults: { max_turns: 3, budget_usd: 0.5, timeout: "20m" },
      steps: [{
        name: "fix",
        prompt: "go",
        step_timeout: "1h30m",
        when: { value: "{vars.test}", is_not: "" },
        review: { max_rejections: 2 },
        loop: { check: "{vars.test}", max: 3 }
      }]
    }
    const value: ChainDefinition = {
      name: "mend",
      budget: fromUsd(5),
      variables: { test: { type: "string", default: "npm test" } },
      defaults: { maxTurns: 3, budget: fromUsd(0.5), timeout: Duration.minutes(20) },
      steps: [{
        name: "fix",
        prompt: "go",
        stepTimeout: Duration.minutes(90),
        when: { value: "{vars.test}", isNot: "" },
        review: { maxRejections: 2 },
        loop: { check: "{vars.test}", max: 3 }
      }]
    }
    assert.deepStrictEqual(Schema.decodeSync(ChainDefinition)(file), value)
    assert.deepStrictEqual(Schema.encodeSync(ChainDefinition)(value), file)
    assert.isTrue(Schema.is(Schema.toType(ChainDefinition))(value))
  })

  it("says all that is wrong with it, by the keys of the file, at once", () => {
    const file = {
      budget_usd: -1,
      steps: [{ name: "a b", step_timeout: "1 year", prmpt: "x" }, {
        name: "b",
        max_turns: 0,
        on_failure: { recver: "" }
      }]
    }
    const read = Schema.decodeUnknownResult(ChainDefinition)(file, { errors: "all", onExcessProperty: "error" })
    assert(Result.isFailure(read))
    assert.deepStrictEqual(issueLines(read.failure).map((line) => line.split(": ")[0]).toSorted(), [
      "budget_usd",
      "steps.0.name",
      "steps.0.prmpt",
      "steps.0.step_timeout",
      "steps.1.max_turns",
      "steps.1.on_failure.recover",
      "steps.1.on_failure.recver"
    ])
  })
})
