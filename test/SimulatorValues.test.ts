/**
 * What the simulator computes: scenarios, costs, values for schemas.
 */
import { assert, describe, it } from "@effect/vitest"
import { answerTo } from "../src/simulator/Answers.ts"
import { costOf, isKnown, noTokens, resolve } from "../src/simulator/Models.ts"
import { failureOf, find, parse } from "../src/simulator/Scenario.ts"
import { problemOf, valueFor } from "../src/simulator/SchemaValue.ts"

describe("a scenario", () => {
  it("is cut out of the prompt, in order", () => {
    const { directives, prompt, unknown } = parse("do [[delay:5]] this\n[[say:a, b=c]]\nand [[ -f x ]] [[that]]")
    assert.strictEqual(prompt, "do this\n\nand [[ -f x ]] [[that]]")
    assert.deepStrictEqual(directives.map(({ name, text }) => [name, text]), [["delay", "5"], ["say", "a, b=c"]])
    assert.deepStrictEqual(unknown, ["[[that]]"])
  })

  it("has values and options", () => {
    const { directives } = parse("[[fail:2,error=429,retry-after=3]] [[tokens:1,2,3]]")
    assert.deepStrictEqual(find(directives, "tokens")?.values, ["1", "2", "3"])
    const fail = find(directives, "fail")
    const failure = fail === undefined ? undefined : failureOf(fail)
    assert.deepInclude(failure, { name: "error", values: ["429"] })
    assert.strictEqual(failure?.options["retry-after"], "3")
  })

  it("fails with a directive that needs no value", () => {
    const [fail] = parse("[[fail:1,schema-missing]]").directives
    assert.strictEqual(fail === undefined ? undefined : failureOf(fail)?.name, "schema-missing")
  })
})

describe("costs", () => {
  const million = { ...noTokens, input: 1_000_000 }

  it("follow the price list", () => {
    assert.strictEqual(costOf("claude-opus-5-5", million), 4)
    assert.strictEqual(costOf("claude-sonnet-5-5[1m]", { ...noTokens, output: 1_000_000 }), 10)
    assert.strictEqual(costOf("claude-fable-5-1", { ...noTokens, cacheRead: 1_000_000 }), 0.25)
    assert.strictEqual(costOf("claude-fable-5-2", { ...noTokens, cacheWrite: 1_000_000 }), 10)
  })

  it("are five times as high for a long prompt to Haiku", () => {
    assert.strictEqual(costOf("claude-haiku-5-5", { ...noTokens, input: 100_000 }), 0.01)
    assert.strictEqual(costOf("claude-haiku-5-5", { ...noTokens, input: 150_000 }), 0.075)
  })

  it("know the aliases", () => {
    assert.deepStrictEqual(["haiku", "sonnet", "opus", "fable", "other"].map(resolve), [
      "claude-haiku-5-5",
      "claude-sonnet-5-5",
      "claude-opus-5-5",
      "claude-fable-5-2",
      "other"
    ])
    assert.isFalse(isKnown("other"))
  })
})

describe("a value for a schema", () => {
  const cases: ReadonlyArray<readonly [schema: object, value: unknown]> = [
    [{ type: "string" }, "hint"],
    [{ type: "string", minLength: 6 }, "hint.."],
    [{ type: "string", maxLength: 2 }, "hi"],
    [{ type: "string", format: "date" }, "2026-01-01"],
    [{ type: "integer", minimum: 3 }, 3],
    [{ type: "integer", exclusiveMinimum: 3 }, 4],
    [{ type: "integer", maximum: -2 }, -2],
    [{ type: "integer", multipleOf: 5, minimum: 7 }, 10],
    [{ type: "number" }, 0.5],
    [{ type: "boolean" }, true],
    [{ type: ["null", "string"] }, null],
    [{ enum: ["b", "a"] }, "b"],
    [{ const: { x: 1 } }, { x: 1 }],
    [{ type: "array", items: { type: "integer" }, minItems: 3 }, [1, 1, 1]],
    [{ type: "array", items: { type: "integer" }, minItems: 2, uniqueItems: true }, [1, 2]],
    [{ type: "array", maxItems: 0 }, []],
    [{ prefixItems: [{ type: "boolean" }, { type: "null" }] }, [true, null]],
    [{ anyOf: [{ type: "boolean" }, { type: "string" }] }, true],
    [{ allOf: [{ properties: { a: { type: "null" } } }, { properties: { b: { type: "boolean" } } }] }, {
      a: null,
      b: true
    }],
    [{ type: "object", properties: { a: { $ref: "#/$defs/A" } }, $defs: { A: { enum: [7] } } }, { a: 7 }],
    [{ type: "object", minProperties: 1, additionalProperties: { type: "boolean" } }, { key1: true }],
    [{ required: ["a"] }, { a: "hint" }]
  ]

  it.each(cases)("fits %j", (schema, value) => {
    assert.deepStrictEqual(valueFor(schema, "hint"), value)
  })

  it("ends, where a schema refers to itself", () => {
    const schema = {
      $defs: {
        node: { type: "object", properties: { next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } } }
      },
      $ref: "#/$defs/node"
    }
    assert.include(JSON.stringify(valueFor(schema, "hint")), "next")
  })

  it("is not made for what is no schema", () => {
    assert.isUndefined(problemOf({ type: "object" }))
    for (const schema of ["x", { type: "nonsense" }, { properties: [] }, { required: "a" }]) {
      assert.isDefined(problemOf(schema))
    }
  })
})

describe("an answer", () => {
  it("is a haiku where one is asked for, about the topic that is named", () => {
    assert.include(answerTo("Workers are cheap. Write a haiku about rust", []), "The borrow checker")
    assert.strictEqual(answerTo("a haiku about nothing at all", []).split("\n").length, 3)
  })

  it("says that it is simulated, and what came before", () => {
    const answer = answerTo("what now?", ["first", "second"])
    assert.include(answer, "Simulated")
    assert.include(answer, "2 earlier prompts, the last “second”")
  })
})
