/**
 * The commands that push a branch and ask for its review: words, of which none is run here.
 */
import { Effect, type Path } from "effect"
import type { Merge } from "../../domain/Merge.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import type { Git } from "../Git.ts"
import { remoteOf } from "../git/Remotes.ts"
import type { Candidate } from "./Candidates.ts"

export interface Published {
  readonly branch: string
  /** What it is to be merged into. */
  readonly base: string
  readonly title: string
  readonly body: string
}

/** A push, then a request for its review. */
export const publicationOf = (
  git: Git["Service"],
  repository: RepositoryPlace,
  { base, body, branch, title }: Published
): Effect.Effect<ReadonlyArray<ReadonlyArray<string>>, never, Path.Path> =>
  Effect.map(Effect.orElseSucceed(remoteOf(git, repository, base), () => "origin"), (remote) => [
    ["git", "push", remote, `${branch}:refs/heads/${branch}`],
    ["gh", "pr", "create", "--base", base, "--head", branch, "--title", title, "--body", body]
  ])

export const ofCandidate = ({ evidence, id, name }: Candidate, base: string): Published => ({
  branch: evidence.branch,
  base,
  title: name === "" ? `The work of ${id}` : name,
  body: `The work of ${id}: ${evidence.fileCount} files, +${evidence.added} −${evidence.removed}.`
})

export const ofMerge = ({ id, landed, target }: Merge): Published => ({
  branch: `cp/${id}`,
  base: target,
  title: landed.length === 1 ? `The work of ${landed[0]!.id}` : `The work of ${landed.length} branches`,
  body: `Landed by ${id}:\n${landed.map((branch) => `- ${branch.id}`).join("\n")}`
})
