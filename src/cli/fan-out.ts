/**
 * `claude-pool fan-out [prompts…]`: many independent tasks, side by side.
 */
import { Effect, Option, Record, Schema } from "effect"
import { Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { FanOutOptions, type OnItemFailure } from "../domain/FanOut.ts"
import { issueLines } from "../domain/Issues.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { readUsd } from "./Amount.ts"
import { runGroup } from "./GroupRun.ts"
import { SettingsShown } from "./HelpText.ts"
import { itemFlags, promptsArgument, readItems } from "./Items.ts"
import { notePermissions } from "./PermissionsNote.ts"
import { readSaidText } from "./SaidText.ts"
import { detachFlag, taskFlags } from "./TaskFlags.ts"
import { readIfSaid, taskOptions } from "./TaskOptions.ts"
import { poolSettings } from "./TaskSettings.ts"

export const resultsFlag = Flag.String("results").pipe(
  Flag.withMetavar("directory"),
  Flag.withDescription("Write each whole answer to a file INDEX-NAME.md there; overwrites nothing (default: none)"),
  Flag.optional
)

const groupFlags = {
  concurrency: Flag.Int("concurrency").pipe(
    Flag.withDescription("How many of them run at once (default: as many as there are slots)"),
    Flag.optional
  ),
  onFailure: Flag.String("on-failure").pipe(
    Flag.withMetavar("continue|fail-fast|quorum:K"),
    Flag.withDescription(
      "When one fails: go on, cancel the others, or be done as soon as K are done (default: continue)"
    ),
    Flag.optional
  ),
  reduce: Flag.String("reduce").pipe(
    Flag.withMetavar("prompt|@file"),
    Flag.withDescription("One more task that makes one answer of all, which it gets as {outcomes} (default: none)"),
    Flag.optional
  ),
  groupBudgetUsd: Flag.String("group-budget-usd").pipe(
    Flag.withMetavar("usd"),
    Flag.withDescription("What all of them together may spend (default: none but the pool's)"),
    Flag.optional
  ),
  results: resultsFlag
}

const refuse = (issue: string, hint: string): Failure => fail(new InvalidRequest({ issues: [issue], hint }))

const readOnFailure = (said: string): Effect.Effect<OnItemFailure, Failure> => {
  if (said === "continue" || said === "fail-fast") return Effect.succeed(said)
  const quorum = /^quorum:([1-9]\d{0,5})$/.exec(said)?.[1]
  return quorum === undefined
    ? refuse(`--on-failure: ${JSON.stringify(said)} is no such rule`, "say continue, fail-fast or quorum:3")
    : Effect.succeed({ quorum: Number(quorum) })
}

const readConcurrency = (said: number): Effect.Effect<number, Failure> =>
  Schema.decodeEffect(FanOutOptions.fields.concurrency.schema)(said).pipe(
    Effect.mapError((error) => refuse(`--concurrency: ${issueLines(error).join("; ")}`, "leave it out for all slots"))
  )

export const fanOut = Command.make(
  "fan-out",
  { prompts: promptsArgument, ...itemFlags, ...groupFlags, ...taskFlags, detach: detachFlag },
  Effect.fn(function*({ prompts, ...flags }) {
    const defaults = yield* taskOptions(flags)
    const reduce = yield* readIfSaid(flags.reduce, (said) => readSaidText("--reduce", said))
    const options: FanOutOptions = {
      ...Record.getSomes({ name: flags.name, key: flags.key }),
      ...(Option.isNone(flags.onFailure) ? {} : { onFailure: yield* readOnFailure(flags.onFailure.value) }),
      ...(Option.isNone(flags.concurrency) ? {} : { concurrency: yield* readConcurrency(flags.concurrency.value) }),
      ...(Option.isNone(flags.groupBudgetUsd)
        ? {}
        : { budget: yield* readUsd("--group-budget-usd")(flags.groupBudgetUsd.value) }),
      ...(reduce === undefined ? {} : { reduce: { prompt: reduce, cwd: defaults.cwd ?? "." } }),
      defaults
    }
    const items = yield* readItems(prompts, flags)
    if (!flags.detach) {
      const permissions = [...items.map((item) => item.permissions), ...(reduce === undefined ? [] : [undefined])]
      yield* notePermissions(defaults.cwd ?? ".", { by: "items", permissions })
    }
    yield* runGroup(items, options, flags)
  })
).pipe(
  Command.withDescription("Run many independent tasks side by side, and wait for all of them; interrupting it cancels"),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    { command: "claude-pool fan-out \"document src/a.ts\" \"document src/b.ts\"", description: "Two tasks" },
    {
      command: "claude-pool fan-out \"review {item}\" --over 'src/**/*.ts' --permissions read-only --slots 8",
      description: "One for each file that a pattern finds"
    },
    {
      command: "claude-pool fan-out \"answer: {item.question}\" --over faq.jsonl --results answers/",
      description: "One for each line of JSON, and a file for each answer"
    },
    {
      command:
        "claude-pool fan-out \"audit {item}\" --over files.txt --reduce \"rank these findings: {outcomes}\" --group-budget-usd 10",
      description: "One answer of all, for ten dollars at most"
    }
  ])
)
