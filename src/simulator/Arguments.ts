/**
 * The command line: the flags of the real CLI, read and refused as it does.
 */
import { readFileSync } from "node:fs"
import { isUuid } from "./Identity.ts"
import { problemOf } from "./SchemaValue.ts"

export interface Options {
  readonly version: boolean
  readonly model: string | undefined
  readonly fallbackModel: string | undefined
  /** Undefined for no limit. */
  readonly maxTurns: number | undefined
  readonly maxBudgetUsd: number | undefined
  readonly permissionMode: string
  /** The host answers permission prompts, over the control protocol. */
  readonly asksHost: boolean
  readonly tools: ReadonlyArray<string>
  readonly mcpServers: ReadonlyArray<string>
  readonly jsonSchema: unknown
  readonly appendSystemPrompt: string | undefined
  readonly resume: string | undefined
  readonly sessionId: string | undefined
  readonly forkSession: boolean
  readonly keepsTranscript: boolean
  readonly partialMessages: boolean
  readonly replaysUser: boolean
}

/** What the command line is refused with, as it stands on stderr. */
export class Refusal extends Error {
  /** Set where the CLI can also say it in a result, for hosts that ask for one. */
  readonly startupReason: string | undefined
  constructor(message: string, startupReason?: string) {
    super(message)
    this.startupReason = startupReason
  }
}

type Kind = "switch" | "value" | "optional" | "list"

const flagsOf = (kind: Kind, flags: string) => flags.split(/\s+/).map((flag) => [flag, kind] as const)

const kinds: ReadonlyMap<string, Kind> = new Map([
  ...flagsOf(
    "switch",
    `--print --verbose --version --help --strict-mcp-config --restricted --bare --safe-mode --fork-session
     --no-session-persistence --include-partial-messages --include-hook-events --replay-user-messages
     --exclude-dynamic-system-prompt-sections --dangerously-skip-permissions --allow-dangerously-skip-permissions
     --disable-slash-commands --continue --brief --chrome --no-chrome --ide --ax-screen-reader
     --forward-subagent-text --await-claim --await-initialize --debug-to-stderr`
  ),
  ...flagsOf(
    "value",
    `--input-format --output-format --model --fallback-model --max-turns --max-budget-usd --effort --permission-mode
     --permission-prompts --permission-prompt-tool --setting-sources --settings --append-system-prompt --system-prompt
     --append-system-prompt-file --system-prompt-file --json-schema --session-id --system-prompt-snapshot --agent
     --agents --name --autocompact --debug-file --environment --plugin-dir --plugin-url --max-thinking-tokens`
  ),
  ...flagsOf("optional", "--resume --debug --worktree --prompt-suggestions --from-pr"),
  ...flagsOf(
    "list",
    "--tools --allowedTools --allowed-tools --disallowedTools --disallowed-tools --mcp-config --add-dir --betas --file"
  )
])

const shorts: Readonly<Record<string, string>> = {
  "-p": "--print",
  "-v": "--version",
  "-h": "--help",
  "-r": "--resume",
  "-c": "--continue",
  "-d": "--debug",
  "-n": "--name",
  "-w": "--worktree"
}

const gather = (argv: ReadonlyArray<string>): ReadonlyMap<string, ReadonlyArray<string>> => {
  const found = new Map<string, ReadonlyArray<string>>()
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ""
    if (argument === "--") break
    if (!argument.startsWith("-")) {
      throw new Refusal("Error: the simulator takes its prompt on stdin (--input-format=stream-json)")
    }
    const equals = argument.indexOf("=")
    const written = equals < 0 ? argument : argument.slice(0, equals)
    const flag = shorts[written] ?? written
    const kind = kinds.get(flag)
    if (kind === undefined) throw new Refusal(`error: unknown option '${argument}'`)
    const values: Array<string> = equals < 0 ? [] : [argument.slice(equals + 1)]
    const most = kind === "switch" || equals >= 0 ? 0 : kind === "list" ? Infinity : 1
    while (values.length < most && argv[index + 1] !== undefined) {
      // A value may look like a flag only where exactly one is needed.
      if (kind !== "value" && argv[index + 1]?.startsWith("-")) break
      values.push(argv[++index] ?? "")
    }
    if (kind === "value" && values.length === 0) throw new Refusal(`error: option '${flag} <value>' argument missing`)
    found.set(flag, [...found.get(flag) ?? [], ...values])
  }
  return found
}

const allTools = [
  ..."Task Bash CronCreate CronDelete CronList Edit EnterWorktree ExitWorktree Glob Grep ListAgents".split(" "),
  ..."NotebookEdit Read ReportFindings ScheduleWakeup SendMessage Skill TaskStop ToolSearch".split(" "),
  ..."WebFetch WebSearch Workflow Write".split(" ")
]
const bareTools = ["Bash", "Edit", "Read"]
const unrestricted: ReadonlySet<string> = new Set(["Bash", "CronCreate", "WebFetch", "Workflow"])

const modes = ["acceptEdits", "auto", "bypassPermissions", "manual", "dontAsk", "plan"]
const efforts = ["low", "medium", "high", "xhigh", "max"]

