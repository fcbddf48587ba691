/**
 * `claude-pool run <prompt>`: one task, waited for.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Cancelled } from "../domain/RequestFailure.ts"
import { Pool } from "../services/Pool.ts"
import { SettingsShown } from "./HelpText.ts"
import { withLiveLine } from "./LiveLine.ts"
import { exitAs, showOutcome } from "./Outcome.ts"
import { notePermissions } from "./PermissionsNote.ts"
import { progressLine } from "./ProgressLine.ts"
import { promptArgument, readPrompt } from "./Prompt.ts"
import { tellFailure } from "./Reported.ts"
import { taskFlags } from "./TaskFlags.ts"
import { taskRequest } from "./TaskOptions.ts"
import { outcomeOfTask } from "./TaskOutcome.ts"
import { taskSettings } from "./TaskSettings.ts"

export const run = Command.make(
  "run",
  { prompt: promptArgument, ...taskFlags },
  Effect.fn(function*({ prompt, ...flags }) {
    const pool = yield* Pool
    const request = yield* taskRequest(yield* readPrompt(prompt), flags)
    yield* notePermissions(request.cwd ?? ".")
    const task = yield* withLiveLine(pool.run(request), progressLine).pipe(
      Effect.onInterrupt(() => tellFailure(new Cancelled({ note: "interrupted while it was waited for" })))
    )
    const outcome = yield* outcomeOfTask(task)
    yield* showOutcome(outcome, "answer")
    yield* exitAs(outcome)
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
    },
    {
      command: "claude-pool run \"draft the release notes\" --review --criteria \"no internal names\"",
      description: "A result that you approve"
    }
  ])
)
