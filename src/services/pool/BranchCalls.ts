/**
 * The calls of a pool about worktrees and branches. Where there is no git, what is on record is all that can be told.
 */
import { Effect, Option } from "effect"
import { fail, type Failure } from "../../domain/Failure.ts"
import type { MergeId, MergeRequest } from "../../domain/Merge.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { WorkId } from "../../domain/WorkId.ts"
import type { WorkspaceId } from "../../domain/Workspace.ts"
import { MergeDesk } from "../MergeDesk.ts"
import { Workspaces } from "../Workspaces.ts"
import { makeRecords } from "./Records.ts"

const missing = (what: string) =>
  fail(
    new InvalidRequest({
      issues: [`this pool has no ${what}`],
      hint: "compose it with the layers that make them, or ask a pool that `claude-pool` runs"
    })
  )

const orMissing = <A>(found: Option.Option<A>, what: string): Effect.Effect<A, Failure> =>
  Option.match(found, { onNone: () => missing(what), onSome: Effect.succeed })

export const makeBranchCalls = Effect.gen(function*() {
  const records = yield* makeRecords
  const workspaces = yield* Effect.serviceOption(Workspaces)
  const desk = yield* Effect.serviceOption(MergeDesk)
  const ours = orMissing(workspaces, "workspaces")
  const merging = orMissing(desk, "merge desk")

  return {
    worktrees: Option.match(workspaces, { onNone: () => records.worktrees, onSome: ({ list }) => list }),
    worktree: Option.match(workspaces, { onNone: () => records.worktree, onSome: ({ show }) => show }),
    rescueWorktree: (id: WorkspaceId) => Effect.flatMap(ours, ({ rescue }) => rescue(id)),
    pruneWorktrees: (options: { readonly dryRun: boolean }) => Effect.flatMap(ours, ({ prune }) => prune(options)),
    mergeForecast: (request: MergeRequest) => Effect.flatMap(merging, ({ forecast }) => forecast(request)),
    merge: (request: MergeRequest) => Effect.flatMap(merging, ({ merge }) => merge(request)),
    undoMerge: (id: MergeId) => Effect.flatMap(merging, ({ undo }) => undo(id)),
    merges: Option.match(desk, { onNone: () => records.merges, onSome: ({ list }) => list }),
    publication: (id: WorkId | MergeId) => Effect.flatMap(merging, ({ publication }) => publication(id))
  }
})
