/**
 * A question about what there is so far, on which a step of a chain depends. It is data: in files with keys in snake case,
 * in programs in camel case.
 *
 * A leaf is one test of one value. `is` and `is_not` compare with a text, a number, a boolean or null; `contains` looks
 * for a part of a text or an element of a list; `at_least` and `at_most` compare numbers; `exists` asks whether there is a
 * value at all, be it null: a step that failed or was skipped has none. No other test of a missing value is passed.
 */
import { Array, Option, Result, Schema, SchemaTransformation, Struct } from "effect"
import type { Reference, TemplateIssue } from "./Reference.ts"
import { parseTemplate } from "./Template.ts"
import { describeJson, isJsonArray, type ValuePath } from "./ValuePath.ts"

const Scalar = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Null])
type Scalar = typeof Scalar.Type

/** One test, each with what is compared. */
export type Test =
  | { readonly is: Scalar }
  | { readonly isNot: Scalar }
  | { readonly contains: Scalar }
  | { readonly atLeast: number }
  | { readonly atMost: number }
  | { readonly exists: boolean }

export type ConditionOf<Value> =
  | { readonly value: Value } & Test
  | { readonly all: ReadonlyArray<ConditionOf<Value>> }
  | { readonly any: ReadonlyArray<ConditionOf<Value>> }
  | { readonly not: ConditionOf<Value> }

/** As it is written: values are references in braces. */
export type Condition = ConditionOf<string>
export type ParsedCondition = ConditionOf<Reference>

/** As it stands in a file. */
export interface ConditionFile {
  readonly value?: string
  readonly is?: Scalar
  readonly is_not?: Scalar
  readonly contains?: Scalar
  readonly at_least?: number
  readonly at_most?: number
  readonly exists?: boolean
  readonly all?: ReadonlyArray<ConditionFile>
  readonly any?: ReadonlyArray<ConditionFile>
  readonly not?: ConditionFile
}

const Nested = Schema.suspend((): Schema.Codec<Condition, ConditionFile> => Condition)
const NestedType = Schema.suspend((): Schema.Codec<Condition> => Schema.toType(Condition))

const optional = Struct.map(Schema.optionalKey)

// Written out on both sides: `Schema.encodeKeys` of a schema that refers to itself has no JSON Schema.
const InFile = Schema.Struct({
  value: Schema.String,
  is: Scalar,
  is_not: Scalar,
  contains: Scalar,
  at_least: Schema.Finite,
  at_most: Schema.Finite,
  exists: Schema.Boolean,
  all: Schema.Array(Nested),
  any: Schema.Array(Nested),
  not: Nested
}).mapFields(optional)

/** Everything that a condition may say, of which it says one thing. As one struct it has errors that people can read. */
const Said = Schema.Struct({
  value: Schema.String,
  is: Scalar,
  isNot: Scalar,
  contains: Scalar,
  atLeast: Schema.Finite,
  atMost: Schema.Finite,
  exists: Schema.Boolean,
  all: Schema.Array(NestedType),
  any: Schema.Array(NestedType),
  not: NestedType
}).mapFields(optional)

const testNames = "is, is_not, contains, at_least, at_most, exists"

const wrongWith = ({ value, ...rest }: typeof Said.Type): string | null => {
  const [said, ...others] = Object.keys(rest)
  if (others.length > 0) return "one condition says one thing; all, any and not combine conditions"
  const combines = said === "all" || said === "any" || said === "not"
  if (value === undefined) return combines ? null : "there must be a value and its test, or one of all, any, not"
  return said === undefined || combines ? `the value needs a test: one of ${testNames}` : null
}

const isCondition = (said: typeof Said.Type): said is Condition => wrongWith(said) === null

/** The encoded side is the form in files. Unknown keys are errors with `onExcessProperty: "error"`, as input is read. */
export const Condition: Schema.Codec<Condition, ConditionFile> = InFile.pipe(
  Schema.decodeTo(
    Said,
    SchemaTransformation.transform({
      decode: Struct.renameKeys({ is_not: "isNot", at_least: "atLeast", at_most: "atMost" }),
      encode: Struct.renameKeys({ isNot: "is_not", atLeast: "at_least", atMost: "at_most" })
    })
  ),
  Schema.check(Schema.makeFilter((said) => wrongWith(said) ?? true, { expected: "a condition" }, true)),
  Schema.refine(isCondition)
)

export interface ConditionIssue extends TemplateIssue {
  /** Where in the condition the value stands, by the keys of the file. `offset` is in the value. */
  readonly at: ValuePath
}

