/**
 * `claude-pool message read`.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { limitFlag, readLimit } from "../Limit.ts"
import { messageText } from "../MessageLines.ts"
import { storeSettings } from "../TaskSettings.ts"

export const messageRead = Command.make(
  "read",
  {
    limit: limitFlag,
    peek: Flag.Boolean("peek").pipe(
      Flag.withDescription("Leave them unread (default: what is printed counts as read)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const messages = yield* pool.readMessages({ limit: yield* readLimit(input.limit), peek: input.peek })
    yield* show({ json: messages, text: messages.length === 0 ? null : messages.map(messageText).join("\n\n") })
    if (messages.length === 0) yield* note("nothing new")
  })
).pipe(
  Command.withDescription("Print what workers have written to you and nobody has read, oldest first"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool message read" },
    { command: "claude-pool message read --peek --json", description: "Look only" }
  ])
)
