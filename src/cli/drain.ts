/**
 * `claude-pool drain`: lets the running pool come to rest, without ending it.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { drainedText } from "./DrainText.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { readSpan } from "./Span.ts"
import { storeSettings } from "./TaskSettings.ts"

export const drain = Command.make(
  "drain",
  {
    grace: Flag.String("grace").pipe(
      Flag.withMetavar("duration"),
      Flag.withDescription("How long running tasks may go on, such as 30s or 5m (default: drain_grace of the pool)"),
      Flag.optional
    )
  },
  Effect.fn(function*({ grace }) {
    const pool = yield* Pool
    const report = yield* pool.drain(Option.isNone(grace) ? {} : { grace: yield* readSpan("--grace")(grace.value) })
    yield* show({ json: report, text: drainedText(report) })
    if (report.taken_back === true) return
    yield* note("`claude-pool resume` takes work in again, and starts what waits")
  })
).pipe(
  Command.withDescription("Start nothing more, let running tasks finish for a while, then cut them off, uncharged"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool drain" },
    { command: "claude-pool drain --grace 10m", description: "With ten minutes for what runs" }
  ])
)
