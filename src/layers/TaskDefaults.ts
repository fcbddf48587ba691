/**
 * What the settings say of tasks: all of it for a pool of this process, and for a pool in another one only what somebody
 * has said here.
 */
import { Record } from "effect"
import { type Launch, launchOf } from "../domain/Launch.ts"
import type { SettingName, Settings } from "../domain/Settings.ts"
import type { TaskDefaults, TaskOptions } from "../domain/TaskRequest.ts"
import type { Configuration } from "../services/Configuration.ts"

export const defaultsOf = (settings: Settings, cwd: string): TaskDefaults => ({
  permissions: settings.permissions,
  cwd,
  inherit: settings.inherit,
  budget: settings.taskBudgetUsd,
  timeout: settings.timeout,
  onCrash: settings.onCrash,
  isolation: settings.isolation,
  ...(settings.model === null ? {} : { model: settings.model }),
  ...(settings.effort === null ? {} : { effort: settings.effort }),
  ...(settings.fallbackModel === null ? {} : { fallbackModel: settings.fallbackModel }),
  ...(settings.maxTurns === null ? {} : { maxTurns: settings.maxTurns })
})

/**
 * What idle slots start a process for; null: they start none. A process stays in the directory that it was started in:
 * where tasks have workspaces, none would ever be used. Nor where workers trace themselves: the CLI reads whose part its
 * spans are when it starts, and there is no task then.
 */
export const spareOf = (
  { hotSpares, isolation }: Settings,
  defaults: TaskDefaults,
  workersTrace: boolean
): Launch | null => hotSpares && isolation === "shared" && !workersTrace ? launchOf(defaults, defaults.budget) : null

/** Which setting an option comes from; the directory is that of this process. */
const sources: Readonly<Record<string, SettingName>> = {
  permissions: "permissions",
  inherit: "inherit",
  budget: "taskBudgetUsd",
  timeout: "timeout",
  onCrash: "onCrash",
  isolation: "isolation",
  model: "model",
  effort: "effort",
  fallbackModel: "fallbackModel",
  maxTurns: "maxTurns"
}

/** What every client sends with its own tasks: of these, the pool in another process knows only its own. */
export const sentWithTasks: ReadonlySet<SettingName> = new Set(Object.values(sources))

export const saidOf = ({ origins, settings }: Configuration["Service"], cwd: string): TaskOptions =>
  Record.filter<string, unknown>(defaultsOf(settings, cwd), (_, option) => {
    const source = sources[option]
    return source === undefined || origins[source].kind !== "default"
  })
