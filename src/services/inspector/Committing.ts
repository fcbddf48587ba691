/**
 * What a worker has left becomes a commit on its branch, wherever it has left HEAD. What the branch had before and has no
 * more goes to a reference of its own; no branch of anybody else's is moved.
 */
import { Effect, FileSystem, Path, type PlatformError } from "effect"
import { branchOf, branchRef, type CommitId, rescueRef, rescueRefs, taskTrailer } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { Git } from "../Git.ts"
import { refsWith, rescuesOf } from "../git/AllRefs.ts"
import { makeIndexLock } from "../git/IndexLock.ts"
import { attach, forwardFiles } from "../git/Placing.ts"
import { kindOf, plainText } from "../git/PlainFile.ts"
import { currentBranch, isAncestor, moveRef, resolveCommit } from "../git/Refs.ts"
import { snapshot } from "../git/Snapshot.ts"
import { statusOf } from "../git/Status.ts"
import type { Stay } from "../Workspaces.ts"
import { makeUnfinished } from "./Unfinished.ts"

export interface Committed {
  readonly head: CommitId
  /** Whether something had been left uncommitted. */
  readonly completed: boolean
  /** The branch that it was found on, in place of its own; null: it stayed on its own, or on none. */
  readonly foundOn: string | null
  /** References that hold what is not part of the branch any more. */
  readonly rescued: ReadonlyArray<string>
}

const messageOf = (task: TaskId): string =>
  `Keep what ${task} has left uncommitted\n\nCommitted by claude-pool when the task's worker had ended.\n\n${taskTrailer}: ${task}\n`

/** The branch of those who work there. */
export const branchIn = ({ workspace }: Stay, task: TaskId): string => workspace.branch ?? branchOf(task)

const broken = ({ workspace }: Stay, detail: string) =>
  new Failure({ reason: new GitFailed({ repository: workspace.path, verb: "inspect", code: null, detail }) })

const onDisk = <A>(stay: Stay, effect: Effect.Effect<A, PlatformError.PlatformError>): Effect.Effect<A, Failure> =>
  Effect.mapError(effect, ({ message }) => broken(stay, message))

export const makeCommitting = Effect.gen(function*() {
  const git = yield* Git
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const unfinished = yield* makeUnfinished
  const indexLock = yield* makeIndexLock

  /** Whether it still is the worktree that it was made as; else nothing is written, neither there nor elsewhere. */
  const assertSound = Effect.fnUntraced(function*(stay: Stay) {
    const { checkout: { gitDir }, workspace: { path: top } } = stay
    const real = yield* Effect.orElseSucceed(fs.realPath(top), () => null)
    if (real !== top) return yield* broken(stay, "its directory is gone, or leads elsewhere")
    const link = (yield* plainText(fs)(path.join(top, ".git"))) ?? ""
    const [, named] = /^gitdir: (.+)$/.exec(link.trim()) ?? []
    if (named === undefined || path.resolve(top, named) !== gitDir) {
      return yield* broken(stay, "its .git does not lead to its repository")
    }
    for (const name of ["HEAD", "index"]) {
      // Git writes through a link, to wherever that leads.
      const kind = yield* kindOf(fs)(path.join(gitDir, name))
      const isSound = kind === "File" || (kind === null && name === "index")
      if (!isSound) return yield* broken(stay, `its ${name} is no file`)
    }
  })

  /** Where the branch stood last, of one that is gone. */
  const lastOf = Effect.fnUntraced(function*({ checkout }: Stay, began: CommitId) {
    for (const commit of (yield* unfinished.trailOf(checkout.gitDir)).slice(0, 20)) {
      const there = yield* resolveCommit(git, checkout, commit)
      if (there !== null && (yield* isAncestor(git, checkout, began, there))) return there
    }
    return began
  })

  /** The commit that the worker stands on, and what of its branch. */
  const standing = Effect.fnUntraced(function*(stay: Stay, branch: string, began: CommitId) {
    const { checkout } = stay
    const on = yield* currentBranch(git, checkout)
    const head = yield* resolveCommit(git, checkout, "HEAD")
    const tip = yield* resolveCommit(git, checkout, branchRef(branch))
    if (head === null && on === null) return yield* broken(stay, "its HEAD names no commit")
    const at = head ?? tip ?? (yield* lastOf(stay, began))
    const isBehind = head !== null && tip !== null && head !== tip && (yield* isAncestor(git, checkout, head, tip))
    // It has only gone back to look: everything is on the branch.
    if (isBehind && (yield* statusOf(git, checkout)).length === 0) {
      yield* forwardFiles(git, checkout, head, tip)
      return { on, tip, at: tip }
    }
    return { on, tip, at }
  })

  /**
   * References for what is part of no other one; what the branch itself has had gets one even where a branch of somebody
   * else's has it too. Under the lock.
   */
  const rescue = Effect.fnUntraced(function*(
    stay: Stay,
    lost: ReadonlyArray<CommitId>,
    { branch, tip }: { readonly branch: string; readonly tip: CommitId | null }
  ) {
    const { checkout, workspace } = stay
    const made: Array<string> = []
    for (const commit of new Set(lost)) {
      const holders = yield* refsWith(git, checkout, commit)
      const keeps = (name: string) => name.startsWith(rescueRefs) || (commit !== tip && name !== branchRef(branch))
      if (holders.some(keeps)) continue
      const { next } = yield* rescuesOf(git, checkout, workspace.id)
      const ref = rescueRef(workspace.id, next)
      yield* moveRef(git, checkout, { ref, to: commit, from: null })
      made.push(ref)
    }
    return made
  })

  /** `began`: where the branch stood then. To be run by one at a time in a workspace. */
  const commit = Effect.fnUntraced(function*(
    stay: Stay,
    task: TaskId,
    began: CommitId
  ): Effect.fn.Return<Committed, Failure> {
    const { checkout, workspace: { base, holder, repository } } = stay
    const { gitDir } = checkout
    yield* assertSound(stay)
    const isLocked = yield* indexLock.isLeft(gitDir)
    // It may well be the git of another one who works there.
    if (isLocked && holder._tag === "Chain") {
      return yield* broken(stay, "another git is at work in it: its index is locked")
    }
    const branch = branchIn(stay, task)
    const { at, on, tip } = yield* standing(stay, branch, began)
    const made = yield* snapshot(git, checkout, {
      message: messageOf(task),
      parent: at,
      ...(isLocked ? { index: yield* onDisk(stay, indexLock.beside(gitDir)) } : {})
    })
    const head = made ?? at
    const begun = yield* unfinished.commitsOf(gitDir)
    const isLost = Effect.fnUntraced(function*(name: CommitId) {
      const there = yield* resolveCommit(git, checkout, name)
      return there !== null && !(yield* isAncestor(git, checkout, there, head)) &&
        !(yield* isAncestor(git, checkout, there, base))
    })
    const lost = yield* Effect.filter([...(tip === null ? [] : [tip]), began, ...begun], isLost)
    const settle = Effect.gen(function*() {
      const rescued = yield* rescue(stay, lost, { branch, tip })
      if (head !== tip) yield* moveRef(git, checkout, { ref: branchRef(branch), to: head, from: tip })
      if (on !== branch) yield* attach(git, checkout, branch)
      if (isLocked) yield* onDisk(stay, indexLock.replace(gitDir))
      yield* onDisk(stay, unfinished.forget(gitDir))
      return rescued
    })
    const rescued = yield* git.locked(repository)(settle)
    return { head, completed: made !== null, foundOn: on === branch || at === tip ? null : on, rescued }
  })

  return { commit }
})
