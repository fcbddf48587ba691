/**
 * What a coordinator is told of each failure, in our own words, and what it can do next with the tools it has.
 */
import { DateTime } from "effect"
import type { Reason } from "../domain/Failure.ts"
import { cleanLine } from "../domain/UntrustedText.ts"

type Tag = Reason["_tag"]
type Tagged<T extends Tag> = Extract<Reason, { readonly _tag: T }>

/** The ones whose own message repeats what a worker, a provider or another program said, or what the caller sent. */
type Foreign =
  | Extract<Reason, { readonly detail: string } | { readonly note: string }>["_tag"]
  | "ConfigMismatch"
  | "InvalidRequest"
  | "SessionLost"
  | "CheckFailed"
  | "InvalidPlan"
  | "NotInReview"
  | "ReviewOutdated"
  | "NotForWorkers"
  | "Quarantined"
  | "Contradicted"
  | "SetUpFailed"

const http = (status: number | null): string => status === null ? "" : ` (HTTP ${status})`

const ownWords: { readonly [T in Foreign]: (reason: Tagged<T>) => string } = {
  CliUnusable: () => "the pool's claude CLI cannot be used",
  NotLoggedIn: ({ status }) => `the workers are not logged in${http(status)}`,
  PoolLost: ({ look }) =>
    `the process that runs the pool does not answer any more${
      look === undefined ? "" : "; whether it has heard this call is unknown"
    }`,
  HostFailed: () => "the process that runs the pool did not start",
  StoreUnusable: ({ problem }) => `the pool's store cannot be used (${problem})`,
  UsageLimited: ({ resumeAt }) =>
    `the provider's usage limit is reached${resumeAt === null ? "" : ` until ${DateTime.formatIso(resumeAt)}`}`,
  BillingStopped: () => "the provider refuses to bill the account",
  StartFailed: () => "the worker did not start",
  WorkerLost: () => "the worker ended without a result",
  ProviderFailed: ({ status }) => `the provider failed${http(status)}`,
  RequestRejected: ({ status }) => `the provider rejected the request${http(status)}`,
  UnknownModel: ({ message }) => message,
  SchemaMismatch: () => "the answer does not fit the schema",
  ModelRefused: () => "the model refused",
  NotRun: () => "the CLI took the prompt for a command of its own",
  PoolDefect: () => "claude-pool itself failed",
  SessionLost: () => "the session cannot be continued: its transcript is gone",
  ConfigMismatch: ({ setting }) => `the worker was stopped: its ${setting} is not what was asked for`,
  InvalidRequest: ({ issues }) =>
    `the request is not valid: ${issues.map((issue) => cleanLine(issue, 200)).join("; ")}`,
  CheckFailed: ({ code }) => `a check failed${code === null ? "" : ` with exit code ${code}`}`,
  InvalidPlan: ({ issues }) =>
    `the plan is not valid: ${issues.map(({ message }) => cleanLine(message, 200)).join("; ")}`,
  NotInReview: ({ id, state }) => `the task ${cleanLine(id, 40)} is ${state} and not in review`,
  ReviewOutdated: () => "the result has changed since it was seen",
  NotForWorkers: () => "a worker cannot do this",
  Quarantined: ({ crashes }) =>
    `workers of ${new Set(crashes.map(({ slot }) => slot)).size} slots crashed on it; it is kept from the others`,
  IsolationImpossible: ({ cause }) => `there can be no workspace for that directory (${cause})`,
  GitFailed: ({ code, verb }) => `git ${verb} failed${code === null ? "" : ` with exit code ${code}`}`,
  SetUpFailed: ({ code }) => `the set-up of the workspace failed${code === null ? "" : ` with exit code ${code}`}`,
  Contradicted: ({ checks }) =>
    `the work is not what was expected: ${checks.length} of its expectations ${
      checks.length === 1 ? "does" : "do"
    } not hold`,
  NotMergeable: ({ id }) => `the work of ${cleanLine(id, 40)} cannot be merged as it is`,
  InvalidSetting: ({ key }) => `the setting ${key} is not valid`,
  Cancelled: () => "the task was cancelled"
}

/** What happened, without a word that is not ours. */
export const whatHappened = (reason: Reason): string => {
  const words: { readonly [tag: string]: ((reason: never) => string) | undefined } = ownWords
  return words[reason._tag]?.(reason as never) ?? reason.message
}

const doctor = "ask the user to run `claude-pool doctor`"
const again = "submit it again"

