/**
 * Whether a worker runs as it was asked to, by what it says itself at the start of a turn: its permission mode, its working
 * directory, its tools, its model.
 */
import type { InitEvent } from "../../domain/ClaudeEvent.ts"
import type { Launch } from "../../domain/Launch.ts"
import { ConfigMismatch } from "../../domain/WorkerFailure.ts"
import { permissionModeOf, toolsOf } from "./Arguments.ts"
import type { Variables } from "./Environment.ts"
import { schemaTool } from "./ToolCalls.ts"

export interface Asked {
  readonly launch: Launch
  /** As the operating system names it. */
  readonly cwd: string
  /** The one that was set last; undefined: any. */
  readonly model: string | undefined
  /** Of the process: its user may have other models behind the names. */
  readonly env: Variables
}

/** Earlier names of tools, which the CLI takes, and what it lists them as (measured on 2.1.329). */
const listedAs: Readonly<Record<string, string>> = {
  Agent: "Task",
  Task: "Agent",
  KillShell: "TaskStop",
  KillBash: "TaskStop",
  BashOutput: "TaskOutput"
}

/** The tools that nobody has asked for. Those of servers come and go with their servers, and each needs a rule. */
const extraTools = (listed: ReadonlyArray<string>, launch: Launch): ReadonlyArray<string> => {
  const asked = toolsOf(launch)
  const known = new Set([...asked, ...asked.map((tool) => listedAs[tool])])
  if (launch.schema !== undefined) known.add(schemaTool)
  return listed.filter((tool) => !known.has(tool) && !tool.startsWith("mcp__"))
}

const families: ReadonlySet<string> = new Set(["opus", "sonnet", "haiku", "fable"])

/** The name without what only says which edition it is: a date, a provider's prefix or version, the size of the context. */
const plainName = (model: string): string =>
  model.toLowerCase()
    .replace(/\[[^\]]*\]$/, "")
    .replace(/^.*\banthropic[./]/, "")
    .replace(/[-@]\d{8}.*$/, "")
    .replace(/-(latest|v\d+(:\d+)?)$/, "")

/** A name that says nothing of the model behind it, such as `default`, or a provider's own, is taken as it comes. */
const isModel = (asked: string, got: string, env: Variables): boolean => {
  const [wanted, has] = [plainName(asked), plainName(got)]
  if (!has.includes("claude")) return true
  if (families.has(wanted)) {
    return has.includes(wanted) || env[`ANTHROPIC_DEFAULT_${wanted.toUpperCase()}_MODEL`] !== undefined
  }
  return !wanted.startsWith("claude-") || wanted === has
}

/** What is not as it was asked for; null: all that it says is. */
export const mismatch = (event: InitEvent, { cwd, env, launch, model }: Asked): ConfigMismatch | null => {
  const mode = permissionModeOf(launch)
  if (event.permissionMode != null && event.permissionMode !== mode) {
    return new ConfigMismatch({ setting: "permission mode", asked: mode, got: event.permissionMode })
  }
  if (event.cwd != null && event.cwd !== cwd) {
    return new ConfigMismatch({ setting: "working directory", asked: cwd, got: event.cwd })
  }
  const extra = extraTools(event.tools ?? [], launch)
  if (extra.length > 0) {
    return new ConfigMismatch({ setting: "tools", asked: toolsOf(launch).join(), got: `also ${extra.join()}` })
  }
  return model === undefined || event.model == null || isModel(model, event.model, env)
    ? null
    : new ConfigMismatch({ setting: "model", asked: model, got: event.model })
}
