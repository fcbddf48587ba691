/**
 * The exit codes, as data: what each of them means, and which failure ends in which.
 */
import type { Reason } from "../domain/Failure.ts"
import type { TaskView } from "../domain/TaskView.ts"

export type ExitCode = 0 | Reason["exitCode"]

export const exitCodes: ReadonlyArray<{ readonly code: ExitCode; readonly meaning: string }> = [
  { code: 0, meaning: "done" },
  { code: 1, meaning: "the task failed" },
  { code: 2, meaning: "usage: an unknown flag, a wrong value, an unknown id" },
  { code: 3, meaning: "refused or stopped by a budget" },
  { code: 4, meaning: "the provider's usage limit" },
  { code: 5, meaning: "timeout or stall" },
  { code: 6, meaning: "environment: no CLI, no login, a store that cannot be used or is owned elsewhere" },
  { code: 130, meaning: "interrupted or cancelled" }
]

/** A finished task names its failure; this is the code that the failure itself carries. The compiler holds the two together. */
const codeOf: { readonly [R in Reason as R["_tag"]]: R["exitCode"] } = {
  CliMissing: 6,
  CliUnusable: 6,
  NotLoggedIn: 6,
  StoreOwned: 6,
  StoreUnusable: 6,
  BudgetRefused: 3,
  BudgetExceeded: 3,
  UsageLimited: 4,
  BillingStopped: 4,
  TimedOut: 5,
  Stalled: 5,
  QueueFull: 1,
  StartFailed: 1,
  WorkerLost: 1,
  ProviderFailed: 1,
  RequestRejected: 1,
  UnknownModel: 1,
  MaxTurnsReached: 1,
  SchemaMismatch: 1,
  ModelRefused: 1,
  NotRun: 1,
  SessionLost: 1,
  ConfigMismatch: 6,
  Interrupted: 1,
  PoolDefect: 1,
  InvalidRequest: 2,
  InvalidSetting: 2,
  TaskNotFound: 2,
  KeyConflict: 2,
  PermissionRefused: 2,
  Cancelled: 130,
  ShuttingDown: 1
}

const isKnown = (code: string): code is keyof typeof codeOf => Object.hasOwn(codeOf, code)

/** What a task came to. One that has not finished ran out of the time that its caller gave it. */
export const exitCodeOf = (task: TaskView): ExitCode => {
  switch (task.state) {
    case "done":
      return 0
    case "failed":
      return task.error !== undefined && isKnown(task.error.code) ? codeOf[task.error.code] : 1
    case "cancelled":
      return codeOf.Cancelled
    case "queued":
    case "running":
      return codeOf.TimedOut
  }
}
