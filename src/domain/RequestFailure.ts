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

export class TaskNotFound extends Schema.TaggedError<TaskNotFound>()("TaskNotFound", {
  id: Schema.String
}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 2
  override get message(): string {
    return `there is no task ${this.id} in this store`
  }
  get hint(): string {
    return "`claude-pool list` shows the tasks there are; --store names another store"
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
    return `the key ${this.key} belongs to task ${this.id}, which asks for something else`
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

export class ShuttingDown extends Schema.TaggedError<ShuttingDown>()("ShuttingDown", {}) implements ReasonFacts {
  readonly retryClass = "never"
  readonly exitCode = 1
  override get message(): string {
    return "the pool is shutting down and takes no new work"
  }
  get hint(): string {
    return "accepted tasks are kept and go on when the pool is started again"
  }
}

export const RequestReason = Schema.Union([
  InvalidRequest,
  InvalidSetting,
  TaskNotFound,
  KeyConflict,
  PermissionRefused,
  Cancelled,
  ShuttingDown
])
