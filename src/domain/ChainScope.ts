/**
 * What the texts of a step may refer to, and the checks of those texts.
 */
import { Result, Schema } from "effect"
import type { ChainDefinition, ChainStep } from "./ChainDefinition.ts"
import { type ChainIssue, type Checked, issueAt, issuesIn, succeedUnless } from "./ChainIssue.ts"
import type { ChainOrder, PlacedStep } from "./ChainOrder.ts"
import { parseCommand } from "./CommandText.ts"
import { type Condition, parseCondition, type ParsedCondition } from "./Condition.ts"
import { findUndeclared } from "./DeclaredPath.ts"
import { variableType } from "./PlanVariables.ts"
import type { Reference, TemplateIssue } from "./Reference.ts"
import { parseTemplate, references, type Template } from "./Template.ts"
import { checkReferences, type PlaceRoot } from "./TemplateScope.ts"
import { formatPath, type ValuePath } from "./ValuePath.ts"

/** Where a text stands, and what there is. */
export interface Scope {
  readonly variables: NonNullable<ChainDefinition["variables"]>
  /** The schemas of the steps before, as `TemplateScope` has them. */
  readonly steps: ReadonlyMap<string, Schema.Json | null>
  readonly after: ReadonlyArray<string>
  readonly roots: ReadonlySet<PlaceRoot>
  /** What is declared about `{item}`: a schema, and the path in it; null where nothing is. */
  readonly element: { readonly schema: Schema.Json; readonly path: ValuePath } | null
}

const isJson = Schema.is(Schema.Json)

/** The schema of what later steps may reach into. Of a step with items it is the list of the answers. */
const valueSchema = ({ forEach, schema }: ChainStep): Schema.Json | null => {
  const answer = isJson(schema) ? schema : null
  return forEach === undefined ? answer : { type: "array", items: answer ?? { type: "string" } }
}

/** What the step's own condition of a loop may refer to, too, is its latest answer. */
export const scopeOf = (definition: ChainDefinition, order: ChainOrder, { after, before }: PlacedStep): Scope => ({
  variables: definition.variables ?? {},
  steps: new Map(
    order.written.filter(({ index }) => before.has(index)).map(({ step }) => [step.name, valueSchema(step)])
  ),
  after,
  roots: new Set(["previous_output"]),
  element: null
})

export const withRoots = (scope: Scope, ...roots: ReadonlyArray<PlaceRoot>): Scope => ({
  ...scope,
  roots: new Set([...scope.roots, ...roots])
})

export const withStep = (scope: Scope, step: ChainStep): Scope => ({
  ...scope,
  steps: new Map([...scope.steps, [step.name, valueSchema(step)]])
})

type Wrong = Omit<TemplateIssue, "offset">

const checkPrevious = ({ after, roots }: Scope): Wrong | null => {
  if (after.length === 1 || !roots.has("previous_output")) return null
  return {
    message: "{previous_output} means nothing here",
    hint: after.length === 0
      ? "no step comes before this one"
      : `several steps come right before this one; name the one that is meant: ${
        after.map((name) => `{steps.${name}.output}`).join(", ")
      }`
  }
}

const checkVariable = (name: string, path: ValuePath, { variables }: Scope): Wrong | null => {
  const variable = Object.hasOwn(variables, name) ? variables[name] : undefined
  const type = variable === undefined ? "json" : variableType(variable)
  return path.length === 0 || type === "json" || type === "list" ? null : {
    message: `the variable ${name} is a ${type} and has no ${formatPath(path)}`,
    hint: `use all of it as {vars.${name}}, or declare type: json`
  }
}

const checkItem = (path: ValuePath, { element }: Scope): Wrong | null => {
  if (element === null) return null
  const undeclared = findUndeclared(element.schema, [...element.path, 0, ...path])
  return undeclared === null ? null : {
    message: `the schema of the list declares no {item${formatPath(["", ...path])}}`,
    hint: undeclared.known.length === 0 ? "no fields are declared there" : `declared: ${undeclared.known.join(", ")}`
  }
}

const checkPlace = (reference: Reference, scope: Scope): Wrong | null => {
  switch (reference.root) {
    case "previous_output":
      return checkPrevious(scope)
    case "vars":
      return checkVariable(reference.name, reference.path, scope)
    case "item":
      return checkItem(reference.path, scope)
    default:
      return null
  }
}

const findWrong = (reference: Reference, scope: Scope): ReadonlyArray<TemplateIssue> => {
  const [common] = checkReferences([reference], {
    vars: Object.keys(scope.variables),
    steps: scope.steps,
    roots: scope.roots
  })
  if (common !== undefined) return [common]
  const wrong = checkPlace(reference, scope)
  return wrong === null ? [] : [{ offset: reference.offset, ...wrong }]
}

