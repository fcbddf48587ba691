/**
 * `claude-pool resume`: takes a drain back.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { storeSettings } from "./TaskSettings.ts"

export const resume = Command.make(
  "resume",
  {},
  Effect.fn(function*() {
    const pool = yield* Pool
    yield* pool.resume
    yield* show({ json: { resumed: true }, text: "the pool takes work in again, and starts what waits" })
  })
).pipe(
  Command.withDescription("Let a drained pool take work in again, and start what waits"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool resume" }])
)
