/**
 * What a task did, as the pool found it, whatever the worker says of it.
 */
import { Schema } from "effect"
import { CommitId } from "./Commit.ts"
import { Isolation } from "./Isolation.ts"
import { ResultHash, ReviewTarget } from "./Review.ts"
import { Denial } from "./TaskResult.ts"
import { WorkspaceId } from "./Workspace.ts"

/** A file that a task has changed. */
export const FileChange = Schema.Struct({
  path: Schema.String,
  change: Schema.Literals(["added", "modified", "deleted", "renamed", "type"]),
  /** Where it was before, of a renamed one. */
  from: Schema.optionalKey(Schema.String),
  /** Lines; absent of what is no text. */
  added: Schema.optionalKey(Schema.Int),
  removed: Schema.optionalKey(Schema.Int)
})
export type FileChange = typeof FileChange.Type

/** How many files are named; of more, the number is known. */
export const mostFiles = 500

/** How much of a patch is kept, in characters; of a longer one, the length is known. */
export const mostPatch = 5_000_000

/** One thing that was expected, and what was found. */
export const ExpectationResult = Schema.Struct({
  /** In words: "`npm test` exits with 0". */
  expected: Schema.String,
  /** Null: it could not be told. */
  held: Schema.NullOr(Schema.Boolean),
  /** What was found; may be empty. */
  found: Schema.String,
  /** The end of what a command said. */
  output: Schema.optionalKey(Schema.String)
})
export type ExpectationResult = typeof ExpectationResult.Type

/** Unverified: nothing was expected, or it could not be told, or nothing was done at all. */
export const Verification = Schema.Literals(["verified", "unverified", "contradicted"])
export type Verification = typeof Verification.Type

/** What a branch has that its base does not have. */
export const BranchEvidence = Schema.Struct({
  workspace: WorkspaceId,
  branch: Schema.String,
  base: CommitId,
  /** Where the branch stood at the end. */
  head: CommitId,
  commits: Schema.Int,
  files: Schema.Array(FileChange),
  /** Of all files, also of those that are not named. */
  fileCount: Schema.Int,
  added: Schema.Int,
  removed: Schema.Int,
  /** SHA-256 of the whole patch. */
  patchHash: ResultHash,
  /** Length of the whole patch, in characters: the store may keep less. */
  patchChars: Schema.Int,
  /** Whether the pool committed what the worker had left uncommitted. */
  completed: Schema.Boolean,
  /** The branch that the work was asked for beside, and where that stood: what an approval is given for. */
  target: Schema.NullOr(ReviewTarget),
  /** What a person has to look at before it is merged: links that leave the tree, settings of tools, hooks. */
  warnings: Schema.Array(Schema.String),
  /** Whether links in it lead out of the tree, or are too many to be looked at; absent: none does. */
  escapes: Schema.optionalKey(Schema.Boolean)
})
export type BranchEvidence = typeof BranchEvidence.Type

export const Evidence = Schema.Struct({
  isolation: Isolation,
  /** Absent: it worked where everybody works, and nobody can tell what is whose. */
  branch: Schema.optionalKey(BranchEvidence),
  /** What changed outside of the workspace while the task ran, by it or by somebody else: in the checkout, in git. */
  outside: Schema.Array(Schema.String),
  toolCalls: Schema.Int,
  checks: Schema.Array(ExpectationResult),
  verification: Verification,
  /** What its worker was not allowed to do, where it came to no result that says so. */
  denials: Schema.optionalKey(Schema.Array(Denial))
})
export type Evidence = typeof Evidence.Type

/** Who does nothing has verified nothing, whatever was expected. */
export const verificationOf = (
  checks: ReadonlyArray<Pick<ExpectationResult, "held">>,
  done: { readonly toolCalls: number; readonly files: number }
): Verification => {
  if (checks.some(({ held }) => held === false)) return "contradicted"
  if (checks.length === 0 || checks.some(({ held }) => held === null)) return "unverified"
  return done.toolCalls === 0 && done.files === 0 ? "unverified" : "verified"
}