/** `warn` gets what goes to stderr without being an error. */
export const read = (
  argv: ReadonlyArray<string>,
  context: { readonly mayBypass: boolean; readonly warn: (line: string) => void }
): Options => {
  const found = gather(argv)
  const last = (flag: string) => found.get(flag)?.at(-1)
  const list = (...flags: ReadonlyArray<string>) =>
    flags.flatMap((flag) => found.get(flag) ?? []).flatMap((value) => value.split(/[,\s]+/)).filter((value) =>
      value !== ""
    )

  const version = found.has("--version")
  const mode = last("--permission-mode") ?? "default"
  if (mode !== "default" && !modes.includes(mode)) {
    throw new Refusal(
      `error: option '--permission-mode <mode>' argument '${mode}' is invalid. Allowed choices are ${modes.join(", ")}.`
    )
  }
  const bypasses = mode === "bypassPermissions" || found.has("--dangerously-skip-permissions")
  const maxTurns = number(last("--max-turns"), "--max-turns <turns>", "must be a number")
  const budgetRule = "--max-budget-usd must be a number greater than 0"
  const maxBudgetUsd = number(last("--max-budget-usd"), "--max-budget-usd <amount>", budgetRule)
  if (maxBudgetUsd !== undefined && maxBudgetUsd <= 0) {
    throw new Refusal(`error: option '--max-budget-usd <amount>' argument '${maxBudgetUsd}' is invalid. ${budgetRule}`)
  }
  const effort = last("--effort")
  if (effort !== undefined && !efforts.includes(effort)) {
    context.warn(
      `Warning: Unknown --effort value '${effort}' — ignoring it and using the default effort. Valid values: ${
        efforts.join(", ")
      }.`
    )
  }
  if (!version) {
    requireStreams(found, last)
    requireSession(found, last)
  }
  if (bypasses && !context.mayBypass) {
    const why = "--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons"
    throw new Refusal(why, "bypass_root")
  }
  const settings = last("--settings")
  if (settings !== undefined && !settings.trim().startsWith("{")) contentsOf(settings, "Settings file")

  const denied = new Set(list("--disallowedTools", "--disallowed-tools"))
  const named = found.has("--tools") ? list("--tools").toSorted() : undefined
  const base = named === undefined || named.includes("default")
    ? found.has("--bare") ? bareTools : allTools
    : named
  const isOpen = (tool: string) => !denied.has(tool) && !(found.has("--restricted") && unrestricted.has(tool))

  return {
    version,
    model: last("--model"),
    fallbackModel: last("--fallback-model")?.split(",")[0],
    maxTurns: maxTurns === 0 ? undefined : maxTurns,
    maxBudgetUsd,
    permissionMode: bypasses ? "bypassPermissions" : mode === "manual" ? "default" : mode,
    asksHost: last("--permission-prompt-tool") === "stdio" || last("--permission-prompts") === "host",
    tools: base.filter(isOpen),
    mcpServers: (found.get("--mcp-config") ?? []).flatMap(serversOf),
    jsonSchema: schemaOf(last("--json-schema")),
    appendSystemPrompt: last("--append-system-prompt"),
    resume: found.has("--resume") ? last("--resume") ?? "" : undefined,
    sessionId: last("--session-id"),
    forkSession: found.has("--fork-session"),
    keepsTranscript: !found.has("--no-session-persistence"),
    partialMessages: found.has("--include-partial-messages"),
    replaysUser: found.has("--replay-user-messages")
  }
}

type Last = (flag: string) => string | undefined
type Found = ReadonlyMap<string, ReadonlyArray<string>>

const requireStreams = (found: Found, last: Last) => {
  if (last("--output-format") === "stream-json" && !found.has("--verbose")) {
    throw new Refusal("Error: When using --print, --output-format=stream-json requires --verbose")
  }
  if (last("--input-format") !== "stream-json" || last("--output-format") !== "stream-json") {
    throw new Refusal("Error: the simulator speaks only --input-format=stream-json --output-format=stream-json")
  }
}

const requireSession = (found: Found, last: Last) => {
  const id = last("--session-id")
  if (id === undefined) return
  if (!isUuid(id)) throw new Refusal("Error: Invalid session ID. Must be a valid UUID.")
  if (found.has("--resume") && !found.has("--fork-session")) {
    throw new Refusal(
      "Error: --session-id can only be used with --continue or --resume if --fork-session is also specified."
    )
  }
}

const number = (text: string | undefined, option: string, rule: string): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === "" || Number.isNaN(value)) {
    throw new Refusal(`error: option '${option}' argument '${text}' is invalid. ${rule}`)
  }
  return value
}

const schemaOf = (text: string | undefined): unknown => {
  if (text === undefined) return undefined
  const schema = jsonOf(text, (detail) => `Error: --json-schema is not valid JSON: ${detail}`)
  const problem = problemOf(schema)
  if (problem !== undefined) throw new Refusal(`Error: --json-schema is not a valid JSON Schema: ${problem}`)
  return schema
}

const serversOf = (config: string): ReadonlyArray<string> => {
  const text = config.trim().startsWith("{") ? config : contentsOf(config, "MCP config file")
  const json = jsonOf(text, (detail) => `Error: Invalid MCP configuration: ${detail}`)
  return Object.keys((json as { mcpServers?: object }).mcpServers ?? {})
}

const contentsOf = (path: string, what: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    throw new Refusal(`Error: ${what} not found: ${path}`)
  }
}

const jsonOf = (text: string, complain: (detail: string) => string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Refusal(complain((error as Error).message))
  }
}