/** What a reference may begin with. */
const usableIn = ({ after, roots, steps, variables }: Scope): ReadonlyArray<Reference["root"]> => [
  ...Array.from(roots).filter((root) => root !== "previous_output" || after.length === 1),
  ...(steps.size === 0 ? [] : ["steps" as const]),
  ...(Object.keys(variables).length === 0 ? [] : ["vars" as const])
]

export const checkPrompt = (source: string, path: ValuePath, scope: Scope): Checked<Template> =>
  Result.flatMap(
    Result.mapError(parseTemplate(source, usableIn(scope)), (issues) => issuesIn(path, issues)),
    (template) =>
      succeedUnless(template, issuesIn(path, references(template).flatMap((reference) => findWrong(reference, scope))))
  )

/** The prompt that makes one answer of all: without their answers it can make none. */
export const checkReducer = (source: string, path: ValuePath, scope: Scope): Checked<Template> =>
  Result.flatMap(checkPrompt(source, path, withRoots(scope, "outcomes")), (template) =>
    succeedUnless(
      template,
      references(template).some(({ root }) => root === "outcomes") ? [] : [
        issueAt(path, "it does not say {outcomes}", "that is where the answers of all items are put in")
      ]
    ))

const checkCommandVariable = (reference: Reference, scope: Scope): ReadonlyArray<TemplateIssue> => {
  const wrong = findWrong(reference, scope)
  if (wrong.length > 0 || reference.root !== "vars") return wrong
  const type = variableType(scope.variables[reference.name] ?? {})
  return type !== "list" && type !== "json" ? [] : [{
    offset: reference.offset,
    message: `the variable ${reference.name} is ${type === "list" ? "a list" : "JSON"} and has no place here`,
    hint: "only texts, numbers and booleans have"
  }]
}

export const checkCommand = (source: string, path: ValuePath, scope: Scope): Checked<Template> =>
  Result.flatMap(
    Result.mapError(parseCommand(source), (issues) => issuesIn(path, issues)),
    (command) =>
      succeedUnless(
        command,
        issuesIn(path, references(command).flatMap((reference) => checkCommandVariable(reference, scope)))
      )
  )

/** The references of a condition, each with where it stands. */
const placedReferences = (
  condition: ParsedCondition,
  path: ValuePath
): ReadonlyArray<{ readonly path: ValuePath; readonly reference: Reference }> => {
  const each = (conditions: ReadonlyArray<ParsedCondition>, key: string) =>
    conditions.flatMap((one, index) => placedReferences(one, [...path, key, index]))
  if ("not" in condition) return placedReferences(condition.not, [...path, "not"])
  if ("all" in condition) return each(condition.all, "all")
  if ("any" in condition) return each(condition.any, "any")
  return [{ path: [...path, "value"], reference: condition.value }]
}

export const checkCondition = (condition: Condition, path: ValuePath, scope: Scope): Checked<ParsedCondition> =>
  Result.flatMap(
    Result.mapError(
      parseCondition(condition),
      (issues) => issues.map(({ at, ...issue }): ChainIssue => ({ ...issue, path: [...path, ...at] }))
    ),
    (parsed) =>
      succeedUnless(
        parsed,
        placedReferences(parsed, path).flatMap((placed) => issuesIn(placed.path, findWrong(placed.reference, scope)))
      )
  )

const noList = (path: ValuePath, message: string): Checked<never> =>
  Result.fail([issueAt(path, message, "it needs one reference to a list, such as {steps.plan.tasks} or {vars.files}")])

/** The reference to a list, as far as it can be known that it is one. */
export const checkList = (source: string, path: ValuePath, scope: Scope): Checked<Reference> =>
  Result.flatMap(checkPrompt(source, path, scope), ({ parts: [reference, ...others] }): Checked<Reference> => {
    if (reference === undefined || typeof reference === "string" || others.length > 0) {
      return noList(path, "this is not one reference")
    }
    if (reference.root === "vars") {
      const type = variableType(scope.variables[reference.name] ?? {})
      return reference.path.length > 0 || type === "list" || type === "json"
        ? Result.succeed(reference)
        : noList(path, `the variable ${reference.name} is a ${type} and no list`)
    }
    if (reference.root !== "steps" || reference.path.length === 0) {
      return noList(path, `{${reference.source}} is a text and no list`)
    }
    const undeclared = findUndeclared(scope.steps.get(reference.step) ?? true, [...reference.path, 0])
    return undeclared === null
      ? Result.succeed(reference)
      : noList(path, `the schema of step ${reference.step} does not declare ${formatPath(reference.path)} as a list`)
  })

/** What is declared about the elements of the list. */
export const withElement = (scope: Scope, list: Reference): Scope => {
  const schema = list.root === "steps" ? scope.steps.get(list.step) ?? null : null
  return {
    ...withRoots(scope, "item", "index"),
    element: schema === null || list.root !== "steps" ? null : { schema, path: list.path }
  }
}
