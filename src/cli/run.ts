/**
 * `claude-pool run <prompt>`: one task, waited for.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import type { Permissions } from "../domain/Permissions.ts"
import { Cancelled } from "../domain/RequestFailure.ts"
import { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { note } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { withLiveLine } from "./LiveLine.ts"
import { exitAs, showTask } from "./Outcome.ts"
import { progressLine } from "./ProgressLine.ts"
import { promptArgument, readPrompt } from "./Prompt.ts"
import { tellFailure } from "./Reported.ts"
import { taskFlags, taskRequest } from "./TaskFlags.ts"
import { taskSettings } from "./TaskSettings.ts"

const rights: { readonly [P in Permissions]: (directory: string) => string } = {
  "read-only": (directory) => `reads files in ${directory}, changes none, runs no commands`,
  "edit": (directory) => `reads and changes files in ${directory}, runs no commands`,
  "full": (directory) => `reads and changes files in ${directory}, runs any command`
}

/** What the worker may do: said before it does it. */
const permissionsLine = (permissions: Permissions, directory: string): string => {
  const others = Object.keys(rights).filter((other) => other !== permissions).join("|")
  return `permissions: ${permissions} — ${rights[permissions](directory)}; --permissions ${others} to change`
}

export const run = Command.make(
  "run",
  { prompt: promptArgument, ...taskFlags },
  Effect.fn(function*({ prompt, ...flags }) {
    const pool = yield* Pool
    const { settings } = yield* Configuration
    const request = yield* taskRequest(yield* readPrompt(prompt), flags)
    yield* note(permissionsLine(settings.permissions, request.cwd ?? "."))
    if (settings.simulate) yield* note("simulated: the answer comes from the built-in simulator")
    const task = yield* withLiveLine(pool.run(request), progressLine).pipe(
      Effect.onInterrupt(() => tellFailure(new Cancelled({ note: "interrupted while it was waited for" })))
    )
    yield* showTask(task)
    yield* exitAs(task)
  })
).pipe(
  Command.withDescription("Run one task and wait for its answer; interrupting it cancels the task"),
  Command.annotate(SettingsShown, taskSettings),
  Command.withExamples([
    {
      command: "claude-pool run \"fix the failing test\" --model opus --timeout 20m",
      description: "One task, in here"
    },
    { command: "git diff | claude-pool run --permissions read-only -", description: "The prompt from stdin" },
    {
      command: "claude-pool run \"list the exported names\" --schema names.json --json",
      description: "An answer with a shape"
    }
  ])
)
