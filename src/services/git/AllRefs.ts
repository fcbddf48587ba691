/**
 * The references of a repository, all together.
 */
import { Effect } from "effect"
import { type CommitId, rescueRefs } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"

export interface ListedRef {
  /** In full: `refs/heads/main`. */
  readonly name: string
  /** What it names: an object, by its whole name. */
  readonly object: string
  /** The reference that it stands for; empty: none. */
  readonly symbolic: string
  /** Whether it is what is checked out. */
  readonly isHead: boolean
}

const format = "--format=%(HEAD)%00%(refname)%00%(objectname)%00%(symref)"

/** All below a prefix, such as `refs/heads/`; without one, all. */
export const listRefs = (
  git: Git["Service"],
  checkout: Checkout,
  prefix = "refs/"
): Effect.Effect<ReadonlyArray<ListedRef>, Failure> =>
  Effect.map(
    git.run(checkout, ["for-each-ref", format, prefix]),
    ({ stdout }) =>
      stdout.split("\n").flatMap((line): ReadonlyArray<ListedRef> => {
        const [head, name, object, symbolic = ""] = line.split("\0")
        return name === undefined || object === undefined ? [] : [{ name, object, symbolic, isHead: head === "*" }]
      })
  )

/** The references that a commit is part of. */
export const refsWith = (
  git: Git["Service"],
  checkout: Checkout,
  commit: CommitId
): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.map(
    git.run(checkout, ["for-each-ref", "--contains", commit, "--format=%(refname)"]),
    ({ stdout }) => stdout.split("\n").filter((name) => name !== "")
  )

/** What was rescued under a name, and the number that is free for the next. */
export const rescuesOf = (
  git: Git["Service"],
  checkout: Checkout,
  id: string
): Effect.Effect<{ readonly refs: ReadonlyArray<ListedRef>; readonly next: number }, Failure> => {
  const prefix = `${rescueRefs}${id}/`
  return Effect.map(listRefs(git, checkout, prefix), (refs) => {
    const numbers = refs.map(({ name }) => Number(name.slice(prefix.length))).filter(Number.isSafeInteger)
    return { refs, next: Math.max(0, ...numbers) + 1 }
  })
}
