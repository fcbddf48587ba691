/**
 * What workspaces are to be like, and what of the machine they need: all of it is told.
 */
import type { Duration, Effect } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"

export interface SetUpOptions {
  /** Given to `sh -c` in each new worktree; null: nothing is run. */
  readonly command: string | null
  /** Files that its result depends on, by their paths in the worktree. */
  readonly keys: ReadonlyArray<string>
  /** What it makes and is kept, by the same. */
  readonly outputs: ReadonlyArray<string>
  readonly timeout: Duration.Duration
  /** Files of the checkout that a worktree gets a copy of. */
  readonly copy: ReadonlyArray<string>
  /** How many TCP ports each has to itself. */
  readonly ports: number
}

export interface WorkspacesMachine {
  /** Such as `linux-x64`: what was set up on one is of no use on another. */
  readonly platform: string
  /** Of the disk that a directory is on, in bytes; null: that cannot be told. */
  readonly freeDisk: (directory: string) => Effect.Effect<number | null>
  /** What a directory takes on its disk, in bytes. Never fails: what cannot be seen counts as nothing. */
  readonly diskUse: (directory: string) => Effect.Effect<number>
  /** A TCP port on which nobody listens; null: there is none. */
  readonly freePort: Effect.Effect<number | null>
  /** Copies a file or a directory; links in it are copied as links. Fails with a text. */
  readonly copyTree: (from: string, to: string) => Effect.Effect<void, string>
}

export interface WorkspacesOptions {
  /** Where all worktrees are: outside of every repository. */
  readonly directory: string
  /** How many are made ahead for each repository. */
  readonly spares: number
  /** What all of them may take, in bytes; null: as much as there is. */
  readonly mostBytes: number | null
  /** Free disk space below which none is made, in bytes. */
  readonly minFreeDisk: number
  readonly setUp: SetUpOptions
  /** What earlier pools have left is not seen to at the start, but before the first workspace is asked for. */
  readonly isPatient?: boolean
  /** What they are locked with, so that other pools see whose they are. */
  readonly lockReason: string
  readonly machine: WorkspacesMachine
}

/** Something other than git could not be done for a worktree. */
export const notDone = (repository: RepositoryPlace, detail: string): Failure =>
  new Failure({ reason: new GitFailed({ repository: repository.common, verb: "worktree", code: null, detail }) })
