import { assert, describe, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { formatPath, isJsonObject, parsePath, valueAt } from "../../src/domain/ValuePath.ts"

const often = { arbitrary: { runs: 500 } }

const inherited = ["__proto__", "constructor", "toString", "hasOwnProperty", "length", "map", "valueOf", "0"] as const

const Name = Schema.Union([Schema.Literals(inherited), Schema.Literals(["a", "b-c", "_d", "9"])])
const Path = Schema.Array(Schema.Union([Name, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 4 }))]))

type Tree = string | number | boolean | null | ReadonlyArray<Tree> | { readonly [key: string]: Tree }
const Tree: Schema.Codec<Tree> = Schema.Union([
  Schema.String,
  Schema.Int,
  Schema.Boolean,
  Schema.Null,
  Schema.Array(Schema.suspend(() => Tree)),
  Schema.Struct({ a: Schema.suspend(() => Tree), constructor: Schema.optionalKey(Schema.suspend(() => Tree)) })
])

/** Every place in a value, by walking what it owns. */
const places = (value: Schema.Json): ReadonlyArray<readonly [ReadonlyArray<string | number>, Schema.Json]> => [
  [[], value],
  ...(value === null || typeof value !== "object" ?
    [] :
    Object.entries(value).flatMap(([key, child]) =>
      places(child).map(([path, found]) => [[isJsonObject(value) ? key : Number(key), ...path], found] as const)
    ))
]

const failureOf = (value: Schema.Json, path: string): string =>
  Result.match(Result.flatMap(parsePath(path), (segments) => valueAt(value, segments, "steps.plan")), {
    onSuccess: (found) => `found ${JSON.stringify(found)}`,
    onFailure: (message) => message
  })

describe("ValuePath", () => {
  it.prop("comes back as it was written", [Path], ([path]) => {
    if (path.length > 0) assert.deepStrictEqual(Result.getOrThrow(parsePath(formatPath(path))), path)
  }, often)

  it.prop("finds all that a value owns, and nothing that it inherits", [Tree, Path], ([value, path]) => {
    const owned = new Map(places(value).map(([place, found]) => [JSON.stringify(place), found]))
    for (const [place, found] of places(value)) {
      assert.strictEqual(Result.getOrThrow(valueAt(value, place, "x")), found)
      for (const name of inherited) {
        const further = valueAt(value, [...place, name], "x")
        assert.strictEqual(Result.isSuccess(further), owned.has(JSON.stringify([...place, name])), name)
      }
    }
    assert.strictEqual(Result.isSuccess(valueAt(value, path, "x")), owned.has(JSON.stringify(path)))
  }, often)

  it("says what is missing, and where", () => {
    const plan = { files: ["a", "b"], one: [{ x: null }], title: "t" }
    assert.strictEqual(failureOf(plan, "files[1]"), "found \"b\"")
    assert.strictEqual(failureOf(plan, "one[0].x"), "found null")
    assert.strictEqual(failureOf(plan, "files[3].x"), "steps.plan.files[3]: the list has 2 elements")
    assert.strictEqual(failureOf(plan, "one[1]"), "steps.plan.one[1]: the list has 1 element")
    assert.strictEqual(failureOf(plan, "titel"), "steps.plan.titel: there is no such field")
    assert.strictEqual(failureOf(plan, "constructor"), "steps.plan.constructor: there is no such field")
    assert.strictEqual(failureOf(plan, "title.length"), "steps.plan.title.length: a text has no fields")
    assert.strictEqual(failureOf(plan, "one[0].x.y"), "steps.plan.one[0].x.y: null has no fields")
    assert.strictEqual(
      failureOf(plan, "files.length"),
      "steps.plan.files.length: a list has no fields; its first element is [0]"
    )
    assert.strictEqual(failureOf(plan, "[0]"), "steps.plan[0]: an object has no elements")
    assert.strictEqual(failureOf(JSON.parse("{\"__proto__\": 1}"), "__proto__"), "found 1")
  })

  it("is nothing but names and positions", () => {
    for (const text of ["", ".", "a.", ".a", "a..b", "a[x]", "a[-1]", "a[1", "a b", "a\n", "a[0]b", "ä"]) {
      assert.isTrue(Result.isFailure(parsePath(text)), text)
    }
  })
})
