/**
 * `claude-pool retry <id>`: runs again what is not done, and nothing else.
 */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { isChainId, isGroupId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { readUsd } from "./Amount.ts"
import { attend } from "./Attended.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { type ItemFlags, itemFlags, readItems } from "./Items.ts"
import { exitAs, showOutcome } from "./Outcome.ts"
import { detachFlag } from "./TaskFlags.ts"
import { poolSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

/** The items in the place of those that it had; null where none were said. */
const readOthers = Effect.fnUntraced(function*(id: WorkId, prompts: ReadonlyArray<string>, flags: ItemFlags) {
  if (prompts.length === 0 && Option.isNone(flags.items) && Option.isNone(flags.over)) return null
  if (!isGroupId(id)) {
    return yield* fail(
      new InvalidRequest({
        issues: [`only a group has items, and ${id} is none`],
        hint: "leave --items and --over out"
      })
    )
  }
  return { group: id, items: yield* readItems(prompts, flags) }
})

export const retry = Command.make(
  "retry",
  {
    id: workIdArgument,
    prompts: Argument.String("prompts").pipe(
      Argument.withDescription("Of a group: the prompts in the place of those it had; or with --over one template"),
      Argument.variadic()
    ),
    ...itemFlags,
    budgetUsd: Flag.String("budget-usd").pipe(
      Flag.withMetavar("usd"),
      Flag.withDescription("What it may spend from now on, all of it together (default: what it was given)"),
      Flag.optional
    ),
    detach: detachFlag
  },
  Effect.fn(function*({ budgetUsd, detach, prompts, ...input }) {
    const pool = yield* Pool
    const id = yield* readWorkId(input.id)
    const options = Option.isNone(budgetUsd) ? {} : { budget: yield* readUsd("--budget-usd")(budgetUsd.value) }
    const others = yield* readOthers(id, prompts, input)
    const start = Effect.tap(
      others === null ? pool.retry(id, options) : pool.refan(others.group, others.items, options),
      ({ kept, rerun }) => note(`${rerun} to be run again, ${kept} kept as they are`)
    )
    if (detach) {
      const reply = yield* start
      return yield* show({ json: reply, text: reply.id })
    }
    const { outcome, started: { kept, rerun } } = yield* attend(start)
    yield* showOutcome(outcome, isChainId(id) || outcome.answer !== null ? "answer" : "parts", { rerun, kept })
    yield* exitAs(outcome)
  })
).pipe(
  Command.withDescription("Run again what failed or was cancelled of a task, a group or a chain, and wait for it"),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    { command: "claude-pool retry g_0123456789abcdef --budget-usd 5", description: "Only the items that are not done" },
    { command: "claude-pool retry t_0123456789abcdef --detach" },
    {
      command: "claude-pool retry g_0123456789abcdef \"review {item}\" --over 'src/**/*.ts'",
      description: "Another list: what it has done of it already is kept"
    }
  ])
)
