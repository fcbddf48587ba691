import { assert, describe, it } from "@effect/vitest"
import { Result, type Schema } from "effect"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { describeIssue } from "../../src/domain/ChainIssue.ts"
import { checkVars } from "../../src/domain/PlanVariables.ts"
import { ask, wrongWith } from "../support/SampleChains.ts"

describe("a variable", () => {
  const definition: ChainDefinition = {
    variables: {
      word: { description: "what to look for" },
      count: { type: "number", default: 3 },
      deep: { default: false },
      files: { type: "list", default: [] },
      data: { type: "json", default: null }
    },
    steps: [ask("a")]
  }

  const given = (vars: { readonly [name: string]: Schema.Json }) => {
    const checked = checkVars(definition, vars)
    return Result.isSuccess(checked) ? checked.success : checked.failure.map(describeIssue)
  }

  it("has its default, or what is given, read by its type", () => {
    assert.deepStrictEqual(given({ word: "x" }), { word: "x", count: 3, deep: false, files: [], data: null })
    assert.deepStrictEqual(given({ word: "7", count: " 7 ", deep: "yes", files: "a, b,,c", data: "{\"x\": [1]}" }), {
      word: "7",
      count: 7,
      deep: true,
      files: ["a", "b", "c"],
      data: { x: [1] }
    })
    assert.deepStrictEqual(given({ word: "", count: 7, deep: true, files: "[\"a,b\", 2]", data: [1] }), {
      word: "",
      count: 7,
      deep: true,
      files: ["a,b", 2],
      data: [1]
    })
  })

  it("is refused if it is missing, unknown, or of another type, all at once", () => {
    assert.deepStrictEqual(given({ wrod: "x", count: "many", deep: "perhaps", files: 3, data: "{" }), [
      "there is no variable wrod; did you mean word? allowed: word, count, deep, files, data",
      "the variable word has no value; give it one with --var word=VALUE: what to look for",
      "\"many\" is not a number",
      "\"perhaps\" is not true or false",
      "3 is not a list: a,b,c or [\"a\", \"b\", \"c\"]",
      "\"{\" is not JSON"
    ])
    assert.deepStrictEqual(given({ word: 1, count: "", files: "[1", toString: 1 }), [
      "there is no variable toString; allowed: word, count, deep, files, data",
      "1 is not a text",
      "\"\" is not a number",
      "\"[1\" is not a list: a,b,c or [\"a\", \"b\", \"c\"]"
    ])
  })

  it("has a default of its own type", () => {
    const variables = { a: { type: "number", default: "3" }, b: { type: "json", default: "3" } } as const
    assert.deepStrictEqual(wrongWith({ ...definition, variables }), ["variables.a.default: a text is not a number"])
  })
})
