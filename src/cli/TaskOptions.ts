/**
 * What the flags of a task say, as the pool is asked for it: checked as far as this side can.
 */
import { Effect, type FileSystem, Option, Path, Predicate, Record, Schema, String } from "effect"
import { retryLimits } from "../domain/ChainDefinition.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { type ReviewGate, TaskOptions, TaskRequest } from "../domain/TaskRequest.ts"
import { Machine } from "../services/Machine.ts"
import { readUsd } from "./Amount.ts"
import { expectFlag, readExpect } from "./ExpectFlags.ts"
import { checkDirectory, readMcpServers, readSchema } from "./TaskFiles.ts"
import type { OptionFlags, TaskFlags } from "./TaskFlags.ts"
import { readText } from "./TextFile.ts"

type Needs = FileSystem.FileSystem | Path.Path | Machine

const refuse = (issues: ReadonlyArray<string>, hint: string): Failure => fail(new InvalidRequest({ issues, hint }))

export const readIfSaid = <A, R>(said: Option.Option<string>, read: (said: string) => Effect.Effect<A, Failure, R>) =>
  Option.match(said, { onNone: () => Effect.undefined, onSome: read })

const flagNames: Readonly<Record<string, string>> = {
  prompt: "the prompt",
  allowedTools: "--allowed-tool",
  deniedTools: "--denied-tool",
  tags: "--tag",
  budget: "--budget-usd",
  "review.maxRejections": "--max-rejections",
  "review.criteria": "--criteria"
}

/** The same line, with the name that the user knows the field by. */
const byFlag = (issue: string): string =>
  issue.replace(/^expect\.(\w+)(?:\.\d+)?(?=:)/, (_, field: string) => expectFlag(field)).replace(
    /^(review\.)?\w+(?=:)|^\w+/,
    (field) => flagNames[field] ?? `--${String.snakeToKebab(String.camelToSnake(field))}`
  ).replace(/^(--retry)\.\w+/, "$1")

const readReview = (
  { criteria, maxRejections, review }: OptionFlags
): Effect.Effect<ReviewGate | undefined, Failure> => {
  if (review) {
    return Effect.succeed({
      maxRejections: Option.getOrElse(maxRejections, () => 3),
      ...Record.getSomes({ criteria })
    })
  }
  return Option.isSome(maxRejections) || Option.isSome(criteria)
    ? refuse(["--max-rejections and --criteria are about a review"], "say --review too")
    : Effect.undefined
}

/** An absolute path of a directory that is there. */
export const readCwd = (said: Option.Option<string>): Effect.Effect<string, Failure, Needs> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    return yield* checkDirectory("--cwd", path.resolve(cwd, Option.getOrElse(said, () => ".")))
  })

const readFields = Effect.fnUntraced(function*(flags: OptionFlags) {
  if (Option.isSome(flags.systemPrompt) && Option.isSome(flags.systemPromptFile)) {
    return yield* refuse(["--system-prompt and --system-prompt-file contradict each other"], "leave one of the two out")
  }
  return {
    systemPrompt: Option.getOrUndefined(flags.systemPrompt) ??
      (yield* readIfSaid(flags.systemPromptFile, (file) => readText("--system-prompt-file", file))),
    permissionMode: Option.getOrUndefined(flags.permissionMode),
    continueFrom: Option.getOrUndefined(flags.continueFrom),
    role: Option.getOrUndefined(flags.role),
    mailbox: flags.mailbox ? true : undefined,
    retry: Option.getOrUndefined(Option.map(flags.retry, retryLimits)),
    review: yield* readReview(flags),
    base: Option.getOrUndefined(flags.base),
    expect: readExpect(flags),
    ...Record.filter(
      { tags: flags.tags, allowedTools: flags.allowedTools, deniedTools: flags.deniedTools },
      (items) => items.length > 0
    ),
    cwd: yield* readCwd(flags.cwd),
    budget: yield* readIfSaid(flags.budgetUsd, readUsd("--budget-usd")),
    mcpServers: yield* readIfSaid(flags.mcpConfig, (file) => readMcpServers("--mcp-config", file)),
    schema: yield* readIfSaid(flags.schema, (file) => readSchema("--schema", file))
  }
})

const compact = (said: Readonly<Record<string, unknown>>) => Record.filter(said, Predicate.isNotUndefined)

const explain = (error: Schema.SchemaError): Failure =>
  refuse([...new Set(issueLines(error).map(byFlag))], "`claude-pool run --help` explains the flags")

/** What the flags say of every task of a command. */
export const taskOptions = (flags: OptionFlags): Effect.Effect<TaskOptions, Failure, Needs> =>
  Effect.flatMap(
    readFields(flags),
    (fields) => Schema.decodeEffect(TaskOptions)(compact(fields), { errors: "all" })
  ).pipe(Effect.catchTag("SchemaError", explain))

/** The one task that the flags describe. */
export const taskRequest = (prompt: string, flags: TaskFlags): Effect.Effect<TaskRequest, Failure, Needs> =>
  Effect.flatMap(readFields(flags), (fields) => {
    const said = { prompt, name: Option.getOrUndefined(flags.name), key: Option.getOrUndefined(flags.key), ...fields }
    return Schema.decodeUnknownEffect(TaskRequest)(compact(said), { errors: "all" })
  }).pipe(Effect.catchTag("SchemaError", explain))
