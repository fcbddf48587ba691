/**
 * A command of a plan, with references to variables in it. It is the shell's own text: but for `{vars.NAME}`, every brace
 * stays what it is. What a worker wrote has no place in a command.
 */
import { Result } from "effect"
import { parseReference, type TemplateIssue } from "./Reference.ts"
import type { Template } from "./Template.ts"

/** References, and what can only have been meant as one; after a dollar they are the shell's. */
const referenceForm = /(?<!\$)\{((?:vars|steps|loop)\.[^{}\s]*|previous_output)\}/g

/** Everything that is wrong, in the order of the text. Whether there are such variables is not asked here. */
export const parseCommand = (source: string): Result.Result<Template, ReadonlyArray<TemplateIssue>> => {
  const parts: Array<Template["parts"][number]> = []
  const issues: Array<TemplateIssue> = []
  let from = 0
  for (const { 0: whole, 1: inside = "", index } of source.matchAll(referenceForm)) {
    const reference = parseReference(inside, index)
    if (Result.isFailure(reference)) issues.push(reference.failure)
    else if (reference.success.root !== "vars") {
      issues.push({
        offset: index,
        message: `${whole}: a command is not made of what a worker wrote`,
        hint: "it may say {vars.NAME}; let a worker write a file, and the command look at it"
      })
    } else {
      parts.push(source.slice(from, index), reference.success)
      from = index + whole.length
    }
  }
  parts.push(source.slice(from))
  return issues.length === 0
    ? Result.succeed({ source, parts: parts.filter((part) => part !== "") })
    : Result.fail(issues)
}
