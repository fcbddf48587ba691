/**
 * Workspaces: worktrees in which workers edit side by side. Each is on record before it is on disk, is somebody's, and is
 * put away only when nothing in it can be lost. What there is to do is in `workspaces/`, by phase.
 */
import { Context, type Effect, Layer, type Scope } from "effect"
import type { ChainId } from "../domain/ChainId.ts"
import type { CommitId } from "../domain/Commit.ts"
import type { Failure } from "../domain/Failure.ts"
import type { Isolation } from "../domain/Isolation.ts"
import type { SlotId } from "../domain/SlotId.ts"
import type { Task } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { WorkId } from "../domain/WorkId.ts"
import type {
  RepositoryPlace,
  Workspace,
  WorkspaceId,
  WorkspaceView,
  WorktreesPruned,
  WorktreesReply
} from "../domain/Workspace.ts"
import type { Checkout } from "./Git.ts"
import type { WorkspacesOptions } from "./workspaces/Options.ts"
import { makeWorking } from "./workspaces/Working.ts"

/** Somebody at work in a workspace. */
export interface Stay {
  readonly workspace: Workspace
  readonly checkout: Checkout
  /** Where workers start, and commands are run: what the asked directory is in the repository, it is in the worktree. */
  readonly cwd: string
  /** What workers and commands see beside their own environment: leased ports. */
  readonly env: Readonly<Record<string, string>>
}

/** A task that is at work in one now. */
export interface LiveStay {
  readonly task: TaskId
  readonly slot: SlotId
  readonly stay: Stay
}

export class Workspaces extends Context.Service<Workspaces, {
  /**
   * The workspace of a task, for one attempt on a slot: the one that it had before, one that was made ahead, or a new one.
   * Null: it works in its directory as it is. When the scope closes the attempt has left it. Where there can be none it
   * fails, and the task is not done elsewhere.
   */
  readonly enter: (task: Task, slot: SlotId) => Effect.Effect<Stay | null, Failure, Scope.Scope>
  /** The one workspace of a chain, for its own commands; null: it has none. */
  readonly ofChain: (
    chain: { readonly id: ChainId; readonly cwd: string; readonly isolation: Isolation; readonly base?: string }
  ) => Effect.Effect<Stay | null, Failure>
  /**
   * Nothing more is to come of that work: its workspace is put away, or kept where something would be lost, in the
   * background. Its branch stays, unless nothing is on it.
   */
  readonly leave: (id: WorkId) => Effect.Effect<void>
  /** A worktree at a commit that is thrown away when the scope closes: nothing in it is anybody's work. */
  readonly scratch: (
    repository: RepositoryPlace,
    commit: CommitId,
    holder: string
  ) => Effect.Effect<Stay, Failure, Scope.Scope>
  readonly live: Effect.Effect<ReadonlyArray<LiveStay>>
  /** Every workspace that there is, without those that are put away unless all are asked for. */
  readonly list: (options?: { readonly all?: boolean }) => Effect.Effect<WorktreesReply, Failure>
  /** One of them, with what lies in it. */
  readonly show: (id: WorkspaceId) => Effect.Effect<WorkspaceView, Failure>
  /** Puts what lies in it into a reference, and changes nothing in it. */
  readonly rescue: (id: WorkspaceId) => Effect.Effect<WorkspaceView, Failure>
  /** Puts away what nobody works in, with what it holds in references, and deletes branches that are merged. */
  readonly prune: (options: { readonly dryRun: boolean }) => Effect.Effect<WorktreesPruned, Failure>
  /** Waits until nothing is done in the background. */
  readonly idle: Effect.Effect<void>
}>()("claude-pool/services/Workspaces") {
  static readonly layer = (options: WorkspacesOptions) => Layer.effect(this, makeWorking(options))
}
