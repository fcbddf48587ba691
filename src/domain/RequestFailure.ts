/**
 * Failures of a call to the pool: nothing was started and nothing was spent.
 */
import { Schema } from "effect"
import { Permissions } from "./Permissions.ts"
import type { ReasonFacts } from "./RetryClass.ts"

export class InvalidRequest extends Schema.TaggedError<InvalidRequest>()("InvalidRequest", {
  /** One line each, with the path of the field. */
  issues: Schema.Array(Schema.String),
  hint: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return this.issues.join("; ")
  }
}

export class InvalidSetting extends Schema.TaggedError<InvalidSetting>()("InvalidSetting", {
  /** Where it was found: a flag, a variable, a file. */
  origin: Schema.String,
  key: Schema.String,
  detail: Schema.String,
  hint: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `${this.origin}: ${this.key}: ${this.detail}`
  }
}

export class NotFound extends Schema.TaggedError<NotFound>()("NotFound", {
  id: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return this.#isSlot ? `there is no ${this.id}` : `there is no ${this.#kind} ${this.id} in this store`
  }
  get hint(): string {
    return this.#isSlot
      ? "`claude-pool slots` shows which there are; a slot that is scaled away counts no more"
      : `\`claude-pool ${lists[this.#kind] ?? "list"}\` shows what there is; --store names another store`
  }
  get #isSlot(): boolean {
    return this.id.startsWith("slot-")
  }
  get #kind(): string {
    return kinds[this.id.slice(0, 2)] ?? "work"
  }
}

const kinds: { readonly [prefix: string]: string } = {
  t_: "task",
  g_: "group",
  c_: "chain",
  w_: "worktree",
  m_: "landing"
}

/** The commands that list what `list` does not. */
const lists: { readonly [kind: string]: string } = { worktree: "worktrees", landing: "merge list" }

/** Only a result that waits for its review can be approved or rejected. */
export class NotInReview extends Schema.TaggedError<NotInReview>()("NotInReview", {
  id: Schema.String,
  state: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `${this.id} is ${this.state} and not in review`
  }
  get hint(): string {
    return "`claude-pool list --state review` shows what waits for a review"
  }
}

/** The approval was meant for another result than the one that is there now. */
export class ReviewOutdated extends Schema.TaggedError<ReviewOutdated>()("ReviewOutdated", {
  id: Schema.String,
  seen: Schema.String,
  now: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `the result of ${this.id} is not the one that was seen: it was ${this.seen.slice(0, 12)} and is ${
      this.now.slice(0, 12)
    }`
  }
  get hint(): string {
    return "look at the result again, then approve the hash that it shows"
  }
}

/** A worker tried to do what only people and coordinators may. */
export class NotForWorkers extends Schema.TaggedError<NotForWorkers>()("NotForWorkers", {
  what: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `a worker cannot ${this.what}`
  }
  get hint(): string {
    return "leave it to the person or the session that the work is done for"
  }
}

/** A chain, or a plan file, that cannot be run as it is. */
export class InvalidPlan extends Schema.TaggedError<InvalidPlan>()("InvalidPlan", {
  /** The file, or what else it was read from. */
  origin: Schema.String,
  /** Lines and columns count from 1; null where there is no text to point at. */
  issues: Schema.Array(Schema.Struct({
    line: Schema.NullOr(Schema.Int),
    column: Schema.NullOr(Schema.Int),
    message: Schema.String
  }))
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return this.issues.map(({ column, line, message }) =>
      `${this.origin}${line === null ? "" : `:${line}:${column}`}: ${message}`
    ).join("\n")
  }
  get hint(): string {
    return "nothing was started; correct the plan, and look at it with `claude-pool chain --dry-run`"
  }
}

/** The same idempotency key came with a different request. */
export class KeyConflict extends Schema.TaggedError<KeyConflict>()("KeyConflict", {
  key: Schema.String,
  id: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `the key ${this.key} belongs to ${this.id}, which asks for something else`
  }
  get hint(): string {
    return "use a new key for a new request"
  }
}

export class PermissionRefused extends Schema.TaggedError<PermissionRefused>()("PermissionRefused", {
  asked: Permissions,
  ceiling: Permissions
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `the permissions ${this.asked} are above what this pool allows (${this.ceiling})`
  }
  get hint(): string {
    return `ask for ${this.ceiling} or less; the user may raise the setting max_permissions`
  }
}

/** The task was stopped by a person, the coordinator, or the end of the command that waited for it. */
export class Cancelled extends Schema.TaggedError<Cancelled>()("Cancelled", {
  note: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 130
  override get message(): string {
    return this.note === "" ? "cancelled" : `cancelled: ${this.note}`
  }
  get hint(): string {
    return "submit it again, or continue it with --continue-from"
  }
}

export class ShuttingDown extends Schema.TaggedError<ShuttingDown>()("ShuttingDown", {
  /** It is drained, and lives on. */
  drained: Schema.optionalKey(Schema.Literal(true))
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return `the pool is ${this.drained === true ? "drained" : "shutting down"} and takes no new work`
  }
  get hint(): string {
    return this.drained === true
      ? "`claude-pool resume` takes work in again; accepted tasks are kept, and go on then"
      : "accepted tasks are kept and go on when the pool is started again"
  }
}

export const RequestReason = Schema.Union([
  InvalidRequest,
  InvalidSetting,
  NotFound,
  NotInReview,
  ReviewOutdated,
  NotForWorkers,
  InvalidPlan,
  KeyConflict,
  PermissionRefused,
  Cancelled,
  ShuttingDown
])
