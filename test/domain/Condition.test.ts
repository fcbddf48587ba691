import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Option, Result, Schema } from "effect"
import {
  Condition,
  conditionReferences,
  evaluate,
  parseCondition,
  type ParsedCondition,
  type Test
} from "../../src/domain/Condition.ts"
import { issueLines } from "../../src/domain/Issues.ts"
import { hostileText } from "../support/HostileText.ts"

const strictly = { errors: "all", onExcessProperty: "error" } as const
const often = { arbitrary: { runs: 500 } }

const decode = Schema.decodeUnknownResult(Condition, strictly)
const encode = Schema.encodeSync(Condition)

/** What is wrong with the form of it. */
const linesOf = (file: unknown): ReadonlyArray<string> =>
  Result.match(decode(file), { onSuccess: () => [], onFailure: issueLines })

const parsed = (condition: Condition): ParsedCondition => Result.getOrThrow(parseCondition(condition))

const values: Readonly<Record<string, Schema.Json>> = {
  "item.text": "abc",
  "item.empty": "",
  "item.number": 5,
  "item.zero": 0,
  "item.yes": true,
  "item.null": null,
  "item.list": ["a", 1, null, ["b"]],
  "item.object": { a: 1 }
}

const ask = (condition: Condition): boolean | string =>
  Result.merge(evaluate(parsed(condition), ({ source }) => Option.fromUndefinedOr(values[source])))

const asks = (value: string, test: Test): boolean | string => ask({ value: `{${value}}`, ...test })

describe("a condition in a file", () => {
  it("has its keys in snake case", () => {
    const value = "{item}"
    const pairs: ReadonlyArray<readonly [unknown, Condition]> = [
      [{ value, is: "a" }, { value, is: "a" }],
      [{ value, is_not: null }, { value, isNot: null }],
      [{ value, contains: 1 }, { value, contains: 1 }],
      [{ value, at_least: 1.5 }, { value, atLeast: 1.5 }],
      [{ value, at_most: -1 }, { value, atMost: -1 }],
      [{ value, exists: false }, { value, exists: false }],
      [{ all: [] }, { all: [] }],
      [
        { any: [{ not: { value, is_not: true } }, { all: [{ value, at_most: 0 }] }] },
        { any: [{ not: { value, isNot: true } }, { all: [{ value, atMost: 0 }] }] }
      ]
    ]
    for (const [file, condition] of pairs) {
      assert.deepStrictEqual(Result.getOrThrow(decode(file)), condition)
      assert.deepStrictEqual(encode(condition), file)
    }
  })

  it("says one thing, in words that are known", () => {
    const one = "one condition says one thing; all, any and not combine conditions"
    const test = "the value needs a test: one of is, is_not, contains, at_least, at_most, exists"
    const none = "there must be a value and its test, or one of all, any, not"
    const value = "{item}"
    const wrong: ReadonlyArray<readonly [unknown, ReadonlyArray<string>]> = [
      [{}, [none]],
      [{ value }, [test]],
      [{ is: 1 }, [none]],
      [{ value, is: 1, at_least: 2 }, [one]],
      [{ value, is: 1, all: [] }, [one]],
      [{ all: [], any: [] }, [one]],
      [{ value, not: { value, is: 1 } }, [test]],
      [{ all: [{ value, is: 1 }, { not: { value } }] }, [`all.1.not: ${test}`]],
      [{ value, is: 1, colour: "red" }, ["colour: Expected no excess property"]],
      [{ value, isNot: 1 }, ["isNot: Expected no excess property"]],
      [{ value, at_least: "1" }, ["at_least: Expected number"]],
      [{ value, exists: "yes" }, ["exists: Expected boolean"]],
      [{ value: 1, is: 1 }, ["value: Expected string"]],
      [{ value, is: [1] }, ["is: Expected string | number | boolean | null"]],
      ["{item}", ["Expected object"]]
    ]
    for (const [file, lines] of wrong) assert.deepStrictEqual(linesOf(file), lines, JSON.stringify(file))
  })
})

