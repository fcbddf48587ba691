/**
 * Worktrees as lines for people: the table of many, and what there is to know of one.
 */
import { roughBytes } from "../domain/ByteSize.ts"
import { shortCommit } from "../domain/Commit.ts"
import { shellWords } from "../domain/ShellWords.ts"
import type { WorkspaceView, WorktreesPruned } from "../domain/Workspace.ts"
import { counted, someOf } from "./Count.ts"
import { lastLines, oneLine } from "./Printable.ts"
import { table } from "./Table.ts"

const outputLines = 10

/** What is in it that is on no other branch; empty where nobody has looked. */
const inIt = ({ commits, uncommitted }: WorkspaceView): string =>
  [
    ...(commits === undefined ? [] : [counted(commits, "commit")]),
    ...(uncommitted === undefined || uncommitted === 0 ? [] : [`${uncommitted} uncommitted`])
  ].join(", ")

const whose = ({ holder }: WorkspaceView): string => holder ?? "nobody"

export const worktreeHeader = ["ID", "STATE", "OF", "BRANCH", "HOLDS", "SIZE", "PATH"]

export const worktreeRow = (view: WorkspaceView): ReadonlyArray<string> => [
  view.id,
  view.state,
  whose(view),
  view.branch ?? "",
  inIt(view),
  view.bytes === undefined ? "" : roughBytes(view.bytes),
  view.path
]

/** Those that were left where they are, and why: the next thing to look at. */
export const keptLines = (views: ReadonlyArray<WorkspaceView>): ReadonlyArray<string> =>
  views.flatMap(({ id, why }) =>
    why === undefined ? [] : [`${id} is kept: ${oneLine(why)}; \`claude-pool worktrees show ${id}\` says more`]
  )

const rescueLine = (repository: string, ref: string): string =>
  `\`${shellWords(["git", "-C", repository, "log", ref])}\` shows what was rescued`

/** What to do with it. */
export const worktreeSteps = ({ branch, id, repository, rescues = [], uncommitted = 0 }: WorkspaceView) => [
  ...rescues.map((ref) => rescueLine(repository, ref)),
  ...(uncommitted > 0 ? [`\`claude-pool worktrees rescue ${id}\` puts what is uncommitted into a reference`] : []),
  ...(branch === undefined ? [] : [`\`${shellWords(["git", "-C", repository, "log", branch])}\` shows its branch`])
]

export const worktreeText = (view: WorkspaceView, width: number): string => {
  const { base, branch, bytes, id, made_at, path, ports = [], repository, rescues = [], set_up, state, used_at } = view
  const { why } = view
  const holds = inIt(view)
  const facts = table([
    ["worktree", id],
    ["state", why === undefined ? state : `${state}: ${oneLine(why)}`],
    ["of", whose(view)],
    ["path", path],
    ["repository", repository],
    ["branch", branch ?? "none yet"],
    ["base", shortCommit(base)],
    ...(holds === "" ? [] : [["holds", holds]]),
    ...(bytes === undefined ? [] : [["size", roughBytes(bytes)]]),
    ...(ports.length === 0 ? [] : [["ports", ports.join(", ")]]),
    ...rescues.map((ref) => ["rescued", ref]),
    ...(state === "away" ? [] : [["ignored", "what git ignores is not rescued, and goes with it"]]),
    ["made", made_at],
    ["used", used_at],
    ...(set_up === undefined
      ? []
      : [[
        "set-up",
        `${set_up.cached ? "from the cache" : set_up.exitCode === null ? "ended" : `exit code ${set_up.exitCode}`}: ${
          oneLine(set_up.command)
        }`
      ]])
  ], width)
  const said = set_up === undefined || set_up.output === "" ? [] : lastLines(set_up.output, outputLines)
  return [...facts, ...said.map((line) => `  ${line}`)].join("\n")
}

/** `removed: w_…; rescued: w_… (refs/…); kept: w_… (why)` in lines. */
export const prunedText = ({ branches, dry_run, kept, removed, rescued }: WorktreesPruned): string => {
  const lines = [
    ...(removed.length === 0 ? [] : [`${dry_run ? "would be put away" : "put away"}: ${someOf(removed)}`]),
    ...rescued.map(({ id, refs }) =>
      `${dry_run ? "would be rescued and put away" : "rescued and put away"}: ${id}${
        refs.length === 0 ? "" : ` (${refs.join(", ")})`
      }`
    ),
    ...kept.map(({ id, why }) => `kept: ${id} (${oneLine(why)})`),
    ...(branches.length === 0
      ? []
      : [`${dry_run ? "would be deleted" : "deleted"}, for all of it is in another branch: ${someOf(branches)}`])
  ]
  return lines.length === 0 ? "there is nothing to put away" : lines.join("\n")
}
