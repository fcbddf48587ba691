/**
 * The workspaces of the store.
 */
import type { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Workspace, WorkspaceId } from "../../domain/Workspace.ts"

export interface WorkspaceStore {
  /** Keeps a workspace, durably, in the place of what was known of it. */
  readonly keep: (workspace: Workspace) => Effect.Effect<void, Failure>
  readonly find: (id: WorkspaceId) => Effect.Effect<Option.Option<Workspace>, Failure>
  /** Those of a holder, by `holderKey`. */
  readonly of: (holder: string) => Effect.Effect<ReadonlyArray<Workspace>, Failure>
  /** All of them, by their ids. */
  readonly all: Effect.Effect<ReadonlyArray<Workspace>, Failure>
  /** Forgets one of which nothing is left. */
  readonly forget: (id: WorkspaceId) => Effect.Effect<void, Failure>
}
