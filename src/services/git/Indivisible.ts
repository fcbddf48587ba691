/**
 * Files that are not to be merged line by line: an attribute says that they are binary, or that nothing merges them. The
 * pool's own git takes every file for text, so where both sides changed such a one, its merge is none.
 */
import { Duration, Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git, GitOptions } from "../Git.ts"
import { listed, readable } from "./Names.ts"

/** Two commits, and the tree that came of them. */
export interface MergedPair {
  readonly ours: string
  readonly theirs: string
  readonly tree: string
}

const indivisible: ReadonlySet<string> = new Set(["binary", "unset"])

const ownAttributes = (checkout: Checkout): string => `${checkout.repository.common}/info/attributes`

/** Whether it is worth a closer look: mostly no attribute says anything of merges. */
const mayBe = Effect.fnUntraced(function*(
  git: Git["Service"],
  checkout: Checkout,
  commits: ReadonlyArray<string>
): Effect.fn.Return<boolean, Failure> {
  const found = yield* git.run(
    checkout,
    ["grep", "-q", "--text", "-E", "-e", "merge|binary", ...commits, "--", ":(top,glob)**/.gitattributes"],
    { answers: [1] }
  )
  if (found.exitCode === 0) return true
  const own = yield* git.run(checkout, ["hash-object", "--no-filters", "--", ownAttributes(checkout)], {
    answers: [128],
    patience: Duration.seconds(10)
  })
  return own.exitCode === 0
})

/** What is neither as in the one nor as in the other: git has put it together. */
const putTogether = Effect.fnUntraced(function*(
  git: Git["Service"],
  checkout: Checkout,
  { ours, theirs, tree }: MergedPair
): Effect.fn.Return<ReadonlyArray<string>, Failure> {
  const other = (from: string) =>
    Effect.map(
      git.run(checkout, ["diff-tree", "-r", "-z", "--name-only", "--no-renames", from, tree, "--"], { names: "bytes" }),
      ({ stdout }) => stdout.split("\0").filter((name) => name !== "")
    )
  const [mine, others] = yield* Effect.all([other(`${ours}^{tree}`), other(`${theirs}^{tree}`)], { concurrency: 2 })
  const both = new Set(others)
  return mine.filter((name) => both.has(name))
})

/** Of these files of a commit, those that are not to be merged. */
const among = (
  git: Git["Service"],
  checkout: Checkout,
  commit: string,
  names: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.scoped(Effect.gen(function*() {
    const index = yield* git.indexCopy(checkout)
    // In the pool's own place every file is text; here nothing is said but by the commit and the repository.
    const directory = `${index}.place`
    const place: GitOptions = {
      env: {
        GIT_DIR: directory,
        GIT_COMMON_DIR: directory,
        GIT_OBJECT_DIRECTORY: `${checkout.repository.common}/objects`,
        GIT_INDEX_FILE: index
      }
    }
    yield* git.run(
      checkout,
      ["init", "-q", "--template=", ...(commit.length > 40 ? ["--object-format=sha256"] : [])],
      place
    )
    yield* git.run(checkout, ["read-tree", commit], place)
    const said = yield* git.run(checkout, [
      "-c",
      `core.attributesFile=${ownAttributes(checkout)}`,
      "check-attr",
      "--cached",
      "--stdin",
      "-z",
      "merge"
    ], { ...place, names: "bytes", input: listed(names), patience: Duration.seconds(30) })
    const fields = said.stdout.split("\0")
    return names.filter((_, at) => indivisible.has(fields[3 * at + 2] ?? ""))
  }))

/** Of each pair, the files that only look merged. */
export const onlyLookMerged = Effect.fnUntraced(function*(
  git: Git["Service"],
  checkout: Checkout,
  pairs: ReadonlyArray<MergedPair>
): Effect.fn.Return<ReadonlyArray<ReadonlyArray<string>>, Failure> {
  const commits = [...new Set(pairs.flatMap(({ ours, theirs }) => [ours, theirs]))]
  if (!(yield* mayBe(git, checkout, commits))) return pairs.map(() => [])
  return yield* Effect.forEach(pairs, (pair) =>
    Effect.gen(function*() {
      const names = yield* putTogether(git, checkout, pair)
      if (names.length === 0) return []
      const found = yield* Effect.forEach([pair.ours, pair.theirs], (commit) => among(git, checkout, commit, names))
      return [...new Set(found.flat())].map(readable)
    }))
})
