/**
 * A commit of all that lies in a checkout, what git ignores left out.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { commitTree, treesOf } from "./Commits.ts"
import { listed } from "./Names.ts"
import { at, entriesOf, hiddenIn, showHidden } from "./Status.ts"

export interface SnapshotOptions {
  readonly message: string
  readonly parent: CommitId
  /** The index to go by: an absolute path. Without it the checkout's own, which then agrees with the commit. */
  readonly index?: string
}

/**
 * The commit, which no reference holds yet; null: there is nothing that the parent does not have. A repository that lies in
 * the checkout is left out, for a commit has no room for it: see `embeddedRepositories`. Of one that is known, the commit
 * that it stands at is taken.
 */
export const snapshot = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    checkout: Checkout,
    { index, message, parent }: SnapshotOptions
  ): Effect.fn.Return<CommitId | null, Failure> {
    const options = at(index)
    if (index !== undefined) yield* git.run(checkout, ["read-tree", parent], options)
    const entries = yield* entriesOf(git, checkout, index)
    const inTree = entries.filter(({ code }) => code[1] !== ".")
    if (index === undefined) yield* showChanged(git, checkout, new Set(inTree.map(({ path }) => path)))
    // `git add` would run git in each submodule, and that one believes what the submodule's configuration says.
    const update = (how: ReadonlyArray<string>, paths: ReadonlyArray<string>) =>
      paths.length === 0
        ? Effect.void
        : git.run(checkout, ["update-index", ...how, "-z", "--stdin"], { ...options, input: listed(paths) })
    yield* update(["--force-remove"], inTree.filter(isGone).map(({ path }) => path))
    yield* update(
      ["--add", "--remove", "--replace"],
      inTree.filter((entry) => !isGone(entry) && !(entry.code === "??" && entry.isRepository)).map(({ path }) => path)
    )
    const tree = (yield* git.run(checkout, ["write-tree"], { ...options, inTree: true })).stdout.trim()
    const [before] = yield* treesOf(git, checkout, [parent])
    return tree === before ? null : yield* commitTree(git, checkout, { tree, parents: [parent], message })
  }
)

/** Git knows it, and it is not there. What is unmerged has other codes. */
const isGone = ({ code }: { readonly code: string }) => /^[.MAT]D$/.test(code)

/** What the checkout's own index hides, it would also keep as it is. */
const showChanged = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, changed: ReadonlySet<string>) {
    const { absent, unseen } = yield* hiddenIn(git, checkout)
    yield* showHidden(git, checkout, [...unseen, ...absent].filter((path) => changed.has(path)))
  }
)
