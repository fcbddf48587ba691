/**
 * Takes a landing back, as long as nothing has come since: what would have to be taken out of the middle is left to git.
 */
import { DateTime, Effect } from "effect"
import { branchOf, branchRef } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import { Merge } from "../../domain/Merge.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { deleteRef, resolveCommit } from "../git/Refs.ts"
import { revertCommand } from "./Reports.ts"
import type { Move } from "./Targets.ts"

const refused = (issue: string, hint: string) => new Failure({ reason: new InvalidRequest({ issues: [issue], hint }) })

/** The landing as it is then. To be run under the repository's lock. */
export const takeBack = Effect.fnUntraced(
  function*(git: Git["Service"], move: Move, merge: Merge): Effect.fn.Return<Merge, Failure> {
    const { after, before, id, repository, target, updated } = merge
    const main = mainCheckout(repository)
    const tip = yield* resolveCommit(git, main, branchRef(target))
    if (updated && tip !== before) {
      if (tip !== after) {
        return yield* refused(
          `${target} has moved on since ${id} landed on it`,
          `take it out with a commit, on ${target}: \`${revertCommand(merge)}\``
        )
      }
      const why = yield* move(git, repository, { branch: target, from: after, to: before })
      if (why !== null) return yield* refused(`${id} cannot be taken back: ${why}`, "see to that, then undo it again")
    }
    const landing = { ref: branchRef(branchOf(id)), from: after }
    if ((yield* resolveCommit(git, main, landing.ref)) === after) yield* deleteRef(git, main, landing)
    return new Merge({ ...merge, undoneAt: yield* DateTime.now })
  }
)
