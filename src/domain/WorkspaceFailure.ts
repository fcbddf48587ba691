/**
 * Failures of workspaces, of git, and of what is expected of work.
 */
import { Schema } from "effect"
import { Bytes, roughBytes } from "./ByteSize.ts"
import { ExpectationResult } from "./Evidence.ts"
import type { ReasonFacts } from "./RetryClass.ts"

/** A workspace was asked for, and there can be none. The work is not done elsewhere in its place. */
export class IsolationImpossible extends Schema.TaggedError<IsolationImpossible>()("IsolationImpossible", {
  directory: Schema.String,
  cause: Schema.Literals([
    "no-repository",
    "no-commit",
    "no-base",
    "filters",
    "partial-clone",
    "unsupported",
    "no-git",
    "not-outside",
    "changed"
  ]),
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `there can be no workspace for ${this.directory}: ${this.detail}`
  }
  get hint(): string {
    return this.cause === "no-base"
      ? "name another with --base, or leave it out to begin at what is checked out"
      : "name a directory of a git repository with --cwd, or work in the directory itself with --isolation shared"
  }
}

/** Git did not do what it was asked. */
export class GitFailed extends Schema.TaggedError<GitFailed>()("GitFailed", {
  repository: Schema.String,
  /** The verb, such as `worktree add`. */
  verb: Schema.String,
  /** Null: it was ended by a signal, or never ran. */
  code: Schema.NullOr(Schema.Int),
  /** The end of what it said. */
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 6
  override get message(): string {
    return `git ${this.verb} failed in ${this.repository}: ${this.detail}`
  }
  get hint(): string {
    return "look at the repository with `git status` and `git worktree list`; `claude-pool doctor` checks git"
  }
}

/** Another process has the repository's lock, and does not let go of it. */
export class RepositoryLocked extends Schema.TaggedError<RepositoryLocked>()("RepositoryLocked", {
  repository: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 6
  override get message(): string {
    return `another pool is at work on the repository ${this.repository}, and does not let go of it`
  }
  get hint(): string {
    return "wait for it, or end it: `claude-pool doctor` looks for leftovers"
  }
}

/** The command that sets workspaces up did not exit with 0. */
export class SetUpFailed extends Schema.TaggedError<SetUpFailed>()("SetUpFailed", {
  command: Schema.String,
  /** Null: it was ended by a signal, or by its time limit. */
  code: Schema.NullOr(Schema.Int),
  output: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    const how = this.code === null ? "was ended" : `exited with ${this.code}`
    return `the set-up of the workspace ${how}: \`${this.command}\``
  }
  get hint(): string {
    return "its output says why; correct the setting workspace_setup, then retry the task"
  }
}

/** There is no room for another workspace. */
export class WorkspaceQuota extends Schema.TaggedError<WorkspaceQuota>()("WorkspaceQuota", {
  directory: Schema.String,
  used: Bytes,
  limit: Bytes,
  /** Which of the two bounds it is. */
  of: Schema.Literals(["workspaces", "disk"])
}) implements ReasonFacts {
  readonly retryClass = "process"
  readonly exitCode = 6
  override get message(): string {
    return this.of === "disk"
      ? `only ${roughBytes(this.used)} are free on the disk of ${this.directory}, and ${
        roughBytes(this.limit)
      } have to stay`
      : `the workspaces in ${this.directory} take ${roughBytes(this.used)}, and may take ${roughBytes(this.limit)}`
  }
  get hint(): string {
    return "`claude-pool worktrees prune` puts away what is not needed; the setting workspace_bytes says how much they may take"
  }
}

/** What the task declared of its work does not hold. */
export class Contradicted extends Schema.TaggedError<Contradicted>()("Contradicted", {
  /** Those that do not hold. */
  checks: Schema.Array(ExpectationResult)
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the work is not what was expected: ${this.checks.map(({ expected }) => expected).join("; ")}`
  }
  get hint(): string {
    return "what it did is kept on its branch: `claude-pool diff <id>` shows it; say in the prompt what is expected, then retry"
  }
}

/** It cannot be merged as it is. */
export class NotMergeable extends Schema.TaggedError<NotMergeable>()("NotMergeable", {
  id: Schema.String,
  detail: Schema.String,
  hint: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `${this.id} cannot be merged: ${this.detail}`
  }
}

export const WorkspaceReason = Schema.Union([
  IsolationImpossible,
  GitFailed,
  RepositoryLocked,
  SetUpFailed,
  WorkspaceQuota,
  Contradicted,
  NotMergeable
])
