/**
 * References: read, and moved only from where they are known to be.
 */
import { Effect, Option, Schema } from "effect"
import { CommitId } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import type { Checkout, Git } from "../Git.ts"

const readCommit = Schema.decodeUnknownOption(CommitId)

const unreadable = (name: string, failure: Failure): Failure =>
  failure.reason._tag !== "GitFailed" ? failure : new Failure({
    reason: new GitFailed({
      repository: failure.reason.repository,
      verb: "rev-parse",
      code: failure.reason.code,
      detail: `${name} names no commit that can be read: ${failure.reason.detail}`
    })
  })

/** These are of commits alone. */
const ofCommits = /^(?:HEAD$|refs\/heads\/)/

/**
 * The commit that a name stands for; null: there is none. Whatever the name is, it is taken for no flag. Fails with
 * `GitFailed` where it stands for an object that cannot be read, or that is not there: that is not nothing.
 */
export const resolveCommit = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, name: string): Effect.fn.Return<CommitId | null, Failure> {
    const ask = (what: string, answers: ReadonlyArray<number>) =>
      git.run(checkout, ["rev-parse", "--verify", "--quiet", "--end-of-options", what], { answers })
    const { exitCode, stdout } = yield* ask(`${name}^{commit}`, [1, 128])
    const found = Option.getOrNull(readCommit(stdout.trim()))
    if (found !== null || (exitCode === 1 && !ofCommits.test(name))) return found
    // Without a look at what it stands for.
    const object = (yield* ask(name, [1, 128])).stdout.trim()
    if (object === "") return null
    // Git says what is wrong with it.
    yield* git.run(checkout, ["cat-file", "commit", object], { mostBytes: 0 }).pipe(
      Effect.mapError((failure) => unreadable(name, failure))
    )
    return null
  }
)

/** The branch that is checked out; null: none is. */
export const currentBranch = (git: Git["Service"], checkout: Checkout): Effect.Effect<string | null, Failure> =>
  Effect.map(
    git.run(checkout, ["symbolic-ref", "--quiet", "HEAD"], { answers: [1] }),
    ({ stdout }) => /^refs\/heads\/(.+)\n$/.exec(stdout)?.[1] ?? null
  )

/** Moves a reference, if it still is at `from`; null: if it is not there yet. Fails with `GitFailed` else. */
export const moveRef = (
  git: Git["Service"],
  checkout: Checkout,
  move: { readonly ref: string; readonly to: CommitId; readonly from: CommitId | null }
): Effect.Effect<void, Failure> =>
  Effect.asVoid(
    git.run(checkout, ["update-ref", "--no-deref", move.ref, move.to, move.from ?? "0".repeat(move.to.length)])
  )

/** Deletes a reference, if it still is at `from`. */
export const deleteRef = (
  git: Git["Service"],
  checkout: Checkout,
  gone: { readonly ref: string; readonly from: CommitId }
): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["update-ref", "--no-deref", "-d", gone.ref, gone.from]))

/** Whether everything of `commit` is part of `of`. */
export const isAncestor = (
  git: Git["Service"],
  checkout: Checkout,
  commit: CommitId,
  of: CommitId
): Effect.Effect<boolean, Failure> =>
  Effect.map(
    git.run(checkout, ["merge-base", "--is-ancestor", commit, of], { answers: [1] }),
    ({ exitCode }) => exitCode === 0
  )

/** How many commits `to` has that `from` does not have. */
export const countCommits = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<number, Failure> =>
  Effect.map(git.run(checkout, ["rev-list", "--count", to, `^${from}`, "--"]), ({ stdout }) => Number(stdout.trim()))
