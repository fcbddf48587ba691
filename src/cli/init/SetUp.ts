/**
 * What a project, or a plugin, needs so that a Claude Code session finds the pool: the server, the skill, the settings, and
 * leave to look.
 */
import { Effect, Record, type Schema } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { isJsonArray } from "../../domain/ValuePath.ts"
import { coordinatorSkill, skillName } from "./CoordinatorSkill.ts"
import type { FileChange } from "./FileChange.ts"
import { entriesOf, entryOf, isEntries, objectIn, refuse, textOf } from "./JsonFile.ts"

/** How a client starts the server. */
export interface ServerCommand {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** Longer than the longest wait of a call, in milliseconds. */
const timeout = 1_800_000

/** The tools that change nothing: a person need not be asked before each look. */
export const lookingTools = [
  "pool_wait",
  "pool_result",
  "pool_chain_result",
  "pool_output",
  "pool_list",
  "pool_status"
] as const

export type Current = (path: string) => Effect.Effect<string | null, Failure>

type Json = Schema.Json

/** Whether a server that is configured already is this program, however it is started. */
const isOurs = (server: Readonly<Record<string, Json>>): boolean => {
  const args = Array.isArray(server["args"]) ? server["args"] : []
  return args.includes("mcp") && [server["command"], ...args].some((word) => /claude-pool/.test(String(word)))
}

const serverFile = Effect.fnUntraced(function*(
  current: Current,
  name: string,
  { args, command }: ServerCommand
): Effect.fn.Return<FileChange, Failure> {
  const path = ".mcp.json"
  const before = yield* current(path)
  const entries = yield* entriesOf(path, before)
  const servers = yield* objectIn(path, entries, "mcpServers")
  const there = entryOf(servers, name)
  if (there !== undefined && !(isEntries(there) && isOurs(there))) {
    return yield* fail(
      new InvalidRequest({
        issues: [`${path}: a server called ${name} is there already, and it is not claude-pool`],
        hint: "give it another name here with --name"
      })
    )
  }
  const kept: Readonly<Record<string, Json>> = isEntries(there) ? there : {}
  const server = { ...kept, command, args: [...args], timeout: kept["timeout"] ?? timeout }
  return { path, before, after: textOf({ ...entries, mcpServers: { ...servers, [name]: server } }, before) }
})

const permissionsFile = Effect.fnUntraced(function*(
  current: Current,
  name: string
): Effect.fn.Return<FileChange, Failure> {
  const path = ".claude/settings.json"
  const before = yield* current(path)
  const entries = yield* entriesOf(path, before)
  const permissions = yield* objectIn(path, entries, "permissions")
  const allowed = permissions["allow"] ?? []
  if (!isJsonArray(allowed)) return yield* refuse(path, "permissions.allow is no JSON array")
  const missing = lookingTools.map((tool) => `mcp__${name}__${tool}`).filter((rule) => !allowed.includes(rule))
  const after = missing.length === 0
    ? before ?? ""
    : textOf({ ...entries, permissions: { ...permissions, allow: [...allowed, ...missing] } }, before)
  return { path, before, after }
})

/** `settings` are by the keys that files have. */
const settingsFile = Effect.fnUntraced(function*(
  current: Current,
  settings: Readonly<Record<string, Json>>
): Effect.fn.Return<ReadonlyArray<FileChange>, Failure> {
  if (Record.isEmptyRecord(settings)) return []
  const path = ".claude-pool/settings.json"
  const before = yield* current(path)
  return [{ path, before, after: textOf({ ...(yield* entriesOf(path, before)), ...settings }, before) }]
})

const skillFile = (current: Current): Effect.Effect<FileChange, Failure> => {
  const inPlugin = `skills/${skillName}/SKILL.md`
  return Effect.map(current(inPlugin), (before) => ({ path: inPlugin, before, after: coordinatorSkill }))
}

export interface ProjectOptions {
  readonly name: string
  readonly server: ServerCommand
  readonly settings: Readonly<Record<string, Json>>
}

/** The files of a project, as they are and as they are to be. */
export const setUpProject = Effect.fnUntraced(function*(
  current: Current,
  { name, server, settings }: ProjectOptions
): Effect.fn.Return<ReadonlyArray<FileChange>, Failure> {
  const skill = yield* skillFile((path) => current(`.claude/${path}`))
  return [
    yield* serverFile(current, name, server),
    { ...skill, path: `.claude/${skill.path}` },
    yield* permissionsFile(current, name),
    ...(yield* settingsFile(current, settings))
  ]
})

/** Names that begin with `claude-` are kept for Anthropic's own plugins. */
const pluginName = "worker-pool"

const pluginReadme = `# ${pluginName}

Gives Claude Code sessions a pool of Claude workers: claude-pool. A session hands out bounded pieces of work - one task, many at once, or
steps that feed each other - and goes on while they run in processes of their own, within limits of money, time and permissions.
Results wait to be read, reviewed and merged; nothing is lost when the session ends.

It brings the MCP server of the pool, which needs claude-pool itself to be installed, and the skill \`${skillName}\`, which tells a session
when to hand out work, to which model, and how to bring it home. The server that \`.mcp.json\` starts is the program that wrote this plugin: write
it anew with \`claude-pool init --plugin\` when that has moved.
`

export interface PluginOptions {
  readonly name: string
  readonly server: ServerCommand
  readonly version: string
}

/** The files of a plugin of Claude Code, which is a directory. */
export const setUpPlugin = Effect.fnUntraced(function*(
  current: Current,
  { name, server, version }: PluginOptions
): Effect.fn.Return<ReadonlyArray<FileChange>, Failure> {
  const path = ".claude-plugin/plugin.json"
  const before = yield* current(path)
  const manifest = {
    ...(yield* entriesOf(path, before)),
    name: pluginName,
    version,
    description: "Run bounded work in parallel on Claude workers: fan out, chains, reviews, budgets, worktrees",
    author: { name: "claude-pool" },
    license: "MIT",
    keywords: ["workers", "parallel", "fan-out", "mcp"]
  }
  const readme = yield* current("README.md")
  return [
    { path, before, after: textOf(manifest, before) },
    yield* serverFile(current, name, server),
    yield* skillFile(current),
    { path: "README.md", before: readme, after: pluginReadme }
  ]
})
