/**
 * Every setting of the pool, with its meaning and its default: the one table from which the flags, the environment
 * variables, the settings files, `claude-pool config` and the README are made.
 */
import { Duration, Schema, String } from "effect"
import { Isolation } from "./Isolation.ts"
import { fromUsd, type MicroUsd } from "./MicroUsd.ts"
import { Permissions } from "./Permissions.ts"
import { Reviewer } from "./Review.ts"
import {
  age,
  choice,
  command,
  directory,
  duration,
  list,
  listOf,
  money,
  orNone,
  type Setting,
  setting,
  size,
  slotProfiles,
  text,
  wholeNumber,
  yesOrNo
} from "./Setting.ts"
import { mostSlots, type SlotProfile } from "./SlotProfile.ts"
import { Effort, Inherit, OnCrash } from "./TaskRequest.ts"
import { Toolset } from "./Toolset.ts"

export interface Settings {
  readonly store: string
  readonly claude: string | null
  readonly simulate: boolean
  readonly slots: number
  readonly minSlots: number
  readonly maxSlots: number
  readonly autoscale: boolean
  readonly slotProfiles: ReadonlyArray<SlotProfile>
  readonly hotSpares: boolean
  readonly model: string | null
  readonly effort: Effort | null
  readonly fallbackModel: string | null
  readonly maxTurns: number | null
  readonly permissions: Permissions
  readonly maxPermissions: Permissions
  readonly inherit: Inherit
  readonly passEnv: ReadonlyArray<string>
  readonly poolBudgetUsd: MicroUsd | null
  readonly taskBudgetUsd: MicroUsd
  readonly timeout: Duration.Duration
  readonly stallAfter: Duration.Duration
  readonly routerModel: string
  readonly routerBudgetUsd: MicroUsd
  readonly maxAttempts: number
  readonly queueLimit: number
  readonly startConcurrency: number | null
  readonly shutdownGrace: Duration.Duration
  readonly drainGrace: Duration.Duration
  readonly onCrash: OnCrash
  readonly supervise: boolean
  readonly slotMemory: number | null
  readonly minFreeMemory: number
  readonly keepFor: Duration.Duration | null
  readonly keepBytes: number | null
  readonly isolation: Isolation
  readonly workspaces: string | null
  readonly spareWorkspaces: number
  readonly workspaceBytes: number | null
  readonly minFreeDisk: number
  readonly workspaceSetup: string | null
  readonly workspaceSetupKeys: ReadonlyArray<string>
  readonly workspaceSetupOutputs: ReadonlyArray<string>
  readonly workspaceSetupTimeout: Duration.Duration
  readonly workspaceCopy: ReadonlyArray<string>
  readonly workspacePorts: number
  readonly toolsets: ReadonlyArray<Toolset>
  readonly readOnly: boolean
  readonly reviewBy: Reviewer
  readonly inProcess: boolean
  readonly idleExit: Duration.Duration
  readonly otlp: string | null
}

/** What a setting is called in TypeScript. */
export type SettingName = keyof Settings

/** Settings as somebody has typed them. */
export type SettingTexts = { readonly [Name in SettingName]?: string }

