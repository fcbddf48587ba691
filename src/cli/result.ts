/**
 * `claude-pool result <id>`: work as it stands; a task with its whole answer, a group or a chain with its parts.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { historyOf, isEventful } from "../domain/AttemptHistory.ts"
import { isTaskId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { SettingsShown } from "./HelpText.ts"
import { showOutcome } from "./Outcome.ts"
import { oneLine } from "./Printable.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"
import { outcomeOf } from "./WorkOutcome.ts"

export const result = Command.make(
  "result",
  { id: workIdArgument },
  Effect.fn(function*({ id }) {
    const work = yield* readWorkId(id)
    const outcome = yield* outcomeOf(work)
    if (!isTaskId(work)) return yield* showOutcome(outcome, "parts")
    const attempts = yield* (yield* Pool).attempts(work)
    if (!isEventful(attempts)) return yield* showOutcome(outcome, "parts")
    const notes = [...outcome.notes, ...historyOf(attempts).map(oneLine)]
    yield* showOutcome({ ...outcome, notes }, "parts", { attempts_made: attempts })
  })
).pipe(
  Command.withDescription(
    "Print the answer of a task, the items of a group or the steps of a chain, and how it stands"
  ),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool result t_0123456789abcdef" },
    { command: "claude-pool result t_0123456789abcdef --json", description: "With cost, turns, session and failure" },
    { command: "claude-pool result g_0123456789abcdef", description: "Each item: its state, its cost, its task" }
  ])
)
