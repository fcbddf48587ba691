/**
 * A prompt with references in braces. It is parsed once, to a list of parts, and rendered once: what is put in is never
 * read as a template again. `Braces.ts` says which braces are references.
 */
import { Result } from "effect"
import { splitBraces } from "./Braces.ts"
import { parseReference, type Reference, type TemplateIssue } from "./Reference.ts"

export interface Template {
  readonly source: string
  /** Texts as they are meant, and what stands between them. */
  readonly parts: ReadonlyArray<string | Reference>
}

/** Everything that is wrong, in the order of the text. `usable` is what may be suggested: all, where nothing is said. */
export const parseTemplate = (
  source: string,
  usable?: ReadonlyArray<Reference["root"]>
): Result.Result<Template, ReadonlyArray<TemplateIssue>> => {
  const parts: Array<string | Reference> = []
  const issues: Array<TemplateIssue> = []
  for (const part of splitBraces(source)) {
    if (typeof part === "string") {
      parts.push(part)
      continue
    }
    const reference = parseReference(part.inside, part.offset, usable)
    if (Result.isSuccess(reference)) parts.push(reference.success)
    else issues.push(reference.failure)
  }
  return issues.length === 0 ? Result.succeed({ source, parts }) : Result.fail(issues)
}

/** In the order of the text; what is referred to twice is there twice. */
export const references = (template: Template): ReadonlyArray<Reference> =>
  template.parts.filter((part) => typeof part !== "string")

/** A template that is the text itself: braces are doubled, unless none of them would be read as anything else. */
export const escapeTemplate = (text: string): string => {
  const [first = "", ...others] = splitBraces(text)
  return first === text && others.length === 0 ? text : text.replace(/[{}]/g, "$&$&")
}
