/**
 * A condition in words, for people.
 */
import type { ParsedCondition, Test } from "./Condition.ts"

const describeTest = (test: Test): string => {
  if ("is" in test) return `is ${JSON.stringify(test.is)}`
  if ("isNot" in test) return `is not ${JSON.stringify(test.isNot)}`
  if ("contains" in test) return `contains ${JSON.stringify(test.contains)}`
  if ("atLeast" in test) return `is at least ${test.atLeast}`
  if ("atMost" in test) return `is at most ${test.atMost}`
  return test.exists ? "exists" : "does not exist"
}

/** `steps.review.verdict is "changes" and not (…)` */
export const describeCondition = (condition: ParsedCondition): string => {
  if ("not" in condition) return `not (${describeCondition(condition.not)})`
  const inner = "all" in condition ? condition.all : "any" in condition ? condition.any : null
  if (inner === null) return "value" in condition ? `${condition.value.source} ${describeTest(condition)}` : ""
  if (inner.length === 0) return "all" in condition ? "always" : "never"
  return inner.map((one) => {
    const text = describeCondition(one)
    return inner.length > 1 && ("all" in one || "any" in one) ? `(${text})` : text
  }).join("all" in condition ? " and " : " or ")
}
