/**
 * Merges that touch no checkout and no reference: of two commits comes a tree, or what stands in the way of it. Overlapping
 * lines are a conflict, whatever the repository's attributes and drivers say of them, and so is a file that both sides
 * changed and no merge by lines is for.
 */
import { Effect } from "effect"
import { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { ConflictHunk } from "../../domain/Merge.ts"
import { capText } from "../../domain/UntrustedText.ts"
import type { Checkout, Git } from "../Git.ts"
import { commitTree } from "./Commits.ts"
import { onlyLookMerged } from "./Indivisible.ts"

export interface Conflict {
  readonly path: string
  readonly kind: string
}

export interface TreeMerge {
  /** What there is of both, with git's marks where they are at odds. */
  readonly tree: string
  readonly clean: boolean
  /** One for each path, by path. */
  readonly conflicts: ReadonlyArray<Conflict>
}

/** Each pair merged by itself, all by one process. Nothing is written but objects. */
export const mergeTrees = (
  git: Git["Service"],
  checkout: Checkout,
  pairs: ReadonlyArray<readonly [ours: string, theirs: string]>
): Effect.Effect<ReadonlyArray<TreeMerge>, Failure> =>
  pairs.length === 0 ? Effect.succeed([]) : Effect.gen(function*() {
    const { stdout } = yield* git.run(checkout, [
      "merge-tree",
      "--write-tree",
      "--allow-unrelated-histories",
      "--stdin"
    ], { input: pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join("") })
    const merges = readMerges(stdout)
    const looks = yield* onlyLookMerged(
      git,
      checkout,
      merges.map(({ tree }, at) => ({ ours: pairs[at]![0], theirs: pairs[at]![1], tree }))
    )
    return merges.map((merge, at) => apart(merge, looks[at] ?? []))
  })

/** With these files, too, at odds. */
const apart = (merge: TreeMerge, paths: ReadonlyArray<string>): TreeMerge => {
  const more = paths.filter((path) => !merge.conflicts.some((conflict) => conflict.path === path))
  if (more.length === 0) return merge
  const conflicts = [...merge.conflicts, ...more.map((path) => ({ path, kind: "binary" }))]
  return { ...merge, clean: false, conflicts: conflicts.toSorted(byPath) }
}

const byPath = (one: Conflict, other: Conflict): number => one.path < other.path ? -1 : 1

const notClean: TreeMerge = { tree: "", clean: false, conflicts: [] }

export const mergeTree = (
  git: Git["Service"],
  checkout: Checkout,
  ours: string,
  theirs: string
): Effect.Effect<TreeMerge, Failure> =>
  Effect.map(mergeTrees(git, checkout, [[ours, theirs]]), ([merge]) => merge ?? notClean)

/**
 * As `mergeTree`, for three trees whose history is not asked about: what one commit did, on top of another one. Commits
 * are made up for it that nothing refers to.
 */
export const mergeThree = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    checkout: Checkout,
    trees: { readonly base: string; readonly ours: string; readonly theirs: string }
  ): Effect.fn.Return<TreeMerge, Failure> {
    const standIn = (tree: string, parents: ReadonlyArray<CommitId>) =>
      commitTree(git, checkout, { tree, parents, message: "", author: { name: "-", email: "-", date: "0 +0000" } })
    const base = yield* standIn(trees.base, [])
    const ours = yield* standIn(trees.ours, [base])
    const theirs = yield* standIn(trees.theirs, [base])
    return yield* mergeTree(git, checkout, ours, theirs)
  }
)

/** Of each merge: its status, its tree, the entries that are not merged, an empty field, its messages, an empty field. */
const readMerges = (text: string): ReadonlyArray<TreeMerge> => {
  const fields = text.split("\0")
  const merges: Array<TreeMerge> = []
  for (let at = 0; at + 1 < fields.length;) {
    const clean = fields[at] === "1"
    const tree = fields[at + 1]!
    at += 2
    const stages = new Map<string, string>()
    for (; at < fields.length && fields[at] !== ""; at++) {
      const [, stage = "", path = ""] = /^\d+ [0-9a-f]+ ([123])\t([\s\S]*)$/.exec(fields[at]!) ?? []
      stages.set(path, (stages.get(path) ?? "") + stage)
    }
    at++
    const kinds = new Map<string, string>()
    if (!clean) {
      while (at < fields.length && fields[at] !== "") {
        const count = Number(fields[at])
        const [path = ""] = fields.slice(at + 1, at + 1 + count)
        const [, kind] = /^CONFLICT \((.*)\)$/.exec(fields[at + 1 + count] ?? "") ?? []
        // Of a binary file it says both that it is one, and that its contents are at odds.
        if (kind !== undefined && !kinds.has(path)) kinds.set(path, nameOf(kind, stages.get(path)))
        at += count + 3
      }
      at++
      for (const path of stages.keys()) if (kinds.size === 0) kinds.set(path, "content")
    }
    const conflicts = [...kinds].map(([path, kind]) => ({ path, kind }))
    merges.push({ tree, clean, conflicts: conflicts.toSorted(byPath) })
  }
  return merges
}

const nameOf = (kind: string, stages: string | undefined): string => {
  if (kind !== "contents") return kind
  return stages === "23" ? "add/add" : "content"
}

/** So many files are shown, and so many characters of each. */
const shown = { files: 50, chars: 4000 }

/** The conflicts with the text that is at odds, from the first mark on. */
export const hunksOf = (
  git: Git["Service"],
  checkout: Checkout,
  { conflicts, tree }: TreeMerge
): Effect.Effect<ReadonlyArray<ConflictHunk>, Failure> =>
  Effect.forEach(conflicts.slice(0, shown.files), ({ kind, path }) =>
    kind !== "content" && kind !== "add/add"
      ? Effect.succeed({ path, kind, text: "" })
      : Effect.map(
        git.run(checkout, ["cat-file", "blob", `${tree}:${path}`], { answers: [128], mostBytes: 4 * 2 ** 20 }),
        ({ stdout }) => ({ path, kind, text: fromFirstMark(stdout) })
      ))

const fromFirstMark = (text: string): string => {
  const lines = text.split("\n")
  const first = lines.findIndex((line) => line.startsWith("<<<<<<< "))
  const last = lines.findLastIndex((line) => line.startsWith(">>>>>>> "))
  return first === -1 ? "" : capText(lines.slice(Math.max(0, first - 3), last + 4).join("\n"), shown.chars)
}

/** The best that both have in common; several where they crossed. */
export const mergeBases = (
  git: Git["Service"],
  checkout: Checkout,
  one: CommitId,
  other: CommitId
): Effect.Effect<ReadonlyArray<CommitId>, Failure> =>
  Effect.map(
    git.run(checkout, ["merge-base", "--all", one, other], { answers: [1] }),
    ({ stdout }) => stdout.split("\n").filter((line) => line !== "").map((line) => CommitId.make(line))
  )
