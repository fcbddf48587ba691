/**
 * `claude-pool output <id>`: the text of an answer, by pages.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import type { OutputReply } from "../domain/PoolView.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Pool } from "../services/Pool.ts"
import { readAnswer } from "./Answer.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { forStdout } from "./Outcome.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

const pageLength = 10_000

const refuse = (issue: string, hint: string) => fail(new InvalidRequest({ issues: [issue], hint }))

export const output = Command.make(
  "output",
  {
    id: workIdArgument,
    offset: Flag.Int("offset").pipe(
      Flag.withDescription("Where to begin, in characters (default: 0)"),
      Flag.withDefault(0)
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription(`How many characters to print (default: ${pageLength})`),
      Flag.optional
    ),
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Print everything from the offset on (default: one page)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ all, offset, ...input }) {
    const pool = yield* Pool
    const id = yield* readWorkId(input.id)
    const limit = Option.getOrElse(input.limit, () => pageLength)
    if (all && Option.isSome(input.limit)) {
      return yield* refuse("--all and --limit contradict each other", "leave one of the two out")
    }
    if (offset < 0) return yield* refuse(`--offset: ${offset} is below zero`, "the first character is at 0")
    if (limit < 1) return yield* refuse(`--limit: ${limit} is not above zero`, `leave it out for ${pageLength}`)

    const whole = (text: string): OutputReply => ({ id, offset, total: offset + text.length, text })
    const page = all ? whole(yield* readAnswer(id, offset)) : yield* pool.output(id, { offset, limit })
    yield* show({ json: page, text: yield* forStdout(page.text) })
    if (page.next_offset !== undefined) {
      yield* note(
        `${page.next_offset} of ${page.total} characters; --offset ${page.next_offset} goes on, --all prints the rest`
      )
    }
  })
).pipe(
  Command.withDescription(
    "Print the text of an answer, by pages: a task's, a group's reducer's or a chain's last step's"
  ),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool output t_0123456789abcdef", description: "The first page" },
    { command: "claude-pool output t_0123456789abcdef --all > answer.md", description: "All of it" }
  ])
)
