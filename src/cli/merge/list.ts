/**
 * `claude-pool merge list`: what has landed so far.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { mergeHeader, mergeRow } from "../MergeText.ts"
import { table } from "../Table.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"

export const mergeList = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const pool = yield* Pool
    const merges = yield* pool.merges
    yield* show({
      json: { merges },
      text: table([mergeHeader, ...merges.map(mergeRow)], yield* stdoutWidth).join("\n")
    })
    yield* note(`${merges.length} in all`)
  })
).pipe(
  Command.withDescription("List what has landed, the newest first"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool merge list --json" }])
)