const parseValue = (value: string): Result.Result<Reference, ReadonlyArray<TemplateIssue>> =>
  Result.flatMap(
    parseTemplate(value),
    ({ parts: [first, ...others] }) =>
      typeof first === "object" && others.length === 0 ? Result.succeed(first) : Result.fail([{
        offset: 0,
        message: "a condition tests exactly one reference",
        hint: "write it in braces and nothing around it, such as {steps.review.verdict}"
      }])
  )

const parseAt = (
  condition: Condition,
  at: ValuePath
): Result.Result<ParsedCondition, ReadonlyArray<ConditionIssue>> => {
  if ("not" in condition) return Result.map(parseAt(condition.not, [...at, "not"]), (not) => ({ not }))
  if ("all" in condition) return Result.map(parseEach(condition.all, [...at, "all"]), (all) => ({ all }))
  if ("any" in condition) return Result.map(parseEach(condition.any, [...at, "any"]), (any) => ({ any }))
  const { value, ...test } = condition
  return Result.mapBoth(parseValue(value), {
    onSuccess: (reference) => ({ ...test, value: reference }),
    onFailure: (issues) => issues.map((issue) => ({ ...issue, at: [...at, "value"] }))
  })
}

const parseEach = (
  conditions: ReadonlyArray<Condition>,
  at: ValuePath
): Result.Result<ReadonlyArray<ParsedCondition>, ReadonlyArray<ConditionIssue>> => {
  const [parsed, issues] = Array.separate(conditions.map((condition, index) => parseAt(condition, [...at, index])))
  return issues.length === 0 ? Result.succeed(parsed) : Result.fail(issues.flat())
}

/** Everything that is wrong with its values. */
export const parseCondition = (condition: Condition) => parseAt(condition, [])

export const conditionReferences = (condition: ParsedCondition): ReadonlyArray<Reference> => {
  if ("not" in condition) return conditionReferences(condition.not)
  if ("all" in condition) return condition.all.flatMap(conditionReferences)
  return "any" in condition ? condition.any.flatMap(conditionReferences) : [condition.value]
}

const compare = (value: Schema.Json, passes: (value: number) => boolean): Result.Result<boolean, string> =>
  typeof value === "number"
    ? Result.succeed(passes(value))
    : Result.fail(`only numbers are compared by at_least and at_most, and this is ${describeJson(value)}`)

const search = (value: Schema.Json, wanted: Scalar): Result.Result<boolean, string> => {
  if (typeof value === "string" && typeof wanted === "string") return Result.succeed(value.includes(wanted))
  if (isJsonArray(value)) return Result.succeed(value.includes(wanted))
  return Result.fail(`${describeJson(value)} cannot contain ${describeJson(wanted)}`)
}

const applyTest = (value: Schema.Json, test: Exclude<Test, { readonly exists: boolean }>) => {
  if ("is" in test) return Result.succeed(value === test.is)
  if ("isNot" in test) return Result.succeed(value !== test.isNot)
  if ("contains" in test) return search(value, test.contains)
  return "atLeast" in test
    ? compare(value, (number) => number >= test.atLeast)
    : compare(value, (number) => number <= test.atMost)
}

/** What a reference stands for; none where the step failed, was skipped, or has nothing at that path. */
export type ConditionLookup = (reference: Reference) => Option.Option<Schema.Json>

/**
 * Whether the condition holds, asked from left to right and no further than needed. Fails, in words, where a value is of a
 * type for which the test means nothing; a missing value is no failure.
 */
export const evaluate = (condition: ParsedCondition, lookup: ConditionLookup): Result.Result<boolean, string> => {
  if ("not" in condition) return Result.map(evaluate(condition.not, lookup), (holds) => !holds)
  if ("all" in condition) return evaluateUntil(false, condition.all, lookup)
  if ("any" in condition) return evaluateUntil(true, condition.any, lookup)
  const value = lookup(condition.value)
  if ("exists" in condition) return Result.succeed(Option.isSome(value) === condition.exists)
  if (Option.isNone(value)) return Result.succeed(false)
  return Result.mapError(applyTest(value.value, condition), (detail) => `{${condition.value.source}}: ${detail}`)
}

const evaluateUntil = (
  decisive: boolean,
  conditions: ReadonlyArray<ParsedCondition>,
  lookup: ConditionLookup
): Result.Result<boolean, string> => {
  for (const condition of conditions) {
    const holds = evaluate(condition, lookup)
    if (Result.isFailure(holds) || holds.success === decisive) return holds
  }
  return Result.succeed(!decisive)
}
