/**
 * `claude-pool status`: slots, queue, running tasks, money.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { statusText } from "./StatusText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

export const status = Command.make(
  "status",
  {},
  Effect.fn(function*() {
    const pool = yield* Pool
    const now = yield* pool.status
    yield* show({ json: now, text: statusText(now, yield* stdoutWidth) })
  })
).pipe(
  Command.withDescription("Show the pool: slots, queue, running tasks, budget"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool status" }, { command: "claude-pool status --json" }])
)
