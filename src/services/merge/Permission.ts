/**
 * Whether a branch may land: its work is not contradicted, nothing in it leads out of the tree, and where there is a gate
 * it was approved, for this diff and for a target that has moved since only by landings of ours.
 */
import { Effect } from "effect"
import { type CommitId, shortCommit } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Merge } from "../../domain/Merge.ts"
import type { Task } from "../../domain/Task.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { commitsBetween } from "../git/Commits.ts"
import { isAncestor } from "../git/Refs.ts"
import type { Candidate } from "./Candidates.ts"
import type { Obstacle } from "./Refusal.ts"

export interface Target {
  readonly branch: string
  readonly tip: CommitId
}

/** Whether the target came from a commit to where it stands only by what the desk has landed on it and not taken back. */
const cameByLandings = (
  merges: ReadonlyArray<Merge>,
  common: string,
  target: Target,
  from: CommitId
): boolean => {
  const ours = merges.filter((merge) =>
    merge.updated && merge.undoneAt === null && merge.repository.common === common && merge.target === target.branch
  )
  const next = new Map(ours.map(({ after, before }) => [before, after]))
  const seen = new Set<CommitId>()
  for (let at: CommitId | undefined = from; at !== undefined && !seen.has(at); at = next.get(at)) {
    if (at === target.tip) return true
    seen.add(at)
  }
  return false
}

const mostNamed = 5

/** What has come to the target that nobody had before their eyes who approved. */
const whatMoved = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    { repository }: Candidate,
    from: CommitId,
    to: CommitId
  ): Effect.fn.Return<string, Failure> {
    const checkout = mainCheckout(repository)
    if (!(yield* isAncestor(git, checkout, from, to))) return `it was at ${shortCommit(from)}, and has it no more`
    const commits = (yield* commitsBetween(git, checkout, from, to)).map(({ id }) => shortCommit(id))
    if (commits.length === 0) return `it is at ${shortCommit(to)}`
    const named = commits.slice(-mostNamed).join(", ")
    return commits.length > mostNamed ? `${commits.length} commits, the last of them ${named}` : `the commits ${named}`
  }
)

/** Null: it was approved, and still can be gone by. */
const approvalObstacle = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    candidate: Candidate,
    task: Task,
    target: Target,
    merges: ReadonlyArray<Merge>
  ): Effect.fn.Return<Obstacle | null, Failure> {
    const { state } = task
    const hint = `look at it with \`claude-pool diff ${task.id}\`, then approve it`
    if (state._tag !== "Done" || state.approval === undefined) return { detail: "nobody has approved it yet", hint }
    if (state.approval.hash !== state.result.hash) return { detail: "what was approved is another result", hint }
    const seen = state.approval.target ?? task.evidence?.branch?.target ?? null
    if (seen === null) return { detail: `it was approved for no branch, and not for ${target.branch}`, hint }
    if (seen.tip === target.tip) return null
    if (seen.branch !== target.branch) {
      return {
        detail: `it was approved for ${seen.branch}, and not for ${target.branch}`,
        hint: `land it on ${seen.branch}, or have it done again beside ${target.branch}`
      }
    }
    if (cameByLandings(merges, candidate.repository.common, target, seen.tip)) return null
    const moved = yield* whatMoved(git, candidate, seen.tip, target.tip)
    return {
      detail: `${target.branch} has moved since the approval (${moved})`,
      hint: `look at what has come, then approve it again: \`claude-pool approve ${task.id}\``
    }
  }
)

/** What stands in its way; null: nothing does. */
export const obstacleOf = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    candidate: Candidate,
    target: Target,
    merges: ReadonlyArray<Merge>
  ): Effect.fn.Return<Obstacle | null, Failure> {
    const { evidence, tasks } = candidate
    const contradicted = tasks.find(({ evidence }) => evidence?.verification === "contradicted")
    if (contradicted !== undefined) {
      return {
        detail: `what was expected of ${contradicted.id} does not hold`,
        hint: `\`claude-pool result ${contradicted.id}\` shows what was found; have it corrected first`
      }
    }
    // Such a link leads anywhere once it is in a checkout, and a diff does not show where.
    if (evidence.escapes === true) {
      const detail = `it has links that may lead anywhere: ${evidence.warnings.join("; ")}`
      return { detail, hint: "have the link taken out first" }
    }
    for (const task of tasks) {
      if (task.options.review === undefined && task.state._tag === "Done") continue
      const obstacle = yield* approvalObstacle(git, candidate, task, target, merges)
      if (obstacle !== null) return obstacle
    }
    return null
  }
)
