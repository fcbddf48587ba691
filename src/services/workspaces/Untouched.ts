/**
 * Whether a worktree that was made ahead is as it was made: somebody may have written there all the same.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { resolveCommit } from "../git/Refs.ts"
import { statusOf } from "../git/Status.ts"

/** It stands at that commit, and nothing is in it that the commit does not have. */
export const isUntouched = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, base: CommitId): Effect.fn.Return<boolean, Failure> {
    if ((yield* resolveCommit(git, checkout, "HEAD")) !== base) return false
    return (yield* statusOf(git, checkout)).length === 0
  }
)
