/**
 * The options of one task, as flags. Those that are also settings (model, effort, timeout, …) are not among them: a
 * setting said by a flag is the same thing.
 */
import { Effect, type FileSystem, Option, Path, Predicate, Record, Schema, String } from "effect"
import { type Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { PermissionMode } from "../domain/Permissions.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { money } from "../domain/Setting.ts"
import { TaskRequest } from "../domain/TaskRequest.ts"
import { Machine } from "../services/Machine.ts"
import { checkDirectory, readMcpServers, readSchema, readText } from "./TaskFiles.ts"

const text = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(Flag.withMetavar(metavar), Flag.withDescription(description), Flag.optional)

const many = (name: string, metavar: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar(metavar),
    Flag.withDescription(`${description}; may be repeated (default: none)`),
    Flag.atLeast(0)
  )

export const taskFlags = {
  name: text("name", "text", "What it is called in lists (default: none)"),
  tags: many("tag", "text", "Mark to find it by"),
  key: text("key", "text", "Idempotency key: the same key and request give the same task (default: none)"),
  cwd: text("cwd", "directory", "Working directory (default: the current one)"),
  budgetUsd: text("budget-usd", "usd", "What it may spend (default: the setting task_budget_usd)"),
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
  continueFrom: text("continue-from", "id", "Finished task whose session goes on (default: a new session)")
}

export type TaskFlags = Command.Command.Config.Infer<typeof taskFlags>

const refuse = (issues: ReadonlyArray<string>, hint: string): Failure => fail(new InvalidRequest({ issues, hint }))

const readBudget = (written: string): Effect.Effect<number, Failure> =>
  Schema.decodeEffect(money.text)(written).pipe(
    Effect.mapError(() =>
      refuse([`--budget-usd: ${JSON.stringify(written)} is not ${money.allowed}`], "it must be above zero")
    )
  )

const readIfSaid = <A, R>(said: Option.Option<string>, read: (said: string) => Effect.Effect<A, Failure, R>) =>
  Option.match(said, { onNone: () => Effect.undefined, onSome: read })

const flagNames: Readonly<Record<string, string>> = {
  prompt: "the prompt",
  allowedTools: "--allowed-tool",
  deniedTools: "--denied-tool",
  tags: "--tag",
  budget: "--budget-usd"
}

/** The same line, with the name that the user knows the field by. */
const byFlag = (issue: string): string =>
  issue.replace(/^\w+/, (field) => flagNames[field] ?? `--${String.snakeToKebab(String.camelToSnake(field))}`)

/** The request that the flags describe, checked as far as this side can. */
export const taskRequest = (
  prompt: string,
  flags: TaskFlags
): Effect.Effect<TaskRequest, Failure, FileSystem.FileSystem | Path.Path | Machine> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const machine = yield* Machine
    if (Option.isSome(flags.systemPrompt) && Option.isSome(flags.systemPromptFile)) {
      return yield* refuse(
        ["--system-prompt and --system-prompt-file contradict each other"],
        "leave one of the two out"
      )
    }
    const said = {
      prompt,
      name: Option.getOrUndefined(flags.name),
      key: Option.getOrUndefined(flags.key),
      systemPrompt: Option.getOrUndefined(flags.systemPrompt) ??
        (yield* readIfSaid(flags.systemPromptFile, (file) => readText("--system-prompt-file", file))),
      permissionMode: Option.getOrUndefined(flags.permissionMode),
      continueFrom: Option.getOrUndefined(flags.continueFrom),
      ...Record.filter(
        { tags: flags.tags, allowedTools: flags.allowedTools, deniedTools: flags.deniedTools },
        (items) => items.length > 0
      ),
      cwd: yield* checkDirectory("--cwd", path.resolve(machine.cwd, Option.getOrElse(flags.cwd, () => "."))),
      budget: yield* readIfSaid(flags.budgetUsd, readBudget),
      mcpServers: yield* readIfSaid(flags.mcpConfig, (file) => readMcpServers("--mcp-config", file)),
      schema: yield* readIfSaid(flags.schema, (file) => readSchema("--schema", file))
    }
    return yield* Schema.decodeUnknownEffect(TaskRequest)(Record.filter(said, Predicate.isNotUndefined), {
      errors: "all"
    })
      .pipe(
        Effect.mapError((error) => refuse(issueLines(error).map(byFlag), "`claude-pool run --help` explains the flags"))
      )
  })
