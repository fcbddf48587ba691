/**
 * All that becomes of one worktree, of whatever kind of repository.
 */
import { Effect } from "effect"
import { type Git, mainCheckout } from "../../src/services/Git.ts"
import { moveRef, resolveCommit } from "../../src/services/git/Refs.ts"
import { snapshot } from "../../src/services/git/Snapshot.ts"
import { statusOf } from "../../src/services/git/Status.ts"
import { listWorktrees, removeWorktree } from "../../src/services/git/Worktrees.ts"
import { makeWorktree, plainGit, writeFiles } from "./Repositories.ts"

/** A worktree is made of it, is changed, kept in a commit on a branch, and put away. */
export const aLife = Effect.fnUntraced(function*(git: Git["Service"], asked: string, top: string) {
  const repository = yield* git.find(asked)
  const main = mainCheckout(repository)
  const base = (yield* resolveCommit(git, main, "HEAD"))!
  const tree = yield* makeWorktree(git, main, top, base)
  const before = yield* statusOf(git, tree)
  yield* writeFiles(top, { "new file.txt": "new\r\n" })
  const kept = (yield* snapshot(git, tree, { message: "kept", parent: base }))!
  yield* moveRef(git, tree, { ref: "refs/heads/cp/t_1", to: kept, from: null })
  yield* git.run(tree, ["symbolic-ref", "HEAD", "refs/heads/cp/t_1"])
  const there = (yield* listWorktrees(git, repository)).some(({ path }) => path === top)
  yield* git.locked(repository)(removeWorktree(git, repository, top))
  const changed = plainGit(repository.common, "diff", "--name-only", base, "cp/t_1")
  yield* git.run(main, ["update-ref", "-d", "refs/heads/cp/t_1"])
  return { before, there, changed, bare: repository.checkout === null }
})

export const whole = { before: [], there: true, changed: "new file.txt\n", bare: false }
