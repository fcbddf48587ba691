/**
 * What would change it: for each failure, each hold and each reason to wait, a command or a setting.
 */
import type { Reason } from "./Failure.ts"
import type { HoldCause } from "./Hold.ts"
import type { WaitsFor } from "./TaskView.ts"

type Remedy = (id: string) => string

export const againWith: Remedy = (id) => `\`claude-pool retry ${id}\` runs it again`
const goOn = (more: string): Remedy => (id) =>
  `\`claude-pool run --continue-from ${id}\` goes on from it, with ${more}; or make the task smaller`
const doctor: Remedy = (id) =>
  `\`claude-pool doctor\` says what is wrong; once that is mended, \`claude-pool retry ${id}\` runs it again`
const report: Remedy = (id) =>
  `please report it, with the log of the pool; \`claude-pool retry ${id}\` may end otherwise`
const correct = (what: string): Remedy => () => `correct ${what}, and submit it anew with \`claude-pool submit\``

const failures: { readonly [T in Reason["_tag"]]: Remedy } = {
  CliMissing: (id) =>
    `\`npm install -g @anthropic-ai/claude-code\` installs it, --claude names another one; then \`claude-pool retry ${id}\``,
  CliUnusable: doctor,
  NotLoggedIn: (id) => `log in with \`claude\`, or set ANTHROPIC_API_KEY; then \`claude-pool retry ${id}\``,
  StoreOwned: () => "hand the work to the pool that owns the store, end that one, or name another with --store",
  PoolLost: (id) => `\`claude-pool wait ${id}\` goes on with what was accepted`,
  StoreUnusable: doctor,
  HostFailed: () => "`claude-pool serve` shows why the host does not start; --in-process does without one",
  OtherVersion: () => "use one version of claude-pool everywhere, or end the other's pool with `claude-pool stop`",
  OtherWorkers: () => "say --simulate everywhere or nowhere, or name another store with --store",
  NoPool: (id) => `\`claude-pool wait ${id}\` starts a pool for it`,
  BudgetRefused: (id) =>
    `raise the cap with --pool-budget-usd, or give it a smaller --budget-usd; then \`claude-pool retry ${id}\``,
  BudgetExceeded: goOn("a larger --budget-usd"),
  UsageLimited: (id) =>
    `once the limit is lifted, \`claude-pool retry ${id}\`; another --model may have room, fewer --slots use less`,
  BillingStopped: (id) => `check credit and billing of the workers' account; then \`claude-pool retry ${id}\``,
  TimedOut: goOn("a longer --timeout"),
  Stalled: (id) =>
    `\`claude-pool logs ${id}\` shows what it did last; \`claude-pool retry ${id}\` runs it again, with a longer --stall-after where its tools are silent for long`,
  LineTooLong: correct("the prompt: what is long belongs into files, and their names into the answer"),
  QueueFull: () => "let some finish with `claude-pool wait`, or raise --queue-limit",
  StartFailed: doctor,
  WorkerLost: (id) =>
    `\`claude-pool retry ${id}\` runs it again; if it happens often, \`claude-pool doctor\` and the machine's memory are worth a look`,
  ProviderFailed: (id) => `\`claude-pool retry ${id}\` later, or with a --fallback-model`,
  RequestRejected: correct("the prompt or the options: what is too long belongs into files"),
  UnknownModel: correct("--model: haiku, sonnet and opus are known, without it the CLI has its own"),
  MaxTurnsReached: goOn("a larger --max-turns"),
  SchemaMismatch: correct("the --schema, so that it asks for what the prompt asks for, with its fields described"),
  ModelRefused: correct("the prompt: put it in other words, or name another --model"),
  NotRun: report,
  SessionLost: correct("it: without --continue-from, with what it needs to know in the prompt"),
  ConfigMismatch: doctor,
  Interrupted: (id) =>
    `see with \`claude-pool logs ${id}\` whether the task itself ends the pool (memory, kill); then \`claude-pool retry ${id}\`, or submit it with --on-crash resume`,
  Rejected: (id) =>
    `\`claude-pool result ${id}\` has the last answer; \`claude-pool submit\` a smaller task or a clearer prompt, or do it yourself`,
  ItemsFailed: (id) => `\`claude-pool retry ${id}\` runs only what failed; what is done is kept`,
  CheckFailed: (id) =>
    `mend what the check found; \`claude-pool chain resume ${id}\` goes on from the last step that was done`,
  ConditionNotMet: (id) => `\`claude-pool chain resume ${id}\` runs the step again; or let its loop run more often`,
  PoolDefect: report,
  Quarantined: (id) =>
    `\`claude-pool logs ${id}\` shows what its workers did last; \`claude-pool retry ${id}\` releases it, and runs it again`,
  MemoryExceeded: (id) => `have it run less at once, or raise --slot-memory; then \`claude-pool retry ${id}\``,
  IsolationImpossible: correct(
    "--cwd and --base: a directory of a git repository, and what it has; or --isolation shared"
  ),
  GitFailed: (id) => `\`git status\` in the repository says more; then \`claude-pool retry ${id}\``,
  RepositoryLocked: (id) => `end the other pool, or wait for it; then \`claude-pool retry ${id}\``,
  SetUpFailed: (id) => `correct the setting workspace_setup; then \`claude-pool retry ${id}\``,
  WorkspaceQuota: (id) =>
    `\`claude-pool worktrees prune\` makes room, --workspace-bytes gives more; then \`claude-pool retry ${id}\``,
  Contradicted: (id) =>
    `\`claude-pool diff ${id}\` shows what it did; say in the prompt what is expected, then \`claude-pool retry ${id}\``,
  NotMergeable: (id) => `\`claude-pool result ${id}\` shows how it stands`,
  InvalidRequest: correct("the request"),
  InvalidSetting: () => "correct the setting; `claude-pool config` shows all of them, and where each comes from",
  NotFound: () => "`claude-pool list` shows what there is; --store names another store",
  NotInReview: () => "`claude-pool list --state review` shows what waits for a review",
  ReviewOutdated: (id) => `\`claude-pool result ${id}\` shows the result as it is now, and its hash`,
  NotForWorkers: (id) => `who the work is done for can do it: \`claude-pool result ${id}\` shows how it stands`,
  InvalidPlan: () => "correct the plan; `claude-pool chain --dry-run` looks at it without running it",
  KeyConflict: () => "use another --key for another request",
  PermissionRefused: () => "ask for fewer --permissions, or raise the setting max_permissions",
  Cancelled: againWith,
  ShuttingDown: (id) => `\`claude-pool wait ${id}\` starts a pool that takes it up`
}

