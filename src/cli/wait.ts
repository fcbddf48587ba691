/**
 * `claude-pool wait [ids…]`: until tasks have finished; runs them, if no other pool does.
 */
import { Duration, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { WaitReply } from "../domain/PoolView.ts"
import { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { exitCodeOf } from "./ExitCode.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { withLiveLine } from "./LiveLine.ts"
import { waitLine } from "./ProgressLine.ts"
import { Reported } from "./Reported.ts"
import { table } from "./Table.ts"
import { idArgument, readTaskId } from "./TaskIds.ts"
import { taskHeader, taskRow } from "./TaskLines.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

/** What the first task that is not done came to; then whether there was time enough. */
const exitCodeOfWait = (reply: WaitReply, ids: ReadonlyArray<string>) => {
  const order = ids.length === 0 ? reply.done.map(({ id }) => id) : ids
  const finished = order.flatMap((id) => reply.done.filter((task) => task.id === id))
  return finished.map(exitCodeOf).find((code) => code !== 0) ?? (reply.timed_out ? 5 : 0)
}

export const wait = Command.make(
  "wait",
  {
    ids: idArgument.pipe(Argument.variadic()),
    any: Flag.Boolean("any").pipe(
      Flag.withDescription("Until one of them has finished (default: until all have)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const { origins, settings } = yield* Configuration
    const ids = yield* Effect.forEach(input.ids, readTaskId)
    const reply = yield* withLiveLine(
      pool.wait({
        ids,
        mode: input.any ? "any" : "all",
        // The flag is the setting's: said here, it can only mean the wait.
        timeout: origins.timeout.kind === "flag" ? settings.timeout : Duration.hours(24)
      }),
      (heard, elapsed) => waitLine(heard, ids, elapsed)
    )
    const width = yield* stdoutWidth
    yield* show({ json: reply, text: table([taskHeader, ...reply.done.map(taskRow)], width).join("\n") })
    if (reply.timed_out) {
      yield* note(`not finished in time: ${reply.running.join(", ")}; they go on where a pool runs them`)
    }
    const [first] = reply.done
    if (first !== undefined) yield* note(`\`claude-pool result ${first.id}\` prints a whole answer`)
    const exitCode = exitCodeOfWait(reply, ids)
    if (exitCode !== 0) return yield* new Reported({ exitCode })
  })
).pipe(
  Command.withDescription("Wait for tasks, or for all that are unfinished; runs them, if no other pool does"),
  Command.annotate(SettingsShown, {
    timeout: "How long to wait at most (default: 24h)",
    slots: true,
    ...storeSettings
  }),
  Command.withExamples([
    { command: "claude-pool wait", description: "For everything" },
    { command: "claude-pool wait t_0123456789abcdef t_123456789abcdef0 --any --timeout 10m" }
  ])
)
