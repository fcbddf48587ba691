/**
 * `claude-pool message list`.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { limitFlag, readLimit } from "../Limit.ts"
import { messageHeader, messageRow } from "../MessageLines.ts"
import { table } from "../Table.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"

export const messageList = Command.make(
  "list",
  {
    since: Flag.Int("since").pipe(
      Flag.withDescription("Only messages after the one with this number (default: 0, all of them)"),
      Flag.withDefault(0)
    ),
    limit: limitFlag
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const limit = yield* readLimit(input.limit)
    const messages = yield* pool.listMessages({ since: input.since, limit })
    const lines = table([messageHeader, ...messages.map(messageRow)], yield* stdoutWidth)
    yield* show({ json: messages, text: lines.join("\n") })
    const last = messages.at(-1)
    if (last !== undefined && messages.length === limit) yield* note(`--since ${last.seq} goes on`)
  })
).pipe(
  Command.withDescription("List all messages, oldest first, with what has become of each"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool message list" },
    { command: "claude-pool message list --since 40 --limit 10" }
  ])
)
