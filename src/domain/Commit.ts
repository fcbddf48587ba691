/**
 * Names of git's: of commits, and of the references that the pool makes. No text of a user or of a worker enters them.
 */
import { Schema } from "effect"

/** The whole name of a commit: SHA-1 or SHA-256. */
export const CommitId = Schema.String.check(
  Schema.isPattern(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, { expected: "the whole name of a commit" })
).pipe(Schema.brand("CommitId"))
export type CommitId = typeof CommitId.Type

/** As people read it. */
export const shortCommit = (commit: string): string => commit.slice(0, 12)

/** The branch of a piece of work, such as `cp/t_0123456789abcdef`. */
export const branchOf = (id: string): string => `cp/${id}`

/** The same, as git calls it in full. */
export const branchRef = (branch: string): string => `refs/heads/${branch}`

/** Where work goes that would else be lost with its directory; `number` tells several of one workspace apart, from 1. */
export const rescueRef = (id: string, number: number): string => `refs/claude-pool/rescue/${id}/${number}`
/** Where references lie that hold what would be lost with a workspace. */
export const rescueRefs = "refs/claude-pool/rescue/"

/** What the pool's own commits are marked with, so that nobody takes them for a worker's. */
export const taskTrailer = "Claude-Pool-Task"
