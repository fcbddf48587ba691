/**
 * Landings that were on record before they were done: where the pool was ended in between, what became of them is seen from
 * the repository, and what is missing is made up for.
 */
import { Effect, Option } from "effect"
import { branchOf, branchRef } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { Merge } from "../../domain/Merge.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { treesOf } from "../git/Commits.ts"
import { treeOf, withIndex } from "../git/OwnIndex.ts"
import { currentBranch, isAncestor, moveRef, resolveCommit } from "../git/Refs.ts"
import type { Store } from "../Store.ts"

/** Over, whatever has become of it. */
export const ended = (merge: Merge, how: Pick<Merge, "updated" | "notUpdated">): Merge => {
  const { pending: _, ...rest } = merge
  return new Merge({ ...rest, ...how })
}

/** Whether the files of the user's checkout are there already, and only its branch is not. */
const hasFiles = Effect.fnUntraced(
  function*(git: Git["Service"], { after, repository, target }: Merge): Effect.fn.Return<boolean, Failure> {
    const main = mainCheckout(repository)
    if (repository.checkout === null || (yield* currentBranch(git, main)) !== target) return false
    return yield* Effect.scoped(Effect.gen(function*() {
      const tree = yield* treeOf(withIndex(git, yield* git.indexCopy(main)), main)
      return tree === (yield* treesOf(git, main, [after]))[0]
    }))
  }
)

const seen = Effect.fnUntraced(
  function*(git: Git["Service"], merge: Merge): Effect.fn.Return<Merge, Failure> {
    const { after, before, id, pending, repository, target } = merge
    const main = mainCheckout(repository)
    const own = branchRef(branchOf(id))
    if ((yield* resolveCommit(git, main, own)) === null) yield* moveRef(git, main, { ref: own, to: after, from: null })
    if (pending === "branch") return ended(merge, merge)
    const ref = branchRef(target)
    if ((yield* resolveCommit(git, main, ref)) === before && (yield* hasFiles(git, merge))) {
      yield* moveRef(git, main, { ref, from: before, to: after })
    }
    const tip = yield* resolveCommit(git, main, ref)
    const updated = tip !== null && (yield* isAncestor(git, main, after, tip))
    return ended(merge, { updated, notUpdated: updated ? null : "the pool was ended before it was moved" })
  }
)

/** A landing as it is by now. Of one that cannot be looked at, what is on record. */
export const settled = (git: Git["Service"], store: Store["Service"]) => (merge: Merge): Effect.Effect<Merge> => {
  if (merge.pending === undefined) return Effect.succeed(merge)
  // One that is only just landing holds the lock.
  const now = Effect.gen(function*() {
    const kept = Option.getOrElse(yield* store.merges.find(merge.id), () => merge)
    if (kept.pending === undefined) return kept
    const then = yield* seen(git, kept)
    yield* store.merges.keep(then)
    return then
  })
  return git.locked(merge.repository)(Effect.uninterruptible(now)).pipe(
    Effect.catch((failure) => Effect.as(Effect.logDebug(`what became of ${merge.id} is not known`, failure), merge))
  )
}
