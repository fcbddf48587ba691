/**
 * `claude-pool cancel <ids…>`: stops work for good.
 */
import { Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

export const cancel = Command.make(
  "cancel",
  {
    ids: workIdArgument.pipe(Argument.atLeast(1)),
    note: Flag.String("note").pipe(
      Flag.withDescription("Why: it is kept with the work (default: none)"),
      Flag.withDefault("")
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const reply = yield* pool.cancel(yield* Effect.forEach(input.ids, readWorkId), input.note)
    const lines = [
      ...reply.cancelled.map((id) => `${id} cancelled`),
      ...reply.already_finished.map((id) => `${id} had finished already`)
    ]
    yield* show({ json: reply, text: lines.join("\n") })
  })
).pipe(
  Command.withDescription("Stop tasks, groups and chains for good, with every process that they have started"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool cancel t_0123456789abcdef --note \"no longer needed\"" },
    { command: "claude-pool cancel g_0123456789abcdef", description: "All items of a group that have not finished" }
  ])
)
