/**
 * What the pool has found of a task's work, as lines for people: its branch, whether it is what was expected, and what a
 * person has to look at.
 */
import type { ExpectationResult } from "../domain/Evidence.ts"
import type { DiffView } from "../domain/EvidenceView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { counted, digits, someOf } from "./Count.ts"
import { lastLines, oneLine } from "./Printable.ts"

/** Of a command that was expected to pass, so many lines. */
const outputLines = 10

/** `+10 -2` */
export const linesText = ({ added, removed }: { readonly added: number; readonly removed: number }): string =>
  `+${digits(added)} -${digits(removed)}`

/** `2 files, +10 -2, 1 commit` */
export const diffText = (diff: DiffView): string =>
  diff.files === 0 && diff.commits === 0
    ? "nothing changed"
    : `${counted(diff.files, "file")}, ${linesText(diff)}, ${counted(diff.commits, "commit")}`

const branchLine = ({ branch, diff, id }: TaskView): ReadonlyArray<string> => {
  if (branch === undefined) return []
  const changes = diff === undefined ? "" : `: ${diffText(diff)}`
  return [
    `branch ${branch}${changes}${diff === undefined || diff.files === 0 ? "" : `; \`claude-pool diff ${id}\` shows it`}`
  ]
}

const checkLines = ({ expected, found, held, output }: ExpectationResult): ReadonlyArray<string> => {
  if (held === true) return []
  const why = found === "" ? "" : ` (${oneLine(found)})`
  const line = `${held === false ? "does not hold" : "cannot be told"}: ${oneLine(expected)}${why}`
  return [line, ...(output === undefined ? [] : lastLines(output, outputLines).map((one) => `  ${one}`))]
}

const verificationLines = ({ checks = [], verification }: TaskView): ReadonlyArray<string> => {
  if (verification === undefined || (verification === "unverified" && checks.length === 0)) return []
  const held = checks.filter((check) => check.held === true).length
  return [
    `${verification}: ${held} of ${counted(checks.length, "expectation")} ${
      held === 1 || checks.length === 1 ? "holds" : "hold"
    }${verification === "unverified" && held === checks.length ? ", but nothing was done" : ""}`,
    ...checks.flatMap(checkLines)
  ]
}

/** None of a task that worked where everybody works, and of which nothing was expected. */
export const evidenceLines = (task: TaskView): ReadonlyArray<string> => [
  ...branchLine(task),
  ...verificationLines(task),
  ...(task.outside === undefined || task.outside.length === 0
    ? []
    : [`changed outside of its workspace while it ran: ${someOf(task.outside.map(oneLine))}`]),
  ...(task.warnings ?? []).map((warning) => `look at it before it is merged: ${oneLine(warning)}`)
]
