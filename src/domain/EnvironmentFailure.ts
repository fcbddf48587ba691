/**
 * Failures of what surrounds the pool: the CLI, the login, the store. Exit code 6.
 */
import { Schema } from "effect"
import type { ReasonFacts } from "./RetryClass.ts"

export class CliMissing extends Schema.TaggedError<CliMissing>()("CliMissing", {
  searched: Schema.Array(Schema.String)
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the claude CLI was not found (looked at: ${this.searched.join(", ")})`
  }
  get hint(): string {
    return "install it with `npm install -g @anthropic-ai/claude-code`, or name it with --claude or CLAUDE_POOL_CLAUDE; --simulate runs without it"
  }
}

export class CliUnusable extends Schema.TaggedError<CliUnusable>()("CliUnusable", {
  binary: Schema.String,
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the claude CLI at ${this.binary} cannot be used: ${this.detail}`
  }
  get hint(): string {
    return "update it with `npm install -g @anthropic-ai/claude-code`, or name another one with --claude; `claude-pool doctor` checks it"
  }
}

export class NotLoggedIn extends Schema.TaggedError<NotLoggedIn>()("NotLoggedIn", {
  /** HTTP status of the refusal, where there was one. */
  status: Schema.NullOr(Schema.Int),
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the worker is not logged in: ${this.detail}`
  }
  get hint(): string {
    return "start `claude` once and log in, or set ANTHROPIC_API_KEY; `claude-pool doctor` shows which login the workers use"
  }
}

export class StoreOwned extends Schema.TaggedError<StoreOwned>()("StoreOwned", {
  directory: Schema.String,
  /** Process id of the owner, where it could be read. */
  pid: Schema.NullOr(Schema.Int),
  /** What the owner said it is, such as `claude-pool serve`. */
  owner: Schema.NullOr(Schema.String)
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    const who = this.pid === null
      ? "another process"
      : `process ${this.pid}${this.owner === null ? "" : ` (${this.owner})`}`
    return `the store ${this.directory} is in use by ${who}`
  }
  get hint(): string {
    return "hand the work to that pool, end it, or use another store with --store; `status`, `list`, `result`, `output` and `wait` work beside it"
  }
}

const mostNamed = 5

/** The process that runs the pool did not answer any more. */
export class PoolLost extends Schema.TaggedError<PoolLost>()("PoolLost", {
  /** Of the process, where it is known. */
  pid: Schema.NullOr(Schema.Int),
  detail: Schema.String,
  /** What shows whether the call was heard, where that is not known and it must not be made twice. */
  look: Schema.optionalKey(Schema.String),
  /** What was waited for. */
  work: Schema.optionalKey(Schema.Array(Schema.String))
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    const who = this.pid === null ? "" : ` in process ${this.pid}`
    const heard = this.look === undefined ? "" : "; whether it has heard this call is unknown"
    return `the pool${who} does not answer any more: ${this.detail}${heard}`
  }
  get hint(): string {
    if (this.look !== undefined) return `before you ask again, see whether it was done: ${this.look}`
    const { work = [] } = this
    // A long list says no more than none: without names, all is waited for.
    if (work.length > 0) {
      const names = work.length > mostNamed ? "" : ` ${work.join(" ")}`
      return `what it had accepted is kept: \`claude-pool wait${names}\` goes on with it`
    }
    return "what it had accepted is kept: `claude-pool list` shows it, and `claude-pool wait` goes on with it"
  }
}

export class StoreUnusable extends Schema.TaggedError<StoreUnusable>()("StoreUnusable", {
  directory: Schema.String,
  problem: Schema.Literals(["corrupt", "newer", "exposed", "full", "read-only", "io"]),
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the store ${this.directory} cannot be used (${this.problem}): ${this.detail}`
  }
  /** Whether it may take writes again by itself, once there is space, or the disk is back, or is mounted for writing. */
  get mayPass(): boolean {
    return this.problem === "full" || this.problem === "io" || this.problem === "read-only"
  }
  get hint(): string {
    switch (this.problem) {
      case "corrupt":
        return "nothing was changed; keep a copy of the directory, then move it away or use another one with --store"
      case "newer":
        return "it was written by a newer claude-pool: update this one, or use another store with --store"
      case "exposed":
        return `it may have come with the repository, tasks to run included: look at it; if it is yours, make it so with \`chmod -R go= ${this.directory}\`, else remove it, or use another one with --store`
      case "full":
        return "free some disk space; everything that was accepted before is kept"
      case "read-only":
        return "make the directory writable, or use another store with --store"
      case "io":
        return "check the disk and the directory's owner; everything that was accepted before is kept"
    }
  }
}

/** What is asked for is a matter of the pool that runs, and none does. */
export class NoPool extends Schema.TaggedError<NoPool>()("NoPool", {
  directory: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `no pool runs for the store ${this.directory}`
  }
  get hint(): string {
    return "`claude-pool serve` starts one, `claude-pool wait` one for what waits; --store names another store"
  }
}

/** The process that was to run the pool did not come up. */
export class HostFailed extends Schema.TaggedError<HostFailed>()("HostFailed", {
  directory: Schema.String,
  detail: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    return `the host of the pool in ${this.directory} did not start: ${this.detail}`
  }
  get hint(): string {
    return `${this.directory}/host.log may say why; \`claude-pool serve\` shows it, and --in-process does without a host`
  }
}

/** The process that runs the pool is of another version, and is not to be replaced by this one. */
export class OtherVersion extends Schema.TaggedError<OtherVersion>()("OtherVersion", {
  directory: Schema.String,
  pid: Schema.NullOr(Schema.Int),
  /** Of the process that runs the pool. */
  theirs: Schema.String,
  ours: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    const who = this.pid === null ? "another process" : `process ${this.pid}`
    return `the pool in ${this.directory} is run by claude-pool ${this.theirs} (${who}), and this is ${this.ours}`
  }
  get hint(): string {
    return `use ${this.theirs} here too; or end that pool with \`claude-pool stop\`, and the next command starts its own`
  }
}

/** The process that runs the pool has workers of another kind: real ones, or simulated ones. */
export class OtherWorkers extends Schema.TaggedError<OtherWorkers>()("OtherWorkers", {
  directory: Schema.String,
  pid: Schema.NullOr(Schema.Int),
  /** Whether its workers are simulated. */
  simulate: Schema.Boolean
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 6
  override get message(): string {
    const who = this.pid === null ? "another process" : `process ${this.pid}`
    const [theirs, ours] = this.simulate ? ["simulated", "real"] : ["real", "simulated"]
    return `the pool in ${this.directory} is run by ${who} with ${theirs} workers, and this command asks for ${ours} ones`
  }
  get hint(): string {
    return `${
      this.simulate ? "add --simulate" : "leave --simulate out"
    }, or use another store with --store; \`claude-pool stop\` ends that pool`
  }
}

export const EnvironmentReason = Schema.Union([
  CliMissing,
  CliUnusable,
  NotLoggedIn,
  StoreOwned,
  PoolLost,
  StoreUnusable,
  NoPool,
  HostFailed,
  OtherVersion,
  OtherWorkers
])
