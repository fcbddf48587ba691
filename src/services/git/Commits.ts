/**
 * Commits: read with who made them, and made of trees. No reference and no checkout is touched.
 */
import { Effect } from "effect"
import { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { committer } from "./Command.ts"

export interface Author {
  readonly name: string
  readonly email: string
  /** Seconds, and the zone: `1700000000 +0100`. */
  readonly date: string
}

export interface NewCommit {
  readonly tree: string
  readonly parents: ReadonlyArray<CommitId>
  readonly message: string
  /** Without one it is the pool's own. */
  readonly author?: Author
  /** In seconds, for its author and its committer: the same commit of the same things at the same time is the same one. */
  readonly at?: number
}

const environmentOf = ({ date, email, name }: Author): Readonly<Record<string, string>> => ({
  // Git takes no commit of nobody.
  GIT_AUTHOR_NAME: /[^\s<>.,:;"'\\]/.test(name) ? name : committer.name,
  GIT_AUTHOR_EMAIL: email,
  GIT_AUTHOR_DATE: `@${date}`
})

/** A commit that nothing refers to yet. */
export const commitTree = (
  git: Git["Service"],
  checkout: Checkout,
  { at, author, message, parents, tree }: NewCommit
): Effect.Effect<CommitId, Failure> =>
  Effect.map(
    git.run(checkout, ["commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-F", "-"], {
      input: message,
      env: {
        ...(at === undefined ? {} : { GIT_AUTHOR_DATE: `${at} +0000`, GIT_COMMITTER_DATE: `${at} +0000` }),
        ...(author === undefined ? {} : environmentOf(author))
      }
    }),
    ({ stdout }) => CommitId.make(stdout.trim())
  )

/** The trees of these commits, in their order. */
export const treesOf = (
  git: Git["Service"],
  checkout: Checkout,
  commits: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.map(
    git.run(checkout, ["rev-parse", ...commits.map((commit) => `${commit}^{tree}`)]),
    ({ stdout }) => stdout.trim().split("\n")
  )

/** The tree that has nothing. */
export const emptyTree = (git: Git["Service"], checkout: Checkout): Effect.Effect<string, Failure> =>
  Effect.map(git.run(checkout, ["mktree"], { input: "" }), ({ stdout }) => stdout.trim())

export interface MadeCommit {
  readonly id: CommitId
  readonly tree: string
  readonly parents: ReadonlyArray<CommitId>
  readonly author: Author
  readonly message: string
}

/** What `to` has and `from` does not have, the oldest first, without merges. */
export const commitsBetween = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<ReadonlyArray<MadeCommit>, Failure> =>
  Effect.map(
    git.run(checkout, [
      "log",
      "-z",
      "--reverse",
      "--topo-order",
      "--no-merges",
      "--no-show-signature",
      "--date=raw",
      "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%ad%x00%B",
      to,
      `^${from}`,
      "--"
    ]),
    ({ stdout }) => {
      const fields = stdout.split("\0")
      const commits: Array<MadeCommit> = []
      for (let at = 0; at + 6 < fields.length; at += 7) {
        const [id, tree, parents, name, email, date, message] = fields.slice(at, at + 7) as Seven
        commits.push({
          id: CommitId.make(id),
          tree,
          parents: parents.split(" ").filter((parent) => parent !== "").map((parent) => CommitId.make(parent)),
          author: { name, email, date },
          message
        })
      }
      return commits
    }
  )

type Seven = [string, string, string, string, string, string, string]
