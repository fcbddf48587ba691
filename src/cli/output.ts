/**
 * `claude-pool output <id>`: the text of an answer, by pages.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { forStdout } from "./Outcome.ts"
import { notePage, pageFlags, readPage } from "./Pages.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

export const output = Command.make(
  "output",
  { id: workIdArgument, ...pageFlags },
  Effect.fn(function*({ id, ...said }) {
    const page = yield* readPage(yield* readWorkId(id), said)
    yield* show({ json: page, text: yield* forStdout(page.text) })
    yield* notePage(page)
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
