/**
 * What kind of step a step is, and which of its fields have no meaning for it.
 */
import { type ChainStep, stepKeys } from "./ChainDefinition.ts"
import { type ChainIssue, issueAt } from "./ChainIssue.ts"

export type StepKind = "prompt" | "items" | "check"

export const stepKind = ({ check, forEach, prompt }: ChainStep): StepKind =>
  check !== undefined && prompt === undefined ? "check" : forEach === undefined ? "prompt" : "items"

const ofItems: ReadonlyArray<keyof ChainStep> = ["concurrency", "onItemFailure", "reduce"]

/** All that a check may say; the rest is for those who ask a worker. */
const ofChecks: ReadonlySet<string> = new Set<keyof ChainStep>([
  "name",
  "after",
  "when",
  "check",
  "retry",
  "onFailure",
  "stepTimeout"
])

const fileKeys: Readonly<Record<string, string>> = stepKeys

/** A field by the key that it has in a file. */
const keyOf = (field: string): string => fileKeys[field] ?? field

/** What is said of a step that its kind does not have. `index` is where it stands. */
export const checkKind = (step: ChainStep, index: number): ReadonlyArray<ChainIssue> => {
  const { check, forEach, loop, name, prompt } = step
  const at = (field: string, message: string, hint: string) => issueAt(["steps", index, keyOf(field)], message, hint)
  const issues: Array<ChainIssue> = []

  if (prompt === undefined && check === undefined) {
    issues.push(issueAt(["steps", index], `step ${name} does nothing`, "give it a prompt, or a check"))
  }
  if (prompt !== undefined && check !== undefined) {
    issues.push(at("check", "a step has a prompt or a check, and not both", "make two steps of it"))
  }
  if (stepKind(step) === "check") {
    const said = Object.keys(step).filter((field) => !ofChecks.has(field))
    issues.push(...said.map((field) =>
      at(
        field,
        `a check has no ${keyOf(field)}`,
        field === "timeout"
          ? "say step_timeout"
          : field === "loop"
          ? "the step that it looks at has the loop"
          : "only a prompt has"
      )
    ))
  } else if (forEach === undefined) {
    const said = ofItems.filter((field) => step[field] !== undefined)
    issues.push(...said.map((field) => at(field, `${keyOf(field)} is for a step with items`, "say for_each, too")))
  } else if (step.continues !== undefined) {
    issues.push(at("continues", "a step with items continues no session", "each item has a session of its own"))
  }
  if (loop !== undefined && (loop.check === undefined) === (loop.until === undefined)) {
    issues.push(at("loop", "a loop ends by a check or by until, and has exactly one of them", ""))
  }
  return issues
}
