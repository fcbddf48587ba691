/**
 * Landings as text for people: what would conflict, what has landed, what was left and why, and what to do next.
 */
import { shortCommit } from "../domain/Commit.ts"
import type { ConflictHunk, LeftBranch, MergeForecast, MergeReport, MergeRequest } from "../domain/Merge.ts"
import { shellWords } from "../domain/ShellWords.ts"
import { counted, someOf } from "./Count.ts"
import { diffText } from "./EvidenceLines.ts"
import { lastLines, oneLine, printable } from "./Printable.ts"
import { table } from "./Table.ts"

/** Of each conflict and of each check, so many lines. */
const shownLines = 12

/** Who the two sides of a conflict are, in the place of the commits that git names. */
interface Sides {
  readonly ours: string
  readonly theirs: string
}

const named = (line: string, { ours, theirs }: Sides): string =>
  line.replace(/^<{7} [0-9a-f]{40,64}$/, `<<<<<<< ${ours}`).replace(/^>{7} [0-9a-f]{40,64}$/, `>>>>>>> ${theirs}`)

const hunkLines = (sides: Sides) => ({ kind, path, text }: ConflictHunk): ReadonlyArray<string> => {
  const lines = text === "" ? [] : printable(text).trimEnd().split("\n").map((line) => named(line, sides))
  return [
    `  ${oneLine(path)} (${oneLine(kind)})`,
    ...lines.slice(0, shownLines).map((line) => `    ${line}`),
    ...(lines.length > shownLines ? [`    … ${counted(lines.length - shownLines, "line")} more`] : [])
  ]
}

const conflictLines = (sides: Sides, hunks: ReadonlyArray<ConflictHunk> = []): ReadonlyArray<string> =>
  hunks.length === 0
    ? []
    : [`${sides.theirs} conflicts with ${sides.ours}:`, ...hunks.flatMap(hunkLines(sides))]

/** Whether all of it would land as it is. */
export const isSmooth = ({ branches, pairs }: MergeForecast): boolean =>
  pairs.length === 0 && branches.every(({ onto }) => onto !== "conflict")

export const mergeForecastText = (
  { branches, pairs, target, unfinished = [] }: MergeForecast,
  width: number
): string => {
  const rows = branches.map((
    one
  ) => [one.id, one.branch, diffText({ ...one, commits: 1 }).replace(/, 1 commit$/, ""), one.onto])
  return [
    `onto ${oneLine(target.branch)} at ${shortCommit(target.tip)}:`,
    ...table([["ID", "BRANCH", "CHANGES", "ALONE"], ...rows], width),
    ...branches.flatMap(({ conflicts, id }) => conflictLines({ ours: oneLine(target.branch), theirs: id }, conflicts)),
    ...pairs.map(({ first, paths, second }) => `${first} and ${second} conflict in ${someOf(paths.map(oneLine))}`),
    ...branches.flatMap(({ id, warnings = [] }) => warnings.map((warning) => `${id}: look at ${oneLine(warning)}`)),
    ...unfinished.map(({ detail, id }) => `${id} has nothing to land: ${oneLine(detail)}`)
  ].join("\n")
}

const reasons: { readonly [W in LeftBranch["why"]]: string } = {
  conflict: "conflicts",
  check: "a check is red with it",
  lost: "lines would be lost",
  landed: "the target has it already",
  empty: "there is nothing on it",
  unfinished: "it is not done"
}

/** What the target has already was not left behind. */
export const isComplete = ({ left }: MergeReport): boolean => left.every(({ why }) => why === "landed")

const leftLines =
  (ours: string) => ({ branch, conflicts, detail, id, output, why }: LeftBranch): ReadonlyArray<string> => [
    `left: ${id} (${branch}): ${reasons[why]}${detail === "" || why === "landed" ? "" : `: ${oneLine(detail)}`}`,
    ...(conflicts ?? []).flatMap(hunkLines({ ours, theirs: id })),
    ...(output === undefined ? [] : lastLines(output, shownLines).map((line) => `    ${line}`))
  ]

const targetLine = ({ after, before, landed, not_updated, target, updated }: MergeReport): string => {
  const name = oneLine(target)
  if (updated) return `${name} is at ${shortCommit(after)} now, before at ${shortCommit(before)}`
  if (not_updated !== undefined) return `${name} was not moved: ${oneLine(not_updated)}`
  return landed.length === 0
    ? `${name} is as it was`
    : `${name} is as it was: what has landed is on a branch of its own`
}

