/**
 * `claude-pool reject <id> --feedback …`: sends a result back to its author.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { noteLeft } from "./Attended.ts"
import { evidenceLines } from "./EvidenceLines.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { readSaidText } from "./SaidText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readTaskId, taskIdArgument } from "./WorkIds.ts"

export const reject = Command.make(
  "reject",
  {
    id: taskIdArgument,
    feedback: Flag.String("feedback").pipe(
      Flag.withMetavar("text|@file|-"),
      Flag.withDescription(
        "What is wrong, and what to do instead: a text, a file, or stdin (default: none, it is needed)"
      )
    )
  },
  Effect.fn(function*({ feedback, id }) {
    const pool = yield* Pool
    const task = yield* pool.reject(yield* readTaskId(id), yield* readSaidText("--feedback", feedback))
    yield* Effect.forEach(evidenceLines(task), note)
    yield* show({ json: task, text: `${task.id} rejected` })
    yield* task.state === "queued"
      ? noteLeft("it goes on with your feedback", task.id)
      : note(`${task.state}: it was rejected once too often`)
  })
).pipe(
  Command.withDescription("Send a result back to its author, with what is wrong with it"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool reject t_0123456789abcdef --feedback \"the second test is missing\"" },
    { command: "claude-pool reject t_0123456789abcdef --feedback @review.md", description: "From a file" }
  ])
)
