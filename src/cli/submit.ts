/**
 * `claude-pool submit <prompt>`: a task for later, or for the pool that runs elsewhere.
 */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { noteLeft } from "./Attended.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { promptArgument, readPrompt } from "./Prompt.ts"
import { taskFlags } from "./TaskFlags.ts"
import { taskRequest } from "./TaskOptions.ts"
import { taskSettings } from "./TaskSettings.ts"

export const submit = Command.make(
  "submit",
  { prompt: promptArgument, ...taskFlags },
  Effect.fn(function*({ prompt, ...flags }) {
    const pool = yield* Pool
    const task = yield* pool.submit(yield* taskRequest(yield* readPrompt(prompt), flags))
    yield* show({ json: task, text: task.id })
    if (Option.isSome(flags.key) && task.state !== "queued") {
      return yield* note(`${task.state}: the task of this key was there already`)
    }
    yield* noteLeft(task.state, task.id)
  })
).pipe(
  Command.withDescription("Queue one task, durably, and print its id"),
  Command.annotate(SettingsShown, taskSettings),
  Command.withExamples([
    { command: "claude-pool submit \"write tests for src/cart.ts\" --tag tests", description: "Hand it in" },
    {
      command: "claude-pool wait $(claude-pool submit \"update the changelog\")",
      description: "Hand it in, and wait for it"
    }
  ])
)
