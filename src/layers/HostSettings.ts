/**
 * The settings of a pool that all its clients share: what a client that starts its host hands on to it, what the host notes
 * of them, and how they differ from what a later client has said.
 */
import { formatSetting, keyOf, type SettingName, settingNames, type Settings, variableOf } from "../domain/Settings.ts"
import { inherited, tracingVariables } from "../services/claude/Environment.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import { tokenVariable } from "./http/HttpToken.ts"
import { sentWithTasks } from "./TaskDefaults.ts"

/** What is a matter of one client: how it finds the pool, and what it shows of it. */
const clientsOwn: ReadonlySet<SettingName> = new Set(["store", "inProcess", "toolsets", "readOnly", "reviewBy"])

const poolWide = settingNames.filter((name) => !clientsOwn.has(name) && !sentWithTasks.has(name))

/** As a variable or a flag would say it; an empty one would say nothing. */
const textOf = (settings: Settings, name: SettingName): string => formatSetting(name, settings[name]) || ","

/** By their names. */
export const poolTexts = (settings: Settings): Readonly<Record<string, string>> =>
  Object.fromEntries(poolWide.map((name) => [name, textOf(settings, name)]))

/** Those that somebody has said for this very command, and not in a file that the host reads by itself. */
const said = ({ origins }: Configuration["Service"]): ReadonlyArray<SettingName> =>
  poolWide.filter((name) => ["flag", "variable", "program"].includes(origins[name].kind))

/** What a coordinator's session hands to what it starts, and is nobody else's; what opens the HTTP server is no host's. */
const isOfSession = (variable: string): boolean =>
  variable === "CLAUDECODE" || variable === tokenVariable || variable.startsWith("MCP_") ||
  variable.startsWith("CLAUDE_CODE_")

/** A hook of git says so where it works, and the host works elsewhere. */
const isOfRepository = (variable: string): boolean =>
  ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"]
    .includes(variable)

const settingVariables = new Set<string>(settingNames.map(variableOf))

/** The environment of a host: that of whoever starts it, and what was said of the pool. */
export const hostEnvironment = (
  env: Machine["Service"]["env"],
  configuration: Configuration["Service"]
): Readonly<Record<string, string>> => {
  const { settings } = configuration
  // Said in one breath, the simulator and a CLI of one's own would contradict each other.
  const names = said(configuration).filter((name) => !(name === "claude" && settings.simulate))
  const all = Object.fromEntries(
    Object.entries(env).flatMap(([variable, value]) => value === undefined ? [] : [[variable, value] as const])
  )
  // What workers are to have, they have from the host.
  const workers = inherited(all, [...settings.passEnv, ...tracingVariables(all)])
  const kept = Object.entries(all).filter(([variable]) =>
    !settingVariables.has(variable) && !isOfRepository(variable) &&
    (!isOfSession(variable) || Object.hasOwn(workers, variable))
  )
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(names.map((name) => [variableOf(name), textOf(settings, name)]))
  }
}

export interface Difference {
  readonly name: SettingName
  readonly here: string
  readonly there: string
}

/** What was said for this command, and is otherwise in the pool that runs. */
export const differences = (
  configuration: Configuration["Service"],
  there: Readonly<Record<string, string>> = {}
): ReadonlyArray<Difference> =>
  said(configuration).flatMap((name) => {
    const [ours, theirs] = [textOf(configuration.settings, name), there[name]]
    return name === "simulate" || theirs === undefined || theirs === ours ? [] : [{ name, here: ours, there: theirs }]
  })

/** In one line, with the way out; null: there are none. */
export const differencesText = (pid: number, all: ReadonlyArray<Difference>): string | null => {
  if (all.length === 0) return null
  const parts = all.map(({ here, name, there }) => `${keyOf(name)} ${there} (not ${here})`)
  const slots = all.find(({ name }) => name === "slots")
  const ways = [
    ...(slots === undefined ? [] : [`\`claude-pool scale ${slots.here}\` changes the slots`]),
    ...(all.length === 1 && slots !== undefined
      ? []
      : ["`claude-pool stop` ends it, and the next command starts it with what is said there"])
  ]
  return `the pool runs in process ${pid} with ${parts.join(", ")}: ${ways.join("; ")}`
}
