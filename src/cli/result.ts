/**
 * `claude-pool result <id>`: a task as it stands, with its whole answer.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { SettingsShown } from "./HelpText.ts"
import { showTask } from "./Outcome.ts"
import { idArgument, readTaskId } from "./TaskIds.ts"
import { storeSettings } from "./TaskSettings.ts"

export const result = Command.make(
  "result",
  { id: idArgument },
  Effect.fn(function*({ id }) {
    const pool = yield* Pool
    yield* showTask(yield* pool.result(yield* readTaskId(id)))
  })
).pipe(
  Command.withDescription("Print the answer of a task, and how it stands"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool result t_0123456789abcdef" },
    { command: "claude-pool result t_0123456789abcdef --json", description: "With cost, turns, session and failure" }
  ])
)
