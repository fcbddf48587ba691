/**
 * The branch that work lands on, and how it is moved: by fast-forward, from where it is known to be, and a checkout of it
 * along with it only where nothing can be lost.
 */
import { Effect, FileSystem, Path, Result } from "effect"
import { branchRef, type CommitId, shortCommit } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { type Checkout, type Git, mainCheckout } from "../Git.ts"
import { forwardFiles } from "../git/Placing.ts"
import { currentBranch, moveRef, resolveCommit } from "../git/Refs.ts"
import { statusOf } from "../git/Status.ts"
import { listWorktrees } from "../git/Worktrees.ts"
import type { Target } from "./Permission.ts"
import { notMergeable } from "./Refusal.ts"

/** What git leaves in a checkout that is in the middle of something. */
const middles = ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG", "rebase-merge", "rebase-apply"]

const whyNot = (failure: Failure): string =>
  failure.reason._tag === "GitFailed" ? failure.reason.detail.split("\n").slice(0, 4).join(" ") : failure.message

export interface Step {
  readonly branch: string
  readonly from: CommitId
  readonly to: CommitId
}

export const makeTargets = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const isThere = (file: string) => Effect.orElseSucceed(fs.exists(file), () => false)

  const of = Effect.fnUntraced(function*(
    git: Git["Service"],
    repository: RepositoryPlace,
    asked: { readonly id: string; readonly into: string | undefined }
  ): Effect.fn.Return<Target, Failure> {
    const main = mainCheckout(repository)
    const branch = asked.into ?? (yield* currentBranch(git, main))
    if (branch === null) {
      return yield* notMergeable(asked.id, {
        detail: "no branch is checked out to land on",
        hint: "say which with --into"
      })
    }
    const tip = yield* resolveCommit(git, main, branchRef(branch))
    if (tip === null) {
      return yield* notMergeable(asked.id, {
        detail: `there is no branch ${branch}`,
        hint: "say another one with --into"
      })
    }
    return { branch, tip }
  })

  /** Where else than in the checkout that was asked for the branch is checked out; null: nowhere. */
  const elsewhere = Effect.fnUntraced(function*(git: Git["Service"], repository: RepositoryPlace, branch: string) {
    for (const worktree of yield* listWorktrees(git, repository)) {
      if (worktree.branch !== branchRef(branch)) continue
      if (repository.checkout === null || worktree.path !== repository.checkout) return worktree.path
    }
    // The first of all worktrees is not among them; that of a bare repository is none.
    const isKnown = repository.gitDir === repository.common || path.basename(repository.common) !== ".git"
    if (isKnown) return null
    const first = { repository, gitDir: repository.common, workTree: null }
    return (yield* currentBranch(git, first)) === branch ? path.dirname(repository.common) : null
  })

  /** Why the files of a checkout cannot be moved; null: they can. */
  const inTheWay = Effect.fnUntraced(function*(git: Git["Service"], checkout: Checkout) {
    for (const name of middles) {
      if (yield* isThere(path.join(checkout.gitDir, name))) {
        return `its checkout is in the middle of something: ${name} is there`
      }
    }
    if (yield* isThere(path.join(checkout.gitDir, "info", "sparse-checkout"))) return "its checkout is a sparse one"
    const changed = (yield* statusOf(git, checkout)).filter(({ code }) => code !== "??")
    if (changed.length === 0) return null
    return `its checkout is not clean: ${changed.slice(0, 3).map((entry) => entry.path).join(", ")}`
  })

  /**
   * Moves the branch, and a clean checkout of it; says why not where it does not, and then nothing has changed. To be run
   * under the repository's lock.
   */
  const move = Effect.fnUntraced(function*(
    git: Git["Service"],
    repository: RepositoryPlace,
    { branch, from, to }: Step
  ): Effect.fn.Return<string | null, Failure> {
    const main = mainCheckout(repository)
    const now = yield* resolveCommit(git, main, branchRef(branch))
    if (now !== from) {
      const where = now === null ? "is gone" : `is at ${shortCommit(now)}`
      return `${branch} has moved: it was at ${shortCommit(from)}, and ${where}`
    }
    const other = yield* elsewhere(git, repository, branch)
    if (other !== null) return `${branch} is checked out in ${other}`
    const ref = { ref: branchRef(branch), from, to }
    const moving = Effect.result(moveRef(git, main, ref))
    if (repository.checkout === null || (yield* currentBranch(git, main)) !== branch) {
      const moved = yield* moving
      return Result.isSuccess(moved) ? null : whyNot(moved.failure)
    }
    const why = yield* inTheWay(git, main)
    if (why !== null) return why
    const files = yield* Effect.result(forwardFiles(git, main, from, to))
    if (Result.isFailure(files)) return whyNot(files.failure)
    const moved = yield* moving
    if (Result.isSuccess(moved)) return null
    yield* forwardFiles(git, main, to, from)
    return whyNot(moved.failure)
  }, Effect.uninterruptible)

  return { of, move }
})

export type Move = Effect.Success<typeof makeTargets>["move"]
