/**
 * Plans as texts: YAML or JSON, read to a definition that has been checked in full. Whatever is wrong has its line and its
 * column, all of it is said at once, and nothing has been started.
 */
import { Result, Schema, SchemaIssue } from "effect"
import { compileChain } from "./ChainCompiler.ts"
import { ChainDefinition } from "./ChainDefinition.ts"
import { type Checked, describeIssue, prefix } from "./ChainIssue.ts"
import { findUndeclared } from "./DeclaredPath.ts"
import { compileFanOut } from "./FanOutCompiler.ts"
import { FanOutPlan } from "./FanOutPlan.ts"
import { type LocatedIssue, locatedIssue, parseDocument, type PlanDocument } from "./PlanDocument.ts"
import { fieldSchema } from "./PlanSchema.ts"
import { InvalidPlan } from "./RequestFailure.ts"
import { nearest } from "./Suggestion.ts"
import { describeJson, formatPath, isJsonObject, type ValuePath } from "./ValuePath.ts"

/** What a plan file may hold. */
export type Plan =
  | { readonly kind: "chain"; readonly definition: ChainDefinition }
  | { readonly kind: "fan-out"; readonly definition: FanOutPlan }

type Located<A> = Result.Result<A, ReadonlyArray<LocatedIssue>>

const unknownField = "unknown field"
const missingField = "missing field"

const format = SchemaIssue.makeFormatterStandardSchemaV1({
  leafHook: (issue) => {
    if (issue._tag === "UnexpectedKey") return unknownField
    return issue._tag === "MissingKey" ? missingField : SchemaIssue.defaultLeafHook(issue)
  }
})

/** What there is in the place of a field that is not there. */
const suggestField = (path: ValuePath, kind: Plan["kind"]): string => {
  const known = findUndeclared(fieldSchema(kind), path)?.known ?? []
  const meant = nearest(String(path.at(-1)), known)
  if (meant !== null) return `did you mean ${meant}?`
  return known.length === 0 ? "" : `allowed: ${known.join(", ")}`
}

/** What a schema has against a value, with the place of each in the text. */
const locateSchemaIssues = (
  error: Schema.SchemaError,
  document: PlanDocument,
  kind: Plan["kind"]
): ReadonlyArray<LocatedIssue> =>
  format(error.issue).issues.map(({ message, path: keys = [] }) => {
    const segments = keys.map((key) => typeof key === "object" ? key.key : key)
    const path = segments.map((segment) => typeof segment === "number" ? segment : String(segment))
    const place = formatPath(path)
    if (message === unknownField) {
      const hint = suggestField(path, kind)
      return locatedIssue(
        document.locate(path, { key: true }),
        describeIssue({ message: `there is no field ${place}`, hint })
      )
    }
    return locatedIssue(
      document.locate(path),
      message === missingField ? `${place} is missing` : prefix(path, message)
    )
  })

const read = <A, E>(
  kind: Plan["kind"],
  schema: Schema.Codec<A, E>,
  check: (definition: A) => Checked<unknown>,
  document: PlanDocument
): Located<A> =>
  Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(document.value).pipe(
    Result.mapError((error) => locateSchemaIssues(error, document, kind)),
    Result.flatMap((definition) =>
      Result.mapBoth(check(definition), {
        onSuccess: () => definition,
        onFailure: (issues) =>
          issues.map((issue) =>
            locatedIssue(
              document.locate(issue.path, { offset: issue.offset }),
              prefix(issue.path, describeIssue(issue))
            )
          )
      })
    )
  )

const isFanOut = (value: Schema.JsonObject): boolean =>
  !Object.hasOwn(value, "steps") && ["prompt", "over", "items"].some((field) => Object.hasOwn(value, field))

const readDocument = (document: PlanDocument): Located<Plan> => {
  const { value } = document
  if (!isJsonObject(value)) {
    const message = `a plan has fields, such as steps; this is ${describeJson(value)}`
    return Result.fail([locatedIssue(document.locate([]), message)])
  }
  return isFanOut(value)
    ? Result.map(
      read("fan-out", FanOutPlan, compileFanOut, document),
      (definition) => ({ kind: "fan-out", definition })
    )
    : Result.map(
      read("chain", ChainDefinition, compileChain, document),
      (definition) => ({ kind: "chain", definition })
    )
}

const inOrder = (one: LocatedIssue, other: LocatedIssue): number => one.line - other.line || one.column - other.column

/** The plan, or all that is wrong with it. `origin` is what people know the text by: the path of its file. */
export const readPlan = (text: string, origin: string): Result.Result<Plan, InvalidPlan> =>
  Result.mapError(
    Result.flatMap(parseDocument(text), readDocument),
    (issues) => new InvalidPlan({ origin, issues: issues.toSorted(inOrder) })
  )

/** The same, where only a chain will do. */
export const readChain = (text: string, origin: string): Result.Result<ChainDefinition, InvalidPlan> =>
  Result.flatMap(readPlan(text, origin), (plan) => {
    if (plan.kind === "chain") return Result.succeed(plan.definition)
    const message = "this is a fan-out, for it has a prompt and no steps; run it with `claude-pool plan`"
    return Result.fail(new InvalidPlan({ origin, issues: [{ line: 1, column: 1, message }] }))
  })
