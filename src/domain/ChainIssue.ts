/**
 * What is wrong with a plan, and where in it.
 */
import { Result } from "effect"
import type { TemplateIssue } from "./Reference.ts"
import { InvalidPlan } from "./RequestFailure.ts"
import { formatPath, type ValuePath } from "./ValuePath.ts"

export interface ChainIssue {
  /** Into the plan, by the keys that it has in a file. */
  readonly path: ValuePath
  /** Where in the text at this path, in UTF-16 units; null where all of it is meant. */
  readonly offset: number | null
  readonly message: string
  readonly hint: string
}

export type Checked<A> = Result.Result<A, ReadonlyArray<ChainIssue>>

export const issueAt = (path: ValuePath, message: string, hint: string): ChainIssue => ({
  path,
  offset: null,
  message,
  hint
})

/** Issues of a text that stands at `path`. */
export const issuesIn = (path: ValuePath, issues: ReadonlyArray<TemplateIssue>): ReadonlyArray<ChainIssue> =>
  issues.map((issue) => ({ ...issue, path }))

export const succeedUnless = <A>(value: A, issues: ReadonlyArray<ChainIssue>): Checked<A> =>
  issues.length === 0 ? Result.succeed(value) : Result.fail(issues)

type Gathered<R> = { readonly [K in keyof R]: R[K] extends Checked<infer A> ? A : never }

/** All of them, or everything that is wrong with any of them, in their order. */
export const gather = <const R extends { readonly [key: string]: Checked<unknown> }>(
  results: R
): Checked<Gathered<R>> => {
  const issues = Object.values(results).flatMap((result) => Result.isFailure(result) ? result.failure : [])
  if (issues.length > 0) return Result.fail(issues)
  const values = Object.entries(results).flatMap(([key, result]) =>
    Result.isSuccess(result) ? [[key, result.success] as const] : []
  )
  // Each key has the value of its own result.
  return Result.succeed(Object.fromEntries(values) as Gathered<R>)
}

export const gatherAll = <A>(results: ReadonlyArray<Checked<A>>): Checked<ReadonlyArray<A>> =>
  Result.map(gather(Object.fromEntries(results.entries())), (values) => Object.values(values))

/** In a line: what is wrong, and the way out. */
export const describeIssue = ({ hint, message }: Pick<ChainIssue, "hint" | "message">): string =>
  hint === "" ? message : `${message}; ${hint}`

/** With the path in front, where there is one. */
export const prefix = (path: ValuePath, message: string): string =>
  path.length === 0 ? message : `${formatPath(path)}: ${message}`

/** For a plan that came as a value, and not as a text with lines. */
export const invalidPlan = (origin: string, issues: ReadonlyArray<ChainIssue>): InvalidPlan =>
  new InvalidPlan({
    origin,
    issues: issues.map((issue) => ({ line: null, column: null, message: prefix(issue.path, describeIssue(issue)) }))
  })
