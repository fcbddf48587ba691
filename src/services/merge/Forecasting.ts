/**
 * What would conflict, with the target and with each other, before anything is merged. Nothing is written but objects.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { FileChange } from "../../domain/Evidence.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Merge, MergeForecast } from "../../domain/Merge.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { treesOf } from "../git/Commits.ts"
import { changesBetween } from "../git/Diff.ts"
import { hunksOf, mergeBases, mergeTrees, type TreeMerge } from "../git/Merging.ts"
import type { Candidate, Unfinished } from "./Candidates.ts"
import { obstacleOf, type Target } from "./Permission.ts"

type Changes = ReadonlyArray<FileChange>

const namesOf = (changes: Changes): ReadonlyArray<string> =>
  changes.flatMap(({ from, path }) => from === undefined ? [path] : [path, from])

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1)

/** One has a file where the other one has a folder. */
const inTheWay = (one: Changes, other: ReadonlySet<string>): boolean =>
  namesOf(one).some((name) => {
    for (let at = name.indexOf("/"); at !== -1; at = name.indexOf("/", at + 1)) {
      if (other.has(name.slice(0, at))) return true
    }
    return false
  })

/** One has moved files out of a folder into which the other one puts something. */
const movedAway = (one: Changes, other: Changes): boolean => {
  const left = one.flatMap(({ change, from, path }) =>
    change === "deleted" ? [folderOf(path)] : from === undefined ? [] : [folderOf(from)]
  )
  return other.some(({ change, path }) =>
    (change === "added" || change === "renamed") && left.some((folder) => path.startsWith(folder))
  )
}

/** Whether two branches can be at odds at all. */
export const meet = (one: Changes, other: Changes): boolean => {
  const [first, second] = [new Set(namesOf(one)), new Set(namesOf(other))]
  return [...first].some((name) => second.has(name)) || inTheWay(one, second) || inTheWay(other, first)
    || movedAway(one, other) || movedAway(other, one)
}

interface Seen {
  readonly candidate: Candidate
  readonly bases: ReadonlyArray<CommitId>
  readonly changes: Changes
  readonly merge: TreeMerge
}

const total = (changes: Changes, of: "added" | "removed"): number =>
  changes.reduce((sum, change) => sum + (change[of] ?? 0), 0)

export const forecast = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    { candidates, merges, repository, target, unfinished }: {
      readonly repository: RepositoryPlace
      readonly candidates: ReadonlyArray<Candidate>
      readonly unfinished: ReadonlyArray<Unfinished>
      readonly target: Target
      readonly merges: ReadonlyArray<Merge>
    }
  ): Effect.fn.Return<MergeForecast, Failure> {
    const checkout = mainCheckout(repository)
    const onto = yield* mergeTrees(git, checkout, candidates.map(({ evidence }) => [target.tip, evidence.head]))
    const seen = yield* Effect.forEach(candidates, (candidate, at) =>
      Effect.gen(function*() {
        const { base, head } = candidate.evidence
        const bases = yield* mergeBases(git, checkout, target.tip, head)
        const changes = yield* changesBetween(git, checkout, bases[0] === head ? base : bases[0] ?? base, head)
        return { candidate, bases, changes, merge: onto[at]! } satisfies Seen
      }), { concurrency: 2 })
    const [targetTree] = yield* treesOf(git, checkout, [target.tip])

    const standing = ({ changes, merge }: Seen) => {
      if (changes.length === 0) return "empty"
      if (!merge.clean) return "conflict"
      return merge.tree === targetTree ? "landed" : "clean"
    }

    const branches = yield* Effect.forEach(seen, (one) =>
      Effect.gen(function*() {
        const { candidate: { evidence, id }, changes, merge } = one
        const obstacle = yield* obstacleOf(git, one.candidate, target, merges)
        const warnings = [...evidence.warnings, ...(obstacle === null ? [] : [`it cannot land: ${obstacle.detail}`])]
        return {
          id,
          branch: evidence.branch,
          head: evidence.head,
          files: changes.length,
          added: total(changes, "added"),
          removed: total(changes, "removed"),
          onto: standing(one),
          ...(merge.clean || changes.length === 0 ? {} : { conflicts: yield* hunksOf(git, checkout, merge) }),
          ...(warnings.length === 0 ? {} : { warnings })
        } satisfies MergeForecast["branches"][number]
      }))

    const pairs = seen.flatMap((first, at) =>
      seen.slice(at + 1).filter((second) => meet(first.changes, second.changes)).map((second) =>
        [first, second] as const
      )
    )
    const merged = yield* mergeTrees(
      git,
      checkout,
      pairs.map(([first, second]) => [first.candidate.evidence.head, second.candidate.evidence.head])
    )
    return {
      target,
      branches,
      ...(unfinished.length === 0 ? {} : { unfinished }),
      pairs: pairs.flatMap(([first, second], at) => {
        const { clean, conflicts } = merged[at]!
        return clean ? [] : [{
          first: first.candidate.id,
          second: second.candidate.id,
          paths: conflicts.map(({ path }) => path)
        }]
      })
    }
  }
)