/** Every setting: how it is read and written, what it is by itself, and what it means. */
export const settingsTable: { readonly [Name in SettingName]: Setting<Settings[Name]> } = {
  store: setting(directory, ".claude-pool", "Directory of the store"),
  claude: setting(orNone(command), null, "The claude CLI; with none it is looked for"),
  simulate: setting(yesOrNo, false, "Use the built-in simulator in place of the claude CLI"),
  slots: setting(wholeNumber(1, mostSlots), 4, "Workers at once"),
  minSlots: setting(wholeNumber(1, mostSlots), 1, "The fewest slots that the pool is scaled down to"),
  maxSlots: setting(
    wholeNumber(1, mostSlots),
    16,
    "The most slots that the pool is scaled up to; by itself never less than there are slots"
  ),
  autoscale: setting(
    yesOrNo,
    false,
    "Open slots while tasks wait for one, and close them when they have nothing to do"
  ),
  slotProfiles: setting(
    slotProfiles,
    [],
    "Who the slots are: roles, by which tasks choose among them, and what their tasks are given"
  ),
  hotSpares: setting(yesOrNo, true, "Keep a started, unused process in each idle slot, for tasks without a worktree"),
  model: setting(orNone(text("model")), null, "Model that answers; with none the CLI's own default"),
  effort: setting(orNone(choice(Effort)), null, "How hard the model thinks; with none the CLI's own default"),
  fallbackModel: setting(orNone(text("model")), null, "Model to use when the first one is overloaded"),
  maxTurns: setting(orNone(wholeNumber(1)), null, "Turns that a task may take"),
  permissions: setting(
    choice(Permissions),
    "edit",
    "What workers may do: read files, also change them, also run commands"
  ),
  maxPermissions: setting(choice(Permissions), "full", "The most that a task may ask for"),
  inherit: setting(
    choice(Inherit),
    "none",
    "Whose CLAUDE.md, hooks and rules workers take over: the project's, or the user's too"
  ),
  passEnv: setting(list, [], "Further environment variables that workers see"),
  poolBudgetUsd: setting(orNone(money), null, "What this store may spend in all, in US dollars"),
  taskBudgetUsd: setting(money, fromUsd(5), "What a task may spend, in US dollars"),
  timeout: setting(duration, Duration.minutes(30), "How long an attempt may take"),
  stallAfter: setting(duration, Duration.minutes(15), "How long a worker may give no sign of life"),
  routerModel: setting(
    text("model"),
    "haiku",
    "Model that is asked how to hand out a request where the rules are unsure"
  ),
  routerBudgetUsd: setting(money, fromUsd(0.05), "What such a question may cost, in US dollars"),
  maxAttempts: setting(wholeNumber(1), 3, "How often a task is tried when it fails in a way that may pass"),
  queueLimit: setting(wholeNumber(1), 100_000, "How many tasks may wait"),
  startConcurrency: setting(
    orNone(wholeNumber(1)),
    null,
    "Processes that may start at once; with none the number of cores"
  ),
  shutdownGrace: setting(
    duration,
    Duration.seconds(2),
    "How long an ending pool lets tasks finish, and then waits for its workers' figures"
  ),
  drainGrace: setting(duration, Duration.seconds(30), "How long a drain lets running tasks finish"),
  onCrash: setting(
    choice(OnCrash),
    "resume",
    "What becomes of tasks that a killed pool was running: go on in their session, start anew, or fail"
  ),
  supervise: setting(yesOrNo, true, "Watch workers for hangs and for memory, and prune what is old"),
  slotMemory: setting(orNone(size), 8 * 2 ** 30, "Memory that a slot's processes may use together"),
  minFreeMemory: setting(size, 512 * 2 ** 20, "Free memory of the machine below which no task is started"),
  keepFor: setting(orNone(age), Duration.days(30), "How long finished work is kept"),
  keepBytes: setting(orNone(size), 2 * 2 ** 30, "Size of the store above which the oldest finished work goes"),
  isolation: setting(
    choice(Isolation),
    "shared",
    "Where tasks work: in the directory itself, or in a git worktree of the slot, the chain or the task"
  ),
  workspaces: setting(
    orNone(directory),
    null,
    "Directory of the worktrees, outside of every repository; with none it is in the user's own state directory"
  ),
  spareWorkspaces: setting(
    wholeNumber(0, mostSlots),
    2,
    "Worktrees that are made ahead, once a task has asked for one"
  ),
  workspaceBytes: setting(orNone(size), 20 * 2 ** 30, "Disk space that all worktrees may use together"),
  minFreeDisk: setting(size, 2 ** 30, "Free disk space below which no worktree is made"),
  workspaceSetup: setting(
    orNone(text("shell command")),
    null,
    "Command that is run in a new worktree, such as npm ci"
  ),
  workspaceSetupKeys: setting(list, [], "Files that its result depends on: while they are the same, it is kept"),
  workspaceSetupOutputs: setting(list, [], "What it makes and is kept, such as node_modules"),
  workspaceSetupTimeout: setting(duration, Duration.minutes(10), "How long it may take"),
  workspaceCopy: setting(list, [], "Files that git ignores and worktrees get a copy of, such as .env"),
  workspacePorts: setting(
    wholeNumber(0, 100),
    0,
    "TCP ports that are leased to each worktree, as CLAUDE_POOL_PORT_0 and on"
  ),
  toolsets: setting(listOf(Toolset), ["default"], "The sets of tools that the MCP server offers"),
  readOnly: setting(yesOrNo, false, "Offer only those tools of the MCP server that change nothing"),
  reviewBy: setting(
    choice(Reviewer),
    "coordinator",
    "Who approves results over MCP: the session by itself, or the person at it, by a form"
  ),
  inProcess: setting(yesOrNo, false, "Run the pool in this very process, and not in the host of the project"),
  idleExit: setting(
    duration,
    Duration.minutes(10),
    "How long a host stays that was started by a command, has nothing to do and nobody to serve"
  ),
  otlp: setting(
    orNone(text("URL")),
    null,
    "OpenTelemetry collector that traces and metrics are sent to, by OTLP over HTTP; with none they are not"
  )
}

