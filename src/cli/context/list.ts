/**
 * `claude-pool context list`.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { oneLine } from "../Printable.ts"
import { readScope, scopeFlag } from "../Scope.ts"
import { table } from "../Table.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"

export const contextList = Command.make(
  "list",
  { scope: scopeFlag },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const entries = yield* pool.listContext(yield* readScope(input.scope))
    const rows = entries.map(({ key, set_at, value }) => [key, set_at, oneLine(value)])
    const lines = table([["KEY", "SET AT", "VALUE"], ...rows], yield* stdoutWidth)
    yield* show({ json: entries, text: lines.join("\n") })
  })
).pipe(
  Command.withDescription("List the values of the shared context"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool context list" },
    { command: "claude-pool context list --scope c_0123456789abcdef --json" }
  ])
)
