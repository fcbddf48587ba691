/**
 * One branch on top of a commit: as a merge, as one commit, or commit by commit. No reference and no checkout is touched,
 * what conflicts is not settled, and what would lose a line does not land.
 */
import { Effect } from "effect"
import { type CommitId, shortCommit, taskTrailer } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { type LeftBranch, type MergeId, type MergeStrategy, mergeTrailer } from "../../domain/Merge.ts"
import { type Checkout, type Git, mainCheckout } from "../Git.ts"
import { type Author, commitsBetween, commitTree, emptyTree, treesOf } from "../git/Commits.ts"
import { lineChanges } from "../git/LineChanges.ts"
import { hunksOf, mergeBases, mergeThree, mergeTree, type TreeMerge } from "../git/Merging.ts"
import type { Candidate } from "./Candidates.ts"
import { sayVanished, vanishedLines } from "./Vanished.ts"

export type Left = Pick<LeftBranch, "why" | "detail" | "conflicts">
export type Landing =
  | { readonly _tag: "Landed"; readonly commit: CommitId }
  | { readonly _tag: "Left"; readonly left: Left }

export interface LandingOptions {
  readonly id: MergeId
  readonly strategy: MergeStrategy
}

const leave = (left: Left): Landing => ({ _tag: "Left", left })

/** The name is a user's, and stands where no line of it is taken for a title or a trailer. */
const messageOf = (title: string, { name, tasks }: Candidate, id: MergeId): string =>
  [
    title,
    ...(name === "" ? [] : [`What it is called: ${name}`]),
    [...tasks.map((task) => `${taskTrailer}: ${task.id}`), `${mergeTrailer}: ${id}`].join("\n")
  ].join("\n\n") + "\n"

const sameAuthor = (one: Author, other: Author): boolean => one.name === other.name && one.email === other.email

interface Landed {
  readonly tree: string
  readonly commit: Effect.Effect<CommitId, Failure>
}

export const makeLanding = (git: Git["Service"], { id, strategy }: LandingOptions) => {
  const atOdds = Effect.fnUntraced(function*(checkout: Checkout, merge: TreeMerge, where: string) {
    const conflicts = yield* hunksOf(git, checkout, merge)
    const paths = merge.conflicts.slice(0, 10).map(({ path }) => path).join(", ")
    return leave({ why: "conflict", detail: `${where}: ${paths}`, conflicts })
  })

  /** The branch as a whole. */
  const whole = Effect.fnUntraced(function*(candidate: Candidate, onto: CommitId) {
    const checkout = mainCheckout(candidate.repository)
    const { head } = candidate.evidence
    const merge = yield* mergeTree(git, checkout, onto, head)
    if (!merge.clean) return yield* atOdds(checkout, merge, "it conflicts with what is there")
    const message = messageOf(`${strategy === "merge" ? "Merge" : "Land"} ${candidate.id}`, candidate, id)
    const merged = commitTree(git, checkout, { tree: merge.tree, parents: [onto, head], message })
    const squashed = Effect.gen(function*() {
      const commits = yield* commitsBetween(git, checkout, onto, head)
      const last = commits.at(-1)?.author
      const author = last !== undefined && commits.every((commit) => sameAuthor(commit.author, last)) ? last : undefined
      return yield* commitTree(git, checkout, {
        tree: merge.tree,
        parents: [onto],
        message,
        ...(author === undefined ? {} : { author })
      })
    })
    return { tree: merge.tree, commit: strategy === "merge" ? merged : squashed } satisfies Landed
  })

  /** Each commit with its own author and message; one of which nothing is left is dropped. */
  const replayed = Effect.fnUntraced(function*(candidate: Candidate, onto: CommitId) {
    const checkout = mainCheckout(candidate.repository)
    const commits = yield* commitsBetween(git, checkout, onto, candidate.evidence.head)
    const [first = ""] = yield* treesOf(git, checkout, [onto])
    const made: Array<{ readonly commit: CommitId; readonly tree: string }> = [{ commit: onto, tree: first }]
    for (const { author, id, message, parents, tree: theirs } of commits) {
      const { commit: parent, tree: ours } = made.at(-1)!
      const base = parents.length === 0
        ? yield* emptyTree(git, checkout)
        : (yield* treesOf(git, checkout, parents.slice(0, 1)))[0]!
      const merge = base === ours
        ? { tree: theirs, clean: true, conflicts: [] }
        : yield* mergeThree(git, checkout, { base, ours, theirs })
      if (!merge.clean) {
        return yield* atOdds(checkout, merge, `its commit ${shortCommit(id)} conflicts with what is there`)
      }
      if (merge.tree === ours) continue
      const commit = yield* commitTree(git, checkout, { tree: merge.tree, parents: [parent], author, message })
      made.push({ commit, tree: merge.tree })
    }
    const { commit, tree } = made.at(-1)!
    return { tree, commit: Effect.succeed(commit) } satisfies Landed
  })

  /** What of the branch is not in the landing, in words; null: all of it is there. */
  const lost = Effect.fnUntraced(function*(
    checkout: Checkout,
    sides: {
      readonly bases: ReadonlyArray<CommitId>
      readonly head: CommitId
      readonly onto: CommitId
      readonly commit: CommitId
    }
  ) {
    const said = yield* Effect.forEach(sides.bases, (base) =>
      Effect.gen(function*() {
        const [branch, target, landing] = yield* Effect.all([
          lineChanges(git, checkout, base, sides.head),
          lineChanges(git, checkout, base, sides.onto),
          lineChanges(git, checkout, sides.onto, sides.commit)
        ], { concurrency: 3 })
        if (branch === null || target === null || landing === null) {
          return "it changes too much for its lines to be looked at"
        }
        const lines = vanishedLines({ branch, target, landing })
        return lines.length === 0 ? null : sayVanished(lines)
      }))
    // Where histories have crossed, one of them may count what the other one has taken away.
    return said.includes(null) ? null : said[0]!
  })

  return Effect.fnUntraced(function*(candidate: Candidate, onto: CommitId): Effect.fn.Return<Landing, Failure> {
    const checkout = mainCheckout(candidate.repository)
    const { base, head } = candidate.evidence
    const bases = yield* mergeBases(git, checkout, onto, head)
    if (bases[0] === undefined) {
      return leave({ why: "conflict", detail: "it has no history in common with what is there", conflicts: [] })
    }
    const [ontoTree, headTree, commonTree] = yield* treesOf(git, checkout, [onto, head, bases[0]])
    if (bases[0] === head && head !== base) return leave({ why: "landed", detail: "all of it is there already" })
    if (headTree === commonTree) return leave({ why: "empty", detail: "it changes nothing" })
    const landed = yield* strategy === "rebase" ? replayed(candidate, onto) : whole(candidate, onto)
    if ("_tag" in landed) return landed
    if (landed.tree === ontoTree) return leave({ why: "landed", detail: "what it changes is there already" })
    const commit = yield* landed.commit
    const detail = yield* lost(checkout, { bases, head, onto, commit })
    return detail === null ? { _tag: "Landed", commit } : leave({ why: "lost", detail })
  })
}

export type Land = ReturnType<typeof makeLanding>
