/**
 * The clean-up on demand: what nobody holds is put away, and branches go whose work is part of another branch.
 */
import { Effect } from "effect"
import { branchRef } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Workspace, WorktreesPruned } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { deleteRef, resolveCommit } from "../git/Refs.ts"
import { isHeldElsewhere } from "../git/Strays.ts"
import { Store } from "../Store.ts"
import type { Clearing } from "./Clearing.ts"
import type { Unsavable } from "./Unsavable.ts"

export interface PruningOptions {
  readonly putAway: Clearing["putAway"]
  /** Whether nothing would be lost. */
  readonly look: (workspace: Workspace) => Effect.Effect<boolean, Failure | Unsavable>
}

interface Found {
  readonly workspace: Workspace
  readonly as: "removed" | "rescued" | "kept" | "away"
  readonly refs: ReadonlyArray<string>
  readonly why: string
}

export const makePruning = Effect.fnUntraced(function*({ look, putAway }: PruningOptions) {
  const git = yield* Git
  const store = yield* Store

  const forecast = (workspace: Workspace): Effect.Effect<Found> =>
    look(workspace).pipe(
      Effect.map((clean): Found => ({ workspace, as: clean ? "removed" : "rescued", refs: [], why: "" })),
      Effect.catch(({ message }) => Effect.succeed<Found>({ workspace, as: "kept", refs: [], why: message }))
    )

  const clear = (workspace: Workspace) =>
    Effect.map(putAway(workspace), (cleared): Found =>
      cleared._tag === "Kept"
        ? { workspace: cleared.workspace, as: "kept", refs: [], why: cleared.why }
        : {
          workspace: cleared.workspace,
          as: cleared.rescued.length === 0 ? "removed" : "rescued",
          refs: cleared.rescued,
          why: ""
        })

  /** The name of a branch that went, or would go: another branch has all of it. */
  const merged = Effect.fnUntraced(function*({ branch, repository }: Workspace, dryRun: boolean) {
    if (branch === null) return []
    const main = mainCheckout(repository)
    const ref = branchRef(branch)
    const tip = yield* resolveCommit(git, main, ref)
    if (tip === null || !(yield* isHeldElsewhere(git, main, { ref, tip, among: "branches" }))) return []
    if (!dryRun) yield* deleteRef(git, main, { ref, from: tip })
    return [branch]
  })

  return Effect.fn("Clearing.prune")(function*(
    { dryRun, isHeld }: { readonly dryRun: boolean; readonly isHeld: (workspace: Workspace) => boolean }
  ): Effect.fn.Return<WorktreesPruned, Failure> {
    const free = (yield* store.workspaces.all).filter((one) => one.state._tag !== "Making" && !isHeld(one))
    const found = yield* Effect.forEach(free, (workspace): Effect.Effect<Found, Failure> => {
      if (workspace.state._tag === "Away") return Effect.succeed({ workspace, as: "away", refs: [], why: "" })
      return dryRun ? forecast(workspace) : clear(workspace)
    })
    const gone = found.filter(({ as }) => as !== "kept")
    const branches = yield* Effect.forEach(
      gone,
      ({ workspace }) =>
        git.locked(workspace.repository)(merged(workspace, dryRun)).pipe(
          // A repository that was moved or deleted has no branches to be cleaned up.
          Effect.orElseSucceed((): ReadonlyArray<string> => [])
        )
    )
    const ids = (as: Found["as"]) => found.filter((one) => one.as === as)
    return {
      dry_run: dryRun,
      removed: ids("removed").map(({ workspace }) => workspace.id),
      rescued: ids("rescued").map(({ refs, workspace }) => ({ id: workspace.id, refs })),
      kept: ids("kept").map(({ why, workspace }) => ({ id: workspace.id, why })),
      branches: branches.flat()
    }
  })
})
