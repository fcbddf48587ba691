/**
 * The exit codes, as data: what each of them means, and which failure ends in which.
 */
import type { ChainView } from "../domain/ChainView.ts"
import type { Reason } from "../domain/Failure.ts"
import type { GroupView } from "../domain/GroupView.ts"
import type { FailureView, TaskView } from "../domain/TaskView.ts"

export type ExitCode = 0 | Reason["exitCode"]

export const exitCodes: ReadonlyArray<{ readonly code: ExitCode; readonly meaning: string }> = [
  { code: 0, meaning: "done" },
  { code: 1, meaning: "the task failed; of a merge: not all of it landed" },
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
  PoolLost: 6,
  StoreUnusable: 6,
  NoPool: 6,
  HostFailed: 6,
  OtherVersion: 6,
  OtherWorkers: 6,
  BudgetRefused: 3,
  BudgetExceeded: 3,
  UsageLimited: 4,
  BillingStopped: 4,
  TimedOut: 5,
  Stalled: 5,
  LineTooLong: 1,
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
  Quarantined: 1,
  MemoryExceeded: 1,
  IsolationImpossible: 2,
  GitFailed: 6,
  RepositoryLocked: 6,
  SetUpFailed: 6,
  WorkspaceQuota: 6,
  Contradicted: 1,
  NotMergeable: 2,
  Rejected: 1,
  ItemsFailed: 1,
  CheckFailed: 1,
  ConditionNotMet: 1,
  PoolDefect: 1,
  InvalidRequest: 2,
  InvalidSetting: 2,
  NotFound: 2,
  NotInReview: 2,
  ReviewOutdated: 2,
  NotForWorkers: 2,
  InvalidPlan: 2,
  KeyConflict: 2,
  PermissionRefused: 2,
  Cancelled: 130,
  ShuttingDown: 1
}

const isKnown = (code: string): code is keyof typeof codeOf => Object.hasOwn(codeOf, code)

/** The code of a failure, by what views call it. */
const codeOfFailure = (error: FailureView | undefined): ExitCode =>
  error !== undefined && isKnown(error.code) ? codeOf[error.code] : 1

/** Work of any kind: a task, a group or a chain. */
interface Work {
  readonly state: TaskView["state"] | GroupView["state"] | ChainView["state"]
  readonly error?: FailureView
}

/** Whether it has come to its end, good or bad. */
export const isFinished = ({ state }: Work): boolean => state === "done" || state === "failed" || state === "cancelled"

/** What work came to. A result that waits for its review is one; what has not finished ran out of its caller's time. */
export const exitCodeOf = (work: Work): ExitCode => {
  switch (work.state) {
    case "done":
    case "review":
      return 0
    case "failed":
      return codeOfFailure(work.error)
    case "cancelled":
      return codeOf.Cancelled
    case "queued":
    case "running":
    case "reducing":
      return codeOf.TimedOut
  }
}
