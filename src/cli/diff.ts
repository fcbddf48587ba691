/**
 * `claude-pool diff <id>`: what work has changed on its branch.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Pool } from "../services/Pool.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { forStdout } from "./Outcome.ts"
import { notePage, pageFlags, readPage } from "./Pages.ts"
import { colourPatch, statText } from "./PatchText.ts"
import { Styles } from "./Styles.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

export const diff = Command.make(
  "diff",
  {
    id: workIdArgument,
    stat: Flag.Boolean("stat").pipe(
      Flag.withDescription("Only which files, and how much of each (default: the patch)"),
      Flag.withDefault(false)
    ),
    ...pageFlags
  },
  Effect.fn(function*({ id, stat, ...said }) {
    const pool = yield* Pool
    const work = yield* readWorkId(id)
    if (stat) {
      if (said.all || said.offset !== 0 || Option.isSome(said.limit)) {
        return yield* fail(
          new InvalidRequest({
            issues: ["--stat has no pages"],
            hint: "leave --offset, --limit and --all out"
          })
        )
      }
      const changes = yield* pool.changes(work)
      return yield* show({ json: changes, text: statText(changes.branches, yield* stdoutWidth) })
    }
    const page = yield* readPage(work, said, { part: "diff" })
    const { colours, stdout } = yield* Styles
    if (page.total === 0) {
      yield* show({ json: page, text: null })
      return yield* note(`${work} has changed nothing`)
    }
    const text = yield* forStdout(page.text)
    yield* show({ json: page, text: colours ? colourPatch(text, stdout, said.offset > 0) : text })
    yield* notePage(page)
  })
).pipe(
  Command.withDescription("Print what a task, a group or a chain has changed on its branches, as a patch by pages"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool diff t_0123456789abcdef", description: "In colours, on a terminal" },
    { command: "claude-pool diff g_0123456789abcdef --stat", description: "The files that each item has changed" },
    {
      command: "claude-pool diff t_0123456789abcdef --all | git apply --check",
      description: "All of it, as git takes it"
    }
  ])
)
