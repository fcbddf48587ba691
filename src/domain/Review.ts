/**
 * What reviewers say of a result: an approval binds to what was seen, a rejection says what is wrong with it.
 */
import { Schema } from "effect"
import { CommitId } from "./Commit.ts"

/** The hash of a result as it was presented: its whole text and its structured answer. */
export const ResultHash = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/, { expected: "the hash of a result, as its review shows it" })
)
export type ResultHash = typeof ResultHash.Type

/** A branch that work is meant for, and where it stands. */
export const ReviewTarget = Schema.Struct({ branch: Schema.String, tip: CommitId })
export type ReviewTarget = typeof ReviewTarget.Type

/** The word that lets a result pass, bound to what was seen. */
export const Approval = Schema.Struct({
  at: Schema.DateTimeUtcFromMillis,
  hash: ResultHash,
  /** May be empty. */
  note: Schema.String,
  /** Where the target stood when it was approved once more; absent: where it stood when the result was presented. */
  target: Schema.optionalKey(ReviewTarget)
})
export type Approval = typeof Approval.Type

/** The word that sends a result back. */
export const Rejection = Schema.Struct({
  at: Schema.DateTimeUtcFromMillis,
  /** The attempt that had come to the result. */
  attempt: Schema.Int,
  hash: ResultHash,
  feedback: Schema.NonEmptyString
})
export type Rejection = typeof Rejection.Type

/** Who lets results pass over MCP: the session's model by itself, or the person at it. */
export const Reviewer = Schema.Literals(["coordinator", "human"])
export type Reviewer = typeof Reviewer.Type
