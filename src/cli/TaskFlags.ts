/**
 * The options of a task, as flags. Those that are also settings (model, effort, timeout, …) are not among them: a
 * setting said by a flag is the same thing.
 */
import { type Command, Flag } from "effect/cli"
import { PermissionMode } from "../domain/Permissions.ts"
import { expectFlags } from "./ExpectFlags.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(`${description}; may be repeated (default: none)`),
    Flag.atLeast(0)
  )

const yes = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(`${description} (default: no)`), Flag.withDefault(false))

/** What it is called, and what it is found again by. */
export const namingFlags = {
  name: text("name", "text", "What it is called in lists (default: none)"),
  key: text("key", "text", "Idempotency key: the same key and request give the same work (default: none)")
}

/** The end of a command that hands out work: an id at once, or the outcome. */
export const detachFlag = yes("detach", "Only hand it in and print the id; `claude-pool wait` waits for it")

/** Where tasks work. */
export const cwdFlag = text("cwd", "directory", "Working directory (default: the current one)")

/** What every task of a command is given, be it one or many. */
export const optionFlags = {
  tags: many("tag", "text", "Mark to find it by"),
  cwd: cwdFlag,
  budgetUsd: text("budget-usd", "usd", "What each task may spend (default: the setting task_budget_usd)"),
  systemPrompt: text("system-prompt", "text", "Added to the CLI's own system prompt (default: none)"),
  systemPromptFile: text("system-prompt-file", "file", "The same, from a file"),
  allowedTools: many("allowed-tool", "rule", "Tool that it may use in any case, as in \"Bash(npm test)\""),
  deniedTools: many("denied-tool", "rule", "Tool that it may not use"),
  permissionMode: Flag.Literals("permission-mode", PermissionMode.literals).pipe(
    Flag.withDescription("The CLI's own mode (default: what --permissions implies)"),
    Flag.optional
  ),
  mcpConfig: text("mcp-config", "file", "JSON file of MCP servers for it (default: none)"),
  schema: text("schema", "file", "JSON Schema that the answer must fit (default: free text)"),
  continueFrom: text("continue-from", "id", "Finished task whose session goes on (default: a new session)"),
  role: text("role", "text", "Only a slot of this role takes it (default: any slot)"),
  mailbox: yes("mailbox", "Let it read and send messages, and report its progress"),
  retry: Flag.Int("retry").pipe(
    Flag.withDescription("Further attempts for whatever fails, 0 to 20 (default: what the settings allow)"),
    Flag.optional
  ),
  review: yes("review", "Hold the result until it is approved or rejected"),
  maxRejections: Flag.Int("max-rejections").pipe(
    Flag.withDescription("With --review: how often it may be sent back; once more, and it fails (default: 3)"),
    Flag.optional
  ),
  criteria: text("criteria", "text", "With --review: what a reviewer should look at (default: none)"),
  base: text("base", "ref", "What its branch begins at: a commit, a branch or a tag (default: what is checked out)"),
  ...expectFlags
}

export const taskFlags = { ...namingFlags, ...optionFlags }

export type OptionFlags = Command.Command.Config.Infer<typeof optionFlags>
export type TaskFlags = Command.Command.Config.Infer<typeof taskFlags>
