/**
 * `claude-pool cancel <ids…>`: stops tasks for good.
 */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { idArgument, readTaskId } from "./TaskIds.ts"
import { storeSettings } from "./TaskSettings.ts"

export const cancel = Command.make(
  "cancel",
  {
    ids: idArgument.pipe(Argument.atLeast(1)),
    note: Flag.String("note").pipe(
      Flag.withDescription("Why: it is kept with the tasks (default: none)"),
      Flag.withDefault("")
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const reply = yield* pool.cancel(yield* Effect.forEach(input.ids, readTaskId), input.note)
    const lines = [
      ...reply.cancelled.map((id) => `${id} cancelled`),
      ...reply.already_finished.map((id) => `${id} had finished already`)
    ]
    yield* show({ json: reply, text: lines.join("\n") })
  })
).pipe(
  Command.withDescription("Stop tasks for good, with every process that they have started"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool cancel t_0123456789abcdef --note \"no longer needed\"" }])
)