describe("the JSON Schema of a condition", () => {
  it("describes the form in files", () => {
    const { definitions, schema } = Schema.toJsonSchemaDocument(Condition, strictly)
    const [definition, ...others] = Object.values(definitions)
    assert.deepStrictEqual(others, [])
    assert.property(schema, "$ref")
    assert.deepInclude(definition, { type: "object", additionalProperties: false })
    assert.hasAllKeys(definition?.["properties"], [
      "value",
      "is",
      "is_not",
      "contains",
      "at_least",
      "at_most",
      "exists",
      "all",
      "any",
      "not"
    ])
  })
})

describe("parseCondition", () => {
  it("reads the references, in order", () => {
    const condition = parsed({
      all: [{ value: "{steps.a.x[0]}", is: 1 }, { any: [{ value: "{item}", exists: true }] }, {
        not: { value: "{vars.v}", atMost: 2 }
      }]
    })
    assert.deepStrictEqual(conditionReferences(condition).map(({ source }) => source), [
      "steps.a.x[0]",
      "item",
      "vars.v"
    ])
    assert.deepStrictEqual(parsed({ value: "{index}", atMost: 2 }), {
      value: { root: "index", source: "index", offset: 0 },
      atMost: 2
    })
  })

  it("says of every value that is no reference where it stands", () => {
    const issues = Result.flip(parseCondition({
      all: [
        { value: "{steps.a.output} ", is: 1 },
        { value: "{index}", is: 1 },
        { any: [{ not: { value: "{itme}", is: 1 } }, { value: "", exists: true }] },
        { value: "{item}{item}", is: 1 },
        { value: "item", is: 1 },
        { value: "{{item}}", is: 1 },
        { value: "{step.a} {var.b}", is: 1 }
      ]
    }))
    assert.deepStrictEqual(
      Result.getOrThrow(issues).map(({ at, message, offset }) => [at.join("."), offset, message]),
      [
        ["all.0.value", 0, "a condition tests exactly one reference"],
        ["all.2.any.0.not.value", 0, "{itme}: there is no such reference"],
        ["all.2.any.1.value", 0, "a condition tests exactly one reference"],
        ["all.3.value", 0, "a condition tests exactly one reference"],
        ["all.4.value", 0, "a condition tests exactly one reference"],
        ["all.5.value", 0, "a condition tests exactly one reference"],
        ["all.6.value", 0, "{step.a}: there is no such reference"],
        ["all.6.value", 9, "{var.b}: there is no such reference"]
      ]
    )
  })
})

describe("evaluate", () => {
  it("compares scalars, each with its own type", () => {
    assert.isTrue(asks("item.text", { is: "abc" }))
    assert.isTrue(asks("item.number", { is: 5 }))
    assert.isTrue(asks("item.null", { is: null }))
    assert.isTrue(asks("item.number", { isNot: "5" }))
    for (const value of Object.keys(values)) {
      assert.isFalse(asks(value, { is: "nothing" }), value)
      assert.isTrue(asks(value, { isNot: "nothing" }), value)
    }
    assert.isFalse(asks("item.text", { isNot: "abc" }))
  })

  it("finds a part of a text, and an element of a list", () => {
    assert.isTrue(asks("item.text", { contains: "bc" }))
    assert.isTrue(asks("item.list", { contains: "a" }))
    assert.isTrue(asks("item.list", { contains: null }))
    assert.isFalse(asks("item.list", { contains: "b" }))
    assert.isFalse(asks("item.empty", { contains: "a" }))
    assert.strictEqual(asks("item.text", { contains: 1 }), "{item.text}: a text cannot contain a number")
    assert.strictEqual(asks("item.object", { contains: "a" }), "{item.object}: an object cannot contain a text")
  })

  it("compares numbers, and nothing else, by their size", () => {
    assert.isTrue(asks("item.number", { atLeast: 5 }))
    assert.isFalse(asks("item.number", { atLeast: 5.1 }))
    assert.isTrue(asks("item.number", { atMost: 5 }))
    assert.isFalse(asks("item.number", { atMost: 4 }))
    assert.strictEqual(
      asks("item.text", { atLeast: 1 }),
      "{item.text}: only numbers are compared by at_least and at_most, and this is a text"
    )
  })

  it("asks whether there is a value, whatever it is", () => {
    for (const value of Object.keys(values)) {
      assert.isTrue(asks(value, { exists: true }), value)
      assert.isFalse(asks(value, { exists: false }), value)
    }
    assert.isFalse(asks("item.gone", { exists: true }))
    assert.isTrue(asks("item.gone", { exists: false }))
  })

  it("passes no other test of a missing value, and does not fail", () => {
    const tests: ReadonlyArray<Test> = [{ is: 1 }, { isNot: 1 }, { contains: "a" }, { atLeast: 1 }, { atMost: 1 }]
    for (const test of tests) {
      assert.isFalse(asks("item.gone", test))
      assert.isTrue(ask({ not: { value: "{item.gone}", ...test } }))
    }
  })

  it("asks no further than it needs, and tells the first failure", () => {
    const wrong: Condition = { value: "{item.text}", atLeast: 1 }
    const yes: Condition = { value: "{item.yes}", is: true }
    const no: Condition = { not: yes }
    assert.isFalse(ask({ all: [yes, no, wrong] }))
    assert.isTrue(ask({ any: [no, yes, wrong] }))
    assert.include(ask({ all: [yes, wrong, no] }), "{item.text}: only numbers")
    assert.include(ask({ any: [no, { not: wrong }] }), "{item.text}: only numbers")
    assert.isTrue(ask({ all: [] }))
    assert.isFalse(ask({ any: [] }))
  })
})

