/**
 * What a template may refer to in the place where it stands, checked before anything is spent.
 */
import type { Schema } from "effect"
import { findUndeclared } from "./DeclaredPath.ts"
import type { Reference, TemplateIssue } from "./Reference.ts"
import { didYouMean } from "./Suggestion.ts"
import { references, type Template } from "./Template.ts"
import { formatPath, type ValuePath } from "./ValuePath.ts"

/** What there is in some places only. */
export type PlaceRoot = Exclude<Reference["root"], "steps" | "vars">

export interface TemplateScope {
  readonly vars: ReadonlyArray<string>
  /** The steps before this one, each with the JSON Schema of its structured output; null where it declares none. */
  readonly steps: ReadonlyMap<string, Schema.Json | null>
  readonly roots: ReadonlySet<PlaceRoot>
}

const whereItIs: Readonly<Record<PlaceRoot, string>> = {
  previous_output: "there is one from the second step on",
  item: "there is one in the prompts of a fan-out",
  index: "there is one in the prompts of a fan-out",
  error: "there is one in the prompt of a recovery",
  outcomes: "there are some in the prompt of a reducer",
  loop: "there is one in the steps of a loop"
}

const choose = (word: string, known: ReadonlyArray<string>, none: string): string =>
  known.length === 0 ? none : didYouMean(word, known)

type Wrong = Omit<TemplateIssue, "offset">

const checkStep = (step: string, path: ValuePath, steps: TemplateScope["steps"]): Wrong | null => {
  const schema = steps.get(step)
  if (schema === undefined) {
    return {
      message: `there is no step ${step} before this one`,
      hint: choose(step, [...steps.keys()], "no step comes before this one")
    }
  }
  if (path.length === 0) return null
  if (schema === null) {
    return {
      message: `step ${step} declares no schema, so only {steps.${step}.output} can be used`,
      hint: `give step ${step} a schema that declares ${formatPath(path)}`
    }
  }
  const undeclared = findUndeclared(schema, path)
  if (undeclared === null) return null
  const known = undeclared.at === 0 ? ["output", ...undeclared.known] : undeclared.known
  return {
    message: `the schema of step ${step} declares no ${formatPath(path.slice(0, undeclared.at + 1))}`,
    hint: choose(String(path[undeclared.at]), known, "no fields are declared there")
  }
}

const findWrong = (reference: Reference, scope: TemplateScope): Wrong | null => {
  switch (reference.root) {
    case "steps":
      return checkStep(reference.step, reference.path, scope.steps)
    case "vars":
      return scope.vars.includes(reference.name) ? null : {
        message: `there is no variable ${reference.name}`,
        hint: choose(reference.name, scope.vars, "no variable is declared")
      }
    default:
      return scope.roots.has(reference.root) ? null : {
        message: `{${reference.source}} means nothing here`,
        hint: whereItIs[reference.root]
      }
  }
}

/** Everything that is referred to and is not there, in the order of the references. */
export const checkReferences = (
  referred: ReadonlyArray<Reference>,
  scope: TemplateScope
): ReadonlyArray<TemplateIssue> =>
  referred.flatMap((reference) => {
    const wrong = findWrong(reference, scope)
    return wrong === null ? [] : [{ offset: reference.offset, ...wrong }]
  })

export const checkTemplate = (template: Template, scope: TemplateScope): ReadonlyArray<TemplateIssue> =>
  checkReferences(references(template), scope)
