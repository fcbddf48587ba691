/**
 * What work begins at: the repository that it was asked for in, and a commit of it, found out once.
 */
import { Effect } from "effect"
import { branchOf, branchRef, type CommitId, shortCommit } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Task } from "../../domain/Task.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { filteredPaths } from "../git/Attributes.ts"
import { resolveCommit } from "../git/Refs.ts"
import { impossible } from "./Ground.ts"
import type { Standing } from "./Making.ts"

export interface Asked {
  readonly cwd: string
  readonly base?: string | undefined
}

export const makeBeginning = Effect.fnUntraced(function*() {
  const git = yield* Git
  /** Commits that were looked at and have no such files, by repository. */
  const plain = new Set<string>()

  const unfiltered = Effect.fnUntraced(function*(place: RepositoryPlace, commit: CommitId) {
    const known = `${place.common}\0${commit}`
    if (plain.has(known)) return
    const [first, ...more] = yield* filteredPaths(git, mainCheckout(place), commit)
    if (first === undefined) {
      plain.add(known)
      return
    }
    const others = more.length === 0 ? "" : ` and ${more.length} more`
    return yield* impossible(
      place.checkout ?? place.common,
      "filters",
      `${first}${others} of ${shortCommit(commit)} go through a filter of the repository's, which the pool does not run`
    )
  })

  /** Fails with `IsolationImpossible` where there is no such commit. */
  const commitOf = Effect.fnUntraced(function*(place: RepositoryPlace, { base }: Asked) {
    const directory = place.checkout ?? place.common
    const found = yield* resolveCommit(git, mainCheckout(place), base ?? "HEAD")
    if (found !== null) return found
    return yield* base === undefined
      ? impossible(directory, "no-commit", "the repository has no commit yet")
      : impossible(directory, "no-base", `it has no commit, branch or tag called ${base}`)
  })

  /** What the branch of a chain begins at. */
  const ofWork = Effect.fnUntraced(function*(
    place: RepositoryPlace,
    id: string,
    asked: Asked
  ): Effect.fn.Return<Standing, Failure> {
    const base = yield* commitOf(place, asked)
    yield* unfiltered(place, base)
    return { base, branch: branchOf(id), goesOn: false }
  })

  /** What the branch of a task begins at, or began at, where it has worked before; of one that goes on with another, there. */
  const ofTask = Effect.fnUntraced(function*(
    place: RepositoryPlace,
    { attempts, evidence, id, options: { base, continueFrom, cwd } }: Task,
    known: CommitId | null = null
  ): Effect.fn.Return<Standing, Failure> {
    const before = known ?? evidence?.branch?.base ?? null
    if (before !== null) return { base: before, branch: branchOf(id), goesOn: true }
    const earlier = base === undefined && continueFrom !== undefined
      ? yield* resolveCommit(git, mainCheckout(place), branchRef(branchOf(continueFrom)))
      : null
    const at = earlier ?? (yield* commitOf(place, { cwd, base }))
    yield* unfiltered(place, at)
    return { base: at, branch: branchOf(id), goesOn: attempts > 1 }
  })

  return { ofTask, ofWork }
})

export type Beginning = Effect.Success<ReturnType<typeof makeBeginning>>
