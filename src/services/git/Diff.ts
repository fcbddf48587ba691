/**
 * What lies between two commits: its files, and its patch.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { FileChange } from "../../domain/Evidence.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git, GitOutput } from "../Git.ts"

/** Never a program of somebody else's. */
export const plain = ["--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty"]

const kinds: Readonly<Record<string, FileChange["change"]>> = {
  A: "added",
  C: "added",
  M: "modified",
  D: "deleted",
  R: "renamed",
  T: "type"
}

/** Every file that changed between two commits. `paths`: only those that these pathspecs name. */
export const changesBetween = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    checkout: Checkout,
    from: CommitId,
    to: CommitId,
    paths: ReadonlyArray<string> = []
  ): Effect.fn.Return<ReadonlyArray<FileChange>, Failure> {
    const of = [from, to, "--", ...paths]
    const names = yield* git.run(checkout, ["diff-tree", "-r", "-z", "-M", "--name-status", ...plain, ...of])
    const counts = yield* git.run(checkout, ["diff-tree", "-r", "-z", "-M", "--numstat", ...plain, ...of])
    const lines = new Map(readCounts(counts.stdout))
    return readNames(names.stdout).map((change) => Object.assign({}, change, lines.get(change.path)))
  }
)

const readNames = (text: string): ReadonlyArray<FileChange> => {
  const fields = text.split("\0")
  const changes: Array<FileChange> = []
  for (let at = 0; at + 1 < fields.length;) {
    const kind = fields[at]!.charAt(0)
    const change = kinds[kind] ?? "modified"
    if (kind === "R" || kind === "C") {
      changes.push({ path: fields[at + 2]!, change, ...(kind === "R" ? { from: fields[at + 1]! } : {}) })
      at += 3
    } else {
      changes.push({ path: fields[at + 1]!, change })
      at += 2
    }
  }
  return changes
}

type Counts = Pick<FileChange, "added" | "removed">

const readCounts = (text: string): ReadonlyArray<readonly [path: string, counts: Counts]> => {
  const fields = text.split("\0")
  const counts: Array<readonly [string, Counts]> = []
  for (let at = 0; at < fields.length; at++) {
    const [, added, removed, path] = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(fields[at]!) ?? []
    if (added === undefined || path === undefined) continue
    const lines = added === "-" ? {} : { added: Number(added), removed: Number(removed) }
    // A rename has both of its names in the two fields that follow.
    counts.push([path === "" ? fields[at + 2]! : path, lines])
    if (path === "") at += 2
  }
  return counts
}

/** The patch, as `git apply` takes it; `mostBytes` of it are kept. */
export const patchBetween = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId,
  mostBytes?: number
): Effect.Effect<GitOutput, Failure> =>
  git.run(
    checkout,
    ["diff-tree", "-r", "-p", "--binary", "--full-index", "-M", ...plain, from, to, "--"],
    mostBytes === undefined ? {} : { mostBytes }
  )
