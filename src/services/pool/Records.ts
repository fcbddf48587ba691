/**
 * Workspaces and landings as the store has them: what can be said of them without git.
 */
import { Effect, Option } from "effect"
import type { WorktreesOptions } from "../../domain/CallOptions.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import { viewWorkspace, type WorkspaceId, type WorktreesReply } from "../../domain/Workspace.ts"
import { reportOf } from "../merge/Reports.ts"
import { Store } from "../Store.ts"

export const makeRecords = Effect.gen(function*() {
  const store = yield* Store
  return {
    worktrees: Effect.fn("Pool.worktrees")(
      function*({ all = false }: WorktreesOptions = {}): Effect.fn.Return<WorktreesReply, Failure> {
        const known = yield* store.workspaces.all
        const workspaces = known.filter(({ state }) => all || state._tag !== "Away").map(viewWorkspace)
        return { workspaces, bytes: 0 }
      }
    ),
    worktree: Effect.fn("Pool.worktree")(function*(id: WorkspaceId) {
      const found = Option.getOrNull(yield* store.workspaces.find(id))
      return found === null ? yield* fail(new NotFound({ id })) : viewWorkspace(found)
    }),
    merges: Effect.map(store.merges.all, (merges) => merges.toReversed().map((merge) => reportOf(merge, []))).pipe(
      Effect.withSpan("Pool.merges")
    )
  }
})
