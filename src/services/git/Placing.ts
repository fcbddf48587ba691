/**
 * What a worktree stands at: a commit, a branch, and files that agree with it.
 */
import { Effect } from "effect"
import { branchRef, type CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"

/** Brings the index and every file that git knows to a commit. What git ignores stays; HEAD is not moved. */
export const checkOut = (
  git: Git["Service"],
  checkout: Checkout,
  commit: CommitId
): Effect.Effect<void, Failure> => Effect.asVoid(git.run(checkout, ["read-tree", "-u", "--reset", commit]))

/** HEAD is a branch from here on; neither index nor files are looked at. */
export const attach = (git: Git["Service"], checkout: Checkout, branch: string): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["symbolic-ref", "-m", "claude-pool", "HEAD", branchRef(branch)]))

/** HEAD is a commit from here on, and its branch is free. */
export const detach = (git: Git["Service"], checkout: Checkout, commit: CommitId): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["update-ref", "--no-deref", "HEAD", commit]))

/** Of somebody's checkout: git refuses, before it writes, where a file is not as in `from`, or one that it does not know is in the way. */
export const forwardFiles = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<void, Failure> =>
  Effect.andThen(
    // Else a file that was only touched counts as changed.
    git.run(checkout, ["update-index", "-q", "--refresh"], { answers: [1] }),
    Effect.asVoid(git.run(checkout, ["read-tree", "-m", "-u", from, to]))
  )

/** Of a checkout in which nothing is anybody's: whatever git knows is as in the commit, at which it stands then. */
export const resetFiles = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, to: CommitId): Effect.fn.Return<void, Failure> {
    yield* checkOut(git, checkout, to)
    yield* detach(git, checkout, to)
  }
)

/** Takes away what git neither knows nor ignores, but for repositories that lie in it. */
export const dropUntracked = (git: Git["Service"], checkout: Checkout): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["clean", "-d", "--force", "--quiet"]))

/** The top and the git directory of a checkout, as git itself understands it. */
export const placesOf = (
  git: Git["Service"],
  checkout: Checkout
): Effect.Effect<{ readonly top: string; readonly gitDir: string }, Failure> =>
  Effect.map(git.run(checkout, ["rev-parse", "--show-toplevel", "--absolute-git-dir"]), ({ stdout }) => {
    const [top = "", gitDir = ""] = stdout.split("\n")
    return { top, gitDir }
  })
