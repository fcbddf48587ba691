/**
 * What must hold of a task's work: declared with the task, checked by the pool, never asked of the worker.
 */
import { Schema, Struct } from "effect"
import type { TaskOptions } from "./TaskRequest.ts"

/** A path below the working directory, or a pattern of such: `src/**`, `*.md`. As git's own globs: `**` crosses slashes. */
const PathPattern = Schema.String.check(
  Schema.isPattern(/^(?!\/|\.\.(?:\/|$))(?!.*\/\.\.(?:\/|$))[^\0\n]{1,1000}$/, {
    expected: "a path below the working directory"
  })
)
const Patterns = Schema.Array(PathPattern)

const fields = {
  /** For each of these, something that it names has changed. */
  changed: Patterns,
  /** Nothing of these has changed. */
  unchanged: Patterns,
  /** Nothing else than these has changed. */
  only: Patterns,
  /** These are there at the end. */
  files: Patterns,
  /** Given to `sh -c` in the workspace; each exits with 0. */
  commands: Schema.Array(Schema.NonEmptyString.check(Schema.isMaxLength(10_000))),
  /** The worker made at least so many tool calls. */
  toolCalls: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)),
  /** There is a structured answer, and it fits the schema. */
  schema: Schema.Literal(true),
  /** Nothing was written outside of the workspace. */
  nothingOutside: Schema.Literal(true)
}

export const Expect = Schema.Struct(fields).mapFields(Struct.map(Schema.optionalKey))
export type Expect = typeof Expect.Type

/** Those that can only be told where the task works alone: in a workspace. */
const needWorkspace = ["changed", "unchanged", "only", "nothingOutside"] as const

/** What cannot be so, and is told before the task is accepted. A task that does not say where it works has no workspace. */
export const expectIssues = (
  { expect, isolation = "shared", schema }: Pick<TaskOptions, "expect" | "isolation" | "schema">
): ReadonlyArray<string> => {
  if (expect === undefined) return []
  const isEmpty = Object.values(expect).every((value) => Array.isArray(value) && value.length === 0)
  // That nothing at all changes is something.
  if (isEmpty && expect.only === undefined) return ["expect: nothing is expected"]
  const alone = isolation === "shared" ? needWorkspace.filter((field) => expect[field] !== undefined) : []
  return [
    ...alone.map((field) => `expect.${field}: it can be told only of a task that has a workspace: isolation is shared`),
    ...(expect.schema === true && schema === undefined ? ["expect.schema: the task asks for no structured answer"] : [])
  ]
}
