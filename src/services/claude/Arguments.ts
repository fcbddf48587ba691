/**
 * The command line of a worker: pure, complete, and without a word of the task in it. The prompt goes over stdin, for
 * an argument can be read as an option; every value stands behind an `=`, for the CLI's list options eat what follows.
 */
import type { Launch } from "../../domain/Launch.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import type { PermissionMode, Permissions } from "../../domain/Permissions.ts"
import type { SessionId } from "../../domain/SessionId.ts"
import type { Inherit } from "../../domain/TaskRequest.ts"
import { poolServerName, poolTools } from "./PoolTools.ts"

const readers = ["Read", "Grep", "Glob"]
const editors = [...readers, "Edit", "Write", "NotebookEdit"]

interface Profile {
  readonly tools: ReadonlyArray<string>
  readonly mode: PermissionMode
  /** Rules that are granted without a question. */
  readonly allowed: ReadonlyArray<string>
  /** The CLI's own restricted mode: file tools are confined to the working directory. */
  readonly restricted: boolean
}

const profiles: { readonly [K in Permissions]: Profile } = {
  "read-only": { tools: readers, mode: "dontAsk", allowed: [], restricted: true },
  edit: { tools: editors, mode: "acceptEdits", allowed: [], restricted: true },
  // Everything is granted by name and nothing is asked: the CLI refuses its bypass mode to root.
  full: {
    tools: ["Bash", ...editors, "WebFetch", "WebSearch"],
    mode: "dontAsk",
    allowed: ["Bash", ...editors, "WebFetch", "WebSearch"],
    restricted: false
  }
}

const settingSources: { readonly [K in Inherit]: string } = { none: "", project: "project", all: "user,project,local" }

/** The tool that a rule such as `Bash(npm test)` is about. */
const toolOf = (rule: string): string => rule.split("(", 1)[0]!.trim()

/** The pool's own tools, each by its name: a rule for the whole server would also grant what somebody else serves under it. */
const mailboxRules = poolTools.map(({ name }) => `mcp__${poolServerName}__${name}`)

const isBuiltIn = (tool: string): boolean => !tool.startsWith("mcp__")

const option = (name: string, value: string | number | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`--${name}=${value}`]

/** The mode that the worker will run in, and that it has to confirm. */
export const permissionModeOf = (launch: Launch): PermissionMode =>
  launch.permissionMode ?? profiles[launch.permissions].mode

/** The built-in tools that the worker is started with: it has no other. */
export const toolsOf = ({ allowedTools = [], deniedTools = [], permissions }: Launch): ReadonlyArray<string> => {
  const tools = new Set([...profiles[permissions].tools, ...allowedTools.map(toolOf).filter(isBuiltIn)])
  return [...tools].filter((tool) => !deniedTools.includes(tool))
}

/**
 * `servers` is the file with the worker's MCP servers, where it has any: their settings hold secrets, and arguments are
 * public. `session` names the session before there is one, so that a worker that is killed can be asked after.
 */
export const argumentsOf = (launch: Launch, servers: string | null, session: SessionId): ReadonlyArray<string> => {
  const profile = profiles[launch.permissions]
  const granted = launch.allowedTools ?? []
  const denied = launch.deniedTools ?? []
  const allowed = [...profile.allowed, ...granted, ...(launch.mailbox === true ? mailboxRules : [])]
  return [
    "--print",
    "--verbose",
    "--input-format=stream-json",
    "--output-format=stream-json",
    "--strict-mcp-config",
    "--exclude-dynamic-system-prompt-sections",
    "--permission-prompts=none",
    `--session-id=${session}`,
    `--setting-sources=${settingSources[launch.inherit]}`,
    `--permission-mode=${permissionModeOf(launch)}`,
    `--tools=${toolsOf(launch).join(",")}`,
    // Restricted mode ignores settings files, and refuses the bypass: it gives way where one of them was asked for.
    ...(profile.restricted && launch.inherit === "none" && launch.permissionMode !== "bypassPermissions"
      ? ["--restricted"]
      : []),
    ...(launch.permissionMode === "bypassPermissions" ? ["--allow-dangerously-skip-permissions"] : []),
    ...(allowed.length === 0 ? [] : [`--allowedTools=${allowed.join(",")}`]),
    ...(denied.length === 0 ? [] : [`--disallowedTools=${denied.join(",")}`]),
    ...(servers === null ? [] : [`--mcp-config=${servers}`]),
    ...option("max-budget-usd", toUsd(launch.budget)),
    ...option("model", launch.model),
    ...option("effort", launch.effort),
    ...option("fallback-model", launch.fallbackModel),
    ...option("max-turns", launch.maxTurns),
    ...(launch.schema === undefined ? [] : [`--json-schema=${JSON.stringify(launch.schema)}`]),
    // Always a branch of its own: two tasks that go on from one must not write into one transcript.
    ...(launch.resume === undefined ? [] : [`--resume=${launch.resume}`, "--fork-session"])
  ]
}