/**
 * What only the user may say, not a file that comes with a project: a repository that was cloned must not choose which
 * program runs, what it may do, what it sees, how much of the machine it may use, or what is thrown away.
 */
export const usersOwn: ReadonlySet<SettingName> = new Set([
  "claude",
  "permissions",
  "maxPermissions",
  "inherit",
  "passEnv",
  "poolBudgetUsd",
  "taskBudgetUsd",
  "routerBudgetUsd",
  "maxSlots",
  "autoscale",
  "supervise",
  "slotMemory",
  "minFreeMemory",
  "keepFor",
  "keepBytes",
  "workspaces",
  "workspaceBytes",
  "minFreeDisk",
  "workspaceSetup",
  "workspaceSetupOutputs",
  "workspaceCopy",
  "reviewBy",
  "idleExit",
  "otlp"
])

/** The settings of a slot that give rights: of these, too, a project says nothing. */
const rights = ["permissions", "cwd"] as const

/** Which of them profiles name. */
export const rightsIn = (profiles: ReadonlyArray<SlotProfile>): ReadonlyArray<string> =>
  rights.filter((right) => profiles.some((profile) => profile[right] !== undefined))

/** In the order in which they are shown. */
export const settingNames = Object.keys(settingsTable) as ReadonlyArray<SettingName>

/** What people call it in files: `pool_budget_usd`. */
export const keyOf = (name: SettingName): string => String.camelToSnake(name)

/** Without its dashes: `pool-budget-usd`. */
export const flagOf = (name: SettingName): string => String.snakeToKebab(keyOf(name))

/** What it is called in the environment: `CLAUDE_POOL_SLOTS`. */
export const variableOf = (name: SettingName): string => `CLAUDE_POOL_${keyOf(name).toUpperCase()}`

/** The value as text, as a flag would say it. */
export const formatSetting = <Name extends SettingName>(name: Name, value: Settings[Name]): string =>
  Schema.encodeSync(settingsTable[name].text)(value)

/** The value as a file would say it. */
export const encodeSetting = <Name extends SettingName>(name: Name, value: Settings[Name]): Schema.Json =>
  Schema.encodeSync(settingsTable[name].json)(value)

/** What holds where nobody says anything. */
export const defaultSettings: Settings = Object.fromEntries(
  settingNames.map((name) => [name, settingsTable[name].initial])
) as unknown as Settings
