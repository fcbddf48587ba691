/**
 * The merge desk: what it is asked, what it foresees, and what it did.
 */
import { Schema, Struct } from "effect"
import { CommitId } from "./Commit.ts"
import { idOf, randomId } from "./RandomId.ts"
import { WorkId } from "./WorkId.ts"
import { RepositoryPlace } from "./Workspace.ts"

/** The id of a landing: `m_` and sixteen letters and digits. */
export const MergeId = idOf("m", "merge").pipe(Schema.brand("MergeId"))
export type MergeId = typeof MergeId.Type

/** Whether a text is the id of a landing. */
export const isMergeId = Schema.is(MergeId)

/** An id made of random bytes. */
export const mergeIdFrom = (bytes: Uint8Array): MergeId => MergeId.make(randomId("m", bytes))

/** What a commit of a landing is marked with, beside the tasks that it is of. */
export const mergeTrailer = "Claude-Pool-Merge"

/** How a branch lands. */
export const MergeStrategy = Schema.Literals(["merge", "squash", "rebase"])
export type MergeStrategy = typeof MergeStrategy.Type

/** Which work is to land, where, how, and after which checks. */
export const MergeRequest = Schema.Struct({
  /** In the order in which they are to land; of a group its items, of a chain its branch. */
  ids: Schema.Array(WorkId),
  ...Struct.map(
    {
      /** The branch to land on; without it, the one that is checked out where the work was asked for. */
      into: Schema.NonEmptyString,
      strategy: MergeStrategy,
      /** Given to `sh -c` after each landing, in the scratch worktree; each has to exit with 0. */
      checks: Schema.Array(Schema.NonEmptyString),
      /** Moves the target on to what has landed: only by fast-forward, and a checkout of it only when it is clean. */
      update: Schema.Boolean,
      /** What becomes of a branch that conflicts: a report, or a task for a worker. */
      onConflict: Schema.Literals(["report", "task"])
    },
    Schema.optionalKey
  )
})
export type MergeRequest = typeof MergeRequest.Type

/** A place where both sides differ. */
export const ConflictHunk = Schema.Struct({
  path: Schema.String,
  /** Such as "content", "modify/delete", "rename/rename", "binary". */
  kind: Schema.String,
  /** The file with git's conflict marks around both sides, as far as it is shown; empty where there is no text. */
  text: Schema.String
})
export type ConflictHunk = typeof ConflictHunk.Type

/** What would conflict: each branch alone, and with those before it. */
export const MergeForecast = Schema.Struct({
  target: Schema.Struct({ branch: Schema.String, tip: Schema.String }),
  branches: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      branch: Schema.String,
      head: Schema.String,
      files: Schema.Int,
      added: Schema.Int,
      removed: Schema.Int,
      /** Against the target alone. `landed`: the target has it already. */
      onto: Schema.Literals(["clean", "conflict", "landed", "empty"]),
      conflicts: Schema.optionalKey(Schema.Array(ConflictHunk)),
      warnings: Schema.optionalKey(Schema.Array(Schema.String))
    })
  ),
  /** Of two branches, what conflicts between them. */
  pairs: Schema.Array(
    Schema.Struct({ first: Schema.String, second: Schema.String, paths: Schema.Array(Schema.String) })
  ),
  /** Items of a group that are not done, and have nothing to land yet. */
  unfinished: Schema.optionalKey(Schema.Array(Schema.Struct({ id: Schema.String, detail: Schema.String })))
})
export type MergeForecast = typeof MergeForecast.Type

/** A branch that has landed, and the commit that it has landed as. */
export const LandedBranch = Schema.Struct({ id: Schema.String, branch: Schema.String, commit: Schema.String })

/** A branch that has not landed, and why. */
export const LeftBranch = Schema.Struct({
  id: Schema.String,
  branch: Schema.String,
  /**
   * `check`: with it a check is red. `lost`: lines that it or another one added would have vanished. `unfinished`: it is an
   * item of a group that is not done.
   */
  why: Schema.Literals(["conflict", "check", "lost", "landed", "empty", "unfinished"]),
  detail: Schema.String,
  conflicts: Schema.optionalKey(Schema.Array(ConflictHunk)),
  /** The end of what the check said. */
  output: Schema.optionalKey(Schema.String),
  /** The task that was made of the conflict. */
  task: Schema.optionalKey(Schema.String)
})
export type LeftBranch = typeof LeftBranch.Type

/** What has landed, and what was left. */
export const MergeReport = Schema.Struct({
  id: Schema.String,
  target: Schema.String,
  strategy: MergeStrategy,
  /** Where the target stood. */
  before: Schema.String,
  /** What has landed, all of it; the same as `before` where nothing has. */
  after: Schema.String,
  /** The branch that holds it: `cp/m_…`; absent where nothing has landed. */
  branch: Schema.optionalKey(Schema.String),
  landed: Schema.Array(LandedBranch),
  left: Schema.Array(LeftBranch),
  /** Whether the target was moved on to it. */
  updated: Schema.Boolean,
  /** Why not, where that was asked for. */
  not_updated: Schema.optionalKey(Schema.String),
  undone: Schema.Boolean,
  at: Schema.String,
  /** The exact commands that push it and ask for its review. */
  commands: Schema.Array(Schema.String)
})
export type MergeReport = typeof MergeReport.Type

/** A landing as the store keeps it, so that it can be undone, and told from what others did to the target. */
export class Merge extends Schema.Class<Merge>("claude-pool/Merge")({
  id: MergeId,
  repository: RepositoryPlace,
  target: Schema.String,
  strategy: MergeStrategy,
  before: CommitId,
  after: CommitId,
  landed: Schema.Array(LandedBranch),
  left: Schema.Array(LeftBranch),
  updated: Schema.Boolean,
  notUpdated: Schema.NullOr(Schema.String),
  undoneAt: Schema.NullOr(Schema.DateTimeUtcFromMillis),
  at: Schema.DateTimeUtcFromMillis,
  /** It is on record before it is done: first its branch is made, then the target moved. Absent: both are over. */
  pending: Schema.optionalKey(Schema.Literals(["branch", "target"]))
}) {}