const value = Schema.Literals(Object.keys(values).concat("item.gone").map((name) => `{${name}}`))
const scalar = Schema.Union([
  Schema.Literals(["a", "abc", "b", "", 0, 1, 5, true]),
  Schema.Null,
  Schema.Finite,
  Schema.String
])

const Leaf = Schema.Union([
  Schema.Struct({ value, is: scalar }),
  Schema.Struct({ value, isNot: scalar }),
  Schema.Struct({ value, contains: scalar }),
  Schema.Struct({ value, atLeast: Schema.Finite }),
  Schema.Struct({ value, atMost: Schema.Finite }),
  Schema.Struct({ value, exists: Schema.Boolean })
])

const Nested: Schema.Codec<Condition> = Schema.Union([
  Leaf,
  Schema.Struct({ all: Schema.Array(Schema.suspend(() => Nested)) }),
  Schema.Struct({ any: Schema.Array(Schema.suspend(() => Nested)) }),
  Schema.Struct({ not: Schema.suspend(() => Nested) })
])

describe("any condition", () => {
  it.prop("comes back from its file as it went", [Nested], ([condition]) => {
    assert.deepStrictEqual(Result.getOrThrow(decode(encode(condition))), condition)
  }, often)

  it.prop("has the opposite that logic gives it", [Schema.Array(Nested)], ([conditions]) => {
    const opposites = conditions.map((not) => ({ not }))
    const negated = (answer: boolean | string) => typeof answer === "boolean" ? !answer : answer
    assert.strictEqual(ask({ not: { all: conditions } }), ask({ any: opposites }))
    assert.strictEqual(ask({ not: { any: conditions } }), ask({ all: opposites }))
    assert.strictEqual(ask({ not: { all: conditions } }), negated(ask({ all: conditions })))
  }, often)

  it.prop("is never anything but false for values that are missing, unless it asks for that", [
    Arbitrary.filter(Arbitrary.schema(Leaf), (leaf) => !("exists" in leaf))
  ], ([leaf]) => {
    assert.deepStrictEqual(evaluate(parsed(leaf), Option.none), Result.succeed(false))
  }, often)

  it.prop("is parsed, or it is said what is wrong, whatever its value", [hostileText], ([written]) => {
    const issues = Result.match(parseCondition({ value: written, is: written }), {
      onSuccess: (condition) => {
        assert.deepStrictEqual(conditionReferences(condition).map(({ source }) => `{${source}}`), [written])
        return ["read"]
      },
      onFailure: (found) => found.map(({ message }) => message)
    })
    assert.isNotEmpty(issues)
  }, often)
})
