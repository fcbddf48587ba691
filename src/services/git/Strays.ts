/**
 * Commits that no reference of the repository would hold, once a worktree of it is gone; and references for them.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"

/** References of one worktree alone: they go with it. */
const passing = ["refs/worktree/*", "refs/bisect/*", "refs/rewritten/*"]

export interface StrayQuestion {
  /** Names of objects; what is no commit, or is not there, is passed over. */
  readonly among: ReadonlyArray<string>
  /**
   * Whose references hold: those of the repository, which stays; or only those that came from elsewhere, of one that goes
   * as a whole: then its own references are asked about too.
   */
  readonly held: "all" | "remote"
}

/** Those that no other one of them leads to. */
export const strayCommits = (
  git: Git["Service"],
  checkout: Checkout,
  { among, held }: StrayQuestion
): Effect.Effect<ReadonlyArray<string>, Failure> => {
  const refs = held === "all"
    ? ["--not", ...passing.map((glob) => `--exclude=${glob}`), "--glob=refs/*", "--not"]
    : ["--exclude=refs/remotes/*", "--glob=refs/*", "--not", "--glob=refs/remotes/*", "--not"]
  return Effect.map(
    git.run(checkout, ["rev-list", "--parents", "--ignore-missing", ...refs, "--stdin"], {
      input: among.map((name) => `${name}\n`).join("")
    }),
    ({ stdout }) => {
      const lines = stdout.split("\n").filter((line) => line !== "").map((line) => line.split(" "))
      const parents = new Set(lines.flatMap(([, ...rest]) => rest))
      return lines.map(([commit = ""]) => commit).filter((commit) => !parents.has(commit))
    }
  )
}

/** What the repository's references name that is no commit: tags with words of their own. */
export const otherObjects = (git: Git["Service"], checkout: Checkout): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.map(
    git.run(checkout, ["for-each-ref", "--format=%(objecttype) %(objectname)"]),
    ({ stdout }) =>
      stdout.split("\n").filter((line) => line !== "" && !line.startsWith("commit ")).map((line) => line.split(" ")[1]!)
  )

/** All of them or none; none of them is there yet. */
export const createRefs = (
  git: Git["Service"],
  checkout: Checkout,
  refs: ReadonlyArray<readonly [ref: string, object: string]>
): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["update-ref", "--stdin"], {
    input: refs.map(([ref, object]) => `create ${ref} ${object}\n`).join("")
  }))

/** Whether something other than that branch holds what it holds; only other branches are asked where `among` says so. */
export const isHeldElsewhere = (
  git: Git["Service"],
  checkout: Checkout,
  { among, ref, tip }: { readonly ref: string; readonly tip: string; readonly among: "refs" | "branches" }
): Effect.Effect<boolean, Failure> => {
  const others = among === "refs"
    ? [...passing, ref].map((glob) => `--exclude=${glob}`).concat("--glob=refs/*")
    : [`--exclude=${ref}`, "--glob=refs/heads/*"]
  return Effect.map(
    git.run(checkout, ["rev-list", "--max-count=1", tip, "--not", ...others]),
    ({ stdout }) => stdout.trim() === ""
  )
}