const undoneText = ({ before, branch, id, target, updated }: MergeReport): string => {
  if (updated) return `${id} is taken back: ${oneLine(target)} is at ${shortCommit(before)} again`
  return `${id} is taken back: ${branch ?? "its branch"} is gone, and ${oneLine(target)} was never moved`
}

export const mergeText = (report: MergeReport): string => {
  const { landed, left, strategy, target, undone } = report
  if (undone) return undoneText(report)
  return [
    `${report.id}: ${landed.length} of ${landed.length + left.length} landed onto ${oneLine(target)}, by ${strategy}`,
    ...landed.map(({ branch, commit, id }) => `landed: ${id} (${branch}) as ${shortCommit(commit)}`),
    ...left.flatMap(leftLines(`${oneLine(target)} with what has landed`)),
    targetLine(report)
  ].join("\n")
}

type Asked = Pick<MergeRequest, "checks" | "update">

/** The same once more, of other work. */
const mergeAgain = (
  { strategy, target }: MergeReport,
  { checks = [], update = false }: Asked,
  ids: ReadonlyArray<string>
): ReadonlyArray<string> => [
  "claude-pool",
  "merge",
  ...ids,
  "--into",
  target,
  ...(strategy === "merge" ? [] : ["--strategy", strategy]),
  ...checks.flatMap((check) => ["--check", check]),
  ...(update ? ["--update"] : [])
]

const leftStep = (report: MergeReport, asked: Asked) => ({ id, task, why }: LeftBranch): ReadonlyArray<string> => {
  if (task !== undefined) {
    const again = shellWords(mergeAgain(report, asked, [task]))
    return [`\`claude-pool wait ${task}\` runs the task that resolves it; then \`${again}\``]
  }
  return why === "check" || why === "lost" ? [`\`claude-pool diff ${id}\` shows what it changes`] : []
}

/** Where the target does not have it yet, what has landed lands again: it is what the others conflict with. */
const conflictStep = (report: MergeReport, asked: Asked): ReadonlyArray<string> => {
  const { landed, left, updated } = report
  const conflicting = left.filter(({ task, why }) => why === "conflict" && task === undefined)
  if (conflicting.length === 0) return []
  const ids = [...(updated ? [] : landed), ...conflicting].map(({ id }) => id)
  const words = [...mergeAgain(report, asked, ids), "--on-conflict", "task"]
  return [`\`${shellWords(words)}\` gives what conflicts to a worker`]
}

/** The exact commands with which it goes on, as it was asked for. */
export const mergeSteps = (report: MergeReport, asked: Asked): ReadonlyArray<string> => {
  const { branch, id, landed, left, undone, updated } = report
  if (undone) return []
  return [
    ...left.flatMap(leftStep(report, asked)),
    ...conflictStep(report, asked),
    ...(landed.length === 0 || updated || branch === undefined
      ? []
      : [
        `\`${shellWords(["git", "merge", "--ff-only", branch])}\` brings what has landed into your checkout`,
        `\`claude-pool merge ${id} --pull-request\` says how to push it and ask for its review`
      ]),
    ...(landed.length === 0 ? [] : [`\`claude-pool merge undo ${id}\` takes it back`])
  ]
}

/** Which landings can be taken back, as a hint. */
export const undoableText = (reports: ReadonlyArray<MergeReport>): string => {
  const found = reports.filter(({ landed, undone }) => !undone && landed.length > 0)
  return found.length === 0
    ? "nothing has landed that is not taken back"
    : `the newest of those that can be: ${
      someOf(found.slice(0, 5).map(({ at, id, target }) => `${id} (${oneLine(target)}, ${at})`))
    }`
}

export const mergeHeader = ["ID", "INTO", "LANDED", "LEFT", "STATE", "AT"]

export const mergeRow = ({ at, id, landed, left, target, undone, updated }: MergeReport): ReadonlyArray<string> => [
  id,
  oneLine(target),
  String(landed.length),
  String(left.length),
  undone ? "taken back" : updated ? "the target is there" : "on a branch of its own",
  at
]