/** By the code of a failure, as views have it; undefined: a newer program has written it. */
export const remedyOf = (code: string, id: string): string | undefined =>
  Object.hasOwn(failures, code) ? failures[code as Reason["_tag"]](id) : undefined

const holds: { readonly [C in HoldCause]: string } = {
  drain: "`claude-pool resume` takes work up again",
  crashes: "`claude-pool doctor` checks the CLI; one task is tried now and then, and once it is well all go on",
  login: "log in with `claude`, or set ANTHROPIC_API_KEY; `claude-pool doctor` shows which login workers use",
  limit: "nothing has to be done, it goes on when the limit is lifted; another --model may have room",
  provider: "nothing has to be done, it goes on when the provider answers; --fallback-model may name another model",
  config: "`claude-pool doctor` says what is wrong with the claude CLI",
  memory: "free some memory, or use fewer slots: `claude-pool scale -1`",
  store: "free some disk space, or make the store writable; `claude-pool doctor` looks at it"
}

const waits: { readonly [W in Exclude<WaitsFor, HoldCause>]: Remedy } = {
  slot: (id) =>
    `it starts as soon as a slot is free: \`claude-pool scale +1\` adds one, \`claude-pool cancel ${id}\` takes it back`,
  role: () =>
    "`claude-pool slots set` gives a slot its role, --slot-profiles says which roles there are from the start",
  group: () =>
    "it starts as soon as one of them has ended; --concurrency of `claude-pool fan-out` says how many run at once",
  budget: () => "it starts when others have ended for less than they have reserved; --pool-budget-usd raises the cap",
  retry: (id) =>
    `nothing has to be done; \`claude-pool cancel ${id}\` gives it up, --max-attempts says how often it is tried`,
  pool: (id) => `\`claude-pool wait ${id}\` starts a pool that runs it, \`claude-pool serve\` one that stays`
}

const isHold = (cause: WaitsFor): cause is HoldCause => Object.hasOwn(holds, cause)

export const remedyOfWait = (cause: WaitsFor, id: string): string => isHold(cause) ? holds[cause] : waits[cause](id)