const nextSteps: { readonly [T in Tag]: string } = {
  CliMissing:
    "ask the user to install it, `npm install -g @anthropic-ai/claude-code`, or to name it in CLAUDE_POOL_CLAUDE",
  CliUnusable: doctor,
  NotLoggedIn: "ask the user to log in with `claude`, or to set ANTHROPIC_API_KEY",
  StoreOwned: "ask the user to end that process, or to give this pool a store of its own",
  PoolLost: "pool_list shows what became of it, once a pool runs again: look there before you ask for it again",
  StoreUnusable: doctor,
  NoPool: "ask the user to start one: `claude-pool serve`",
  HostFailed: doctor,
  OtherVersion: "ask the user to restart this session, or to run `claude-pool stop`",
  OtherWorkers: "ask the user to give this pool a store of its own, or to run `claude-pool stop`",
  BudgetRefused: "pool_status shows the budget; ask for a smaller budget_usd, or let the user raise the cap",
  BudgetExceeded: "continue_from it with a larger budget_usd, or make the task smaller",
  UsageLimited: "wait until the limit is lifted, or name another model",
  BillingStopped: "ask the user to check credit and billing of the workers' account",
  TimedOut: "continue_from it with a larger timeout_s, or make the task smaller",
  Stalled: again,
  LineTooLong: "have it write what is long into files, and answer with their names",
  QueueFull: "pool_wait for some tasks to finish",
  StartFailed: doctor,
  WorkerLost: again,
  ProviderFailed: `${again} later, or name another model`,
  RequestRejected: "change the prompt or the options; put long material into files",
  UnknownModel: "name another model, such as haiku, sonnet or opus, or none",
  MaxTurnsReached: "continue_from it, or make the task smaller",
  SchemaMismatch: "make sure that the schema asks for what the prompt asks for, and describe its fields",
  ModelRefused: "rephrase the prompt, or name another model",
  NotRun: "tell the user: this is a defect of claude-pool",
  PoolDefect: "tell the user: this is a defect of claude-pool, and the log has more",
  SessionLost: "submit it without continue_from, with what it needs to know in the prompt",
  ConfigMismatch: doctor,
  Rejected: "make the task smaller or the prompt clearer, or do it yourself",
  ItemsFailed: "pool_list with its id as tag and state failed names them; submit those again, with what they lacked",
  CheckFailed: "read the output of the check, and let a worker mend what it found",
  ConditionNotMet: "look at the answer of the last round; run the step again, or change its condition",
  Quarantined:
    "change the prompt; or let the user look at its evidence (`claude-pool result`) and release it (`claude-pool retry`)",
  MemoryExceeded: "make the task smaller, or have it run less at once",
  IsolationImpossible:
    "name a directory of a git repository in cwd, and a base that it has; or ask for isolation shared",
  GitFailed: "ask the user to look at the repository with `git status`",
  RepositoryLocked: `${again} later`,
  SetUpFailed: "ask the user to correct the setting workspace_setup; its output is in the result",
  WorkspaceQuota: "ask the user to run `claude-pool worktrees prune`",
  Contradicted: "read its checks in the result; say in the prompt what is expected, then submit it again",
  NotMergeable:
    "pool_result shows its state, branch and warnings: only finished work with a branch of its own lands, on a branch that " +
    "is there and passes the checks; `claude-pool merge` tells the user what is in the way",
  Interrupted: "check whether the task itself ends the pool, then submit it again",
  InvalidRequest: "correct the request",
  InvalidSetting: "ask the user to correct it; `claude-pool config` shows all settings",
  NotFound: "pool_list",
  NotInReview: "pool_result shows how it stands",
  ReviewOutdated: "pool_result shows the result as it is now; decide again",
  NotForWorkers: "leave it to whoever the work is done for",
  InvalidPlan: "correct the steps and call it again; nothing was started",
  KeyConflict: "use a new key for a new request",
  PermissionRefused: "ask for less, or let the user raise the setting max_permissions",
  Cancelled: again,
  ShuttingDown: "call again when the server is back; accepted tasks go on then"
}

/** By the code of a failure that a task reports. */
export const nextStep = (code: string): string | undefined =>
  Object.hasOwn(nextSteps, code) ? nextSteps[code as Tag] : undefined

/** A drained pool lives on, and takes work in again when somebody says so. */
const afterDrain = "tell the user that the pool is drained: `claude-pool resume` goes on; what was accepted is kept"

export const adviceFor = (reason: Reason): string => {
  if (reason._tag === "InvalidRequest" || reason._tag === "StoreUnusable") return reason.hint
  return reason._tag === "ShuttingDown" && reason.drained === true ? afterDrain : nextSteps[reason._tag]
}
