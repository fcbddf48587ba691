/**
 * `claude-pool approve <id>`: lets a result pass that waits for its review.
 */
import { Effect, Option, Record } from "effect"
import { Command, Flag } from "effect/cli"
import { shortCommit } from "../domain/Commit.ts"
import { Pool } from "../services/Pool.ts"
import { noteLeft } from "./Attended.ts"
import { evidenceLines } from "./EvidenceLines.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readTaskId, taskIdArgument } from "./WorkIds.ts"

export const approve = Command.make(
  "approve",
  {
    id: taskIdArgument,
    hash: Flag.String("hash").pipe(
      Flag.withMetavar("hash"),
      Flag.withDescription("Only the result with this hash, the one that was seen (default: the one that is there)"),
      Flag.optional
    ),
    note: Flag.String("note").pipe(
      Flag.withMetavar("text"),
      Flag.withDescription("What there is to say to it: it is kept with the task (default: none)"),
      Flag.optional
    )
  },
  Effect.fn(function*({ id, ...said }) {
    const pool = yield* Pool
    const task = yield* pool.approve(yield* readTaskId(id), Record.getSomes(said))
    yield* Effect.forEach(evidenceLines(task), note)
    yield* show({ json: task, text: `${task.id} approved` })
    if (Option.isNone(said.hash)) {
      yield* note("approved as it was just now; --hash binds the approval to the result that you have seen")
    }
    if (task.branch !== undefined && task.head !== undefined) {
      yield* note(
        `it holds for ${task.branch} at ${shortCommit(task.head)}: \`claude-pool merge ${task.id}\` lands that`
      )
    }
    if (task.part_of !== undefined) {
      yield* noteLeft(`${task.part_of} goes on`, task.part_of)
    }
  })
).pipe(
  Command.withDescription("Accept a result that waits for its review"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    {
      command: "claude-pool result t_0123456789abcdef",
      description: "Look at it first: it shows the hash, and what to look at"
    },
    { command: "claude-pool approve t_0123456789abcdef --hash 9f86d081… --note \"read and tried out\"" }
  ])
)
