/**
 * What a template refers to: the output of a step, a variable, the item of a fan-out. A reference is written in braces,
 * `{steps.plan.files[0]}`, and stands for a value that is known when the template is rendered.
 */
import { Result } from "effect"
import { didYouMean } from "./Suggestion.ts"
import { parsePath, type ValuePath } from "./ValuePath.ts"

interface Written {
  /** As it is written, without the braces. */
  readonly source: string
  /** Where its brace is in the text, in UTF-16 units. */
  readonly offset: number
}

export type Reference =
  /** The empty path is the text of the step's whole output, any other leads into its structured output. */
  | Written & { readonly root: "steps"; readonly step: string; readonly path: ValuePath }
  | Written & { readonly root: "vars"; readonly name: string; readonly path: ValuePath }
  | Written & { readonly root: "item"; readonly path: ValuePath }
  /** `round` counts from 1; `output` is what the loop's check said last. */
  | Written & { readonly root: "loop"; readonly part: "round" | "output" }
  /** `index` counts the items from 0. */
  | Written & { readonly root: "previous_output" | "index" | "error" | "outcomes" }

/** Something wrong with a template, at `offset` UTF-16 units. */
export interface TemplateIssue {
  readonly offset: number
  readonly message: string
  readonly hint: string
}

/** All that a reference can begin with, in one place or another. */
const roots: ReadonlyArray<Reference["root"]> = [
  "previous_output",
  "steps",
  "vars",
  "item",
  "index",
  "error",
  "outcomes",
  "loop"
]

const stepName = /^[a-z][a-z0-9_-]{0,63}$/i

/** What is inside of a pair of braces, read; `offset` is where the braces begin, `usable` what to suggest there. */
export const parseReference = (
  source: string,
  offset: number,
  usable: ReadonlyArray<Reference["root"]> = roots
): Result.Result<Reference, TemplateIssue> => {
  const written = { source, offset }
  const wrong = (message: string, hint: string): Result.Result<never, TemplateIssue> =>
    Result.fail({ offset, message: `{${source}}: ${message}`, hint })

  const segments = parsePath(source)
  if (Result.isFailure(segments)) {
    return wrong(
      "this is not how a reference is written",
      "names of letters, digits, _ and - with dots between them, positions as in [0], and no spaces"
    )
  }
  const [first, second, ...rest] = segments.success
  const root = roots.find((known) => known === first)
  switch (root) {
    case undefined: {
      const meant = usable.length === 0 ? "" : `${didYouMean(String(first), usable)}; `
      return wrong(
        "there is no such reference",
        `${meant}as plain text it is written with double braces, {{${source}}}`
      )
    }
    case "steps": {
      if (typeof second !== "string") return wrong("the name of a step is missing", "write {steps.NAME.output}")
      if (!stepName.test(second)) {
        return wrong(`${second} is no name of a step`, "a letter, then at most 63 letters, digits, _ and -")
      }
      if (rest.length === 0) {
        return wrong("it does not say what of the step is meant", `for all of its text write {steps.${second}.output}`)
      }
      if (rest[0] !== "output") return Result.succeed({ ...written, root, step: second, path: rest })
      return rest.length === 1
        ? Result.succeed({ ...written, root, step: second, path: [] })
        : wrong("output is a text and has no parts", `a structured output is reached by {steps.${second}.FIELD}`)
    }
    case "vars":
      return typeof second === "string"
        ? Result.succeed({ ...written, root, name: second, path: rest })
        : wrong("the name of a variable is missing", "write {vars.NAME}")
    case "item":
      return Result.succeed({ ...written, root, path: segments.success.slice(1) })
    case "loop":
      return (second === "round" || second === "output") && rest.length === 0
        ? Result.succeed({ ...written, root, part: second })
        : wrong("a loop has no such part", didYouMean(source, ["loop.round", "loop.output"]))
    default:
      return second === undefined
        ? Result.succeed({ ...written, root })
        : wrong(`${root} has no parts`, `write {${root}}; a structured output is reached by {steps.NAME.FIELD}`)
  }
}
