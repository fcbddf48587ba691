/**
 * A workspace: a worktree of a repository, outside of its tree, with what the pool knows of it. It is on record before it
 * is on disk, and stays on record until nothing of it is left to be lost.
 */
import { DateTime, Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { CommitId } from "./Commit.ts"
import { idOf, randomId } from "./RandomId.ts"
import { formatSlotId, SlotId } from "./SlotId.ts"
import { TaskId } from "./TaskId.ts"

/** The id of a workspace: `w_` and sixteen letters and digits. */
export const WorkspaceId = idOf("w", "workspace").pipe(Schema.brand("WorkspaceId"))
export type WorkspaceId = typeof WorkspaceId.Type

/** An id made of random bytes. */
export const workspaceIdFrom = (bytes: Uint8Array): WorkspaceId => WorkspaceId.make(randomId("w", bytes))

/** Who works in it. */
export const Holder = Schema.TaggedUnion({
  Task: { id: TaskId },
  Chain: { id: ChainId },
  /** A slot keeps it from task to task; `task` is the one that works in it now, or worked in it last. */
  Slot: { slot: SlotId, task: Schema.NullOr(TaskId) },
  /** Nobody yet: it was made ahead. */
  Spare: {},
  /** The merge desk: it is thrown away after a landing. */
  Landing: { id: Schema.String }
})
export type Holder = typeof Holder.Type

/** By this the store finds the workspaces of a holder: its id, or `slot-3`. */
export const holderKey = (holder: Holder): string =>
  Holder.match(holder, {
    Task: ({ id }) => id,
    Chain: ({ id }) => id,
    Slot: ({ slot }) => formatSlotId(slot),
    Spare: () => "",
    Landing: ({ id }) => id
  })

/** Which repository, whatever path it was reached by. */
export const RepositoryPlace = Schema.Struct({
  /** The git directory that all worktrees of the repository share; a real path. */
  common: Schema.String,
  /** The git directory of the checkout that the work was asked for in. */
  gitDir: Schema.String,
  /** The top of that checkout; null: the repository is bare. */
  checkout: Schema.NullOr(Schema.String)
})
export type RepositoryPlace = typeof RepositoryPlace.Type

/** What the set-up of a workspace came to. */
export const SetUp = Schema.Struct({
  command: Schema.String,
  /** Null: it was ended by a signal. */
  exitCode: Schema.NullOr(Schema.Int),
  /** The end of what it said. */
  output: Schema.String,
  /** Whether its result came from the cache, and the command was not run. */
  cached: Schema.Boolean
})
export type SetUp = typeof SetUp.Type

/** How a workspace stands. */
export const WorkspaceState = Schema.TaggedUnion({
  /** It is being made: of it there may be anything on disk, or nothing. */
  Making: {},
  Ready: {},
  /** It is left where it is, for it could not be put away without losing something. */
  Kept: { why: Schema.String },
  /** Its directory has been put away; it can be made again in the same place. */
  Away: {}
})
export type WorkspaceState = typeof WorkspaceState.Type

export class Workspace extends Schema.Class<Workspace>("claude-pool/Workspace")({
  id: WorkspaceId,
  holder: Holder,
  repository: RepositoryPlace,
  /** The top of the worktree; an absolute, real path that never changes. */
  path: Schema.String,
  /** The worktree's own git directory, below `common`. */
  gitDir: Schema.String,
  /** The branch that the work is on, such as `cp/t_…`; null: none yet. */
  branch: Schema.NullOr(Schema.String),
  /** What the branch began at. */
  base: CommitId,
  state: WorkspaceState,
  madeAt: Schema.DateTimeUtcFromMillis,
  /** When somebody last began or ended work in it. */
  usedAt: Schema.DateTimeUtcFromMillis,
  /** Null: there was none. */
  setUp: Schema.NullOr(SetUp),
  /** TCP ports that are leased to it. */
  ports: Schema.Array(Schema.Int),
  /** References that hold work of it which is on no branch. */
  rescues: Schema.Array(Schema.String)
}) {}

/** A workspace as every surface shows it. */
export const WorkspaceView = Schema.Struct({
  id: Schema.String,
  state: Schema.Literals(["making", "ready", "kept", "away"]),
  /** The task, chain or slot that has it; absent: it was made ahead, or is the merge desk's. */
  holder: Schema.optionalKey(Schema.String),
  path: Schema.String,
  repository: Schema.String,
  branch: Schema.optionalKey(Schema.String),
  base: Schema.String,
  /** What of it is not committed: absent where that was not looked at. */
  uncommitted: Schema.optionalKey(Schema.Int),
  /** Commits on the branch that its base does not have: absent where that was not looked at. */
  commits: Schema.optionalKey(Schema.Int),
  bytes: Schema.optionalKey(Schema.Int),
  why: Schema.optionalKey(Schema.String.annotate({ description: "Why it is kept" })),
  set_up: Schema.optionalKey(SetUp),
  ports: Schema.optionalKey(Schema.Array(Schema.Int)),
  rescues: Schema.optionalKey(Schema.Array(Schema.String)),
  made_at: Schema.String,
  used_at: Schema.String
})
export type WorkspaceView = typeof WorkspaceView.Type

const states: { readonly [S in WorkspaceState["_tag"]]: WorkspaceView["state"] } = {
  Making: "making",
  Ready: "ready",
  Kept: "kept",
  Away: "away"
}

/** What can be said of one without git. */
export const viewWorkspace = (workspace: Workspace): WorkspaceView => {
  const { base, branch, holder, id, madeAt, path, ports, repository, rescues, setUp, state, usedAt } = workspace
  const held = holder._tag === "Spare" || holder._tag === "Landing" ? "" : holderKey(holder)
  return {
    id,
    state: states[state._tag],
    ...(held === "" ? {} : { holder: held }),
    path,
    repository: repository.checkout ?? repository.common,
    ...(branch === null ? {} : { branch }),
    base,
    ...(state._tag === "Kept" ? { why: state.why } : {}),
    ...(setUp === null ? {} : { set_up: setUp }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(rescues.length === 0 ? {} : { rescues }),
    made_at: DateTime.formatIso(madeAt),
    used_at: DateTime.formatIso(usedAt)
  }
}

/** The workspaces of a store. */
export const WorktreesReply = Schema.Struct({
  workspaces: Schema.Array(WorkspaceView),
  /** Of all of them on disk, as far as that was counted. */
  bytes: Schema.Int
})
export type WorktreesReply = typeof WorktreesReply.Type

/** What a clean-up came to. */
export const WorktreesPruned = Schema.Struct({
  dry_run: Schema.Boolean,
  /** Put away, with nothing to rescue. */
  removed: Schema.Array(Schema.String),
  /** Put away after what was in it went to a reference. */
  rescued: Schema.Array(Schema.Struct({ id: Schema.String, refs: Schema.Array(Schema.String) })),
  /** Left where they are, and why. */
  kept: Schema.Array(Schema.Struct({ id: Schema.String, why: Schema.String })),
  /** Branches of finished work that is part of another branch by now. */
  branches: Schema.Array(Schema.String)
})
export type WorktreesPruned = typeof WorktreesPruned.Type
