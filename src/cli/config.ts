/**
 * `claude-pool config`: every setting, its value, and who said so.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { encodeSetting, formatSetting, keyOf, settingNames } from "../domain/Settings.ts"
import { Configuration, formatOrigin } from "../services/Configuration.ts"
import { show } from "./Format.ts"
import { table } from "./Table.ts"
import { stdoutWidth } from "./Terminal.ts"

export const config = Command.make(
  "config",
  {},
  Effect.fn(function*() {
    const { origins, settings } = yield* Configuration
    const rows = settingNames.map((name) => ({
      key: keyOf(name),
      value: encodeSetting(name, settings[name]),
      text: formatSetting(name, settings[name]),
      origin: formatOrigin(origins[name])
    }))
    const lines = table(
      [["KEY", "VALUE", "ORIGIN"], ...rows.map(({ key, origin, text }) => [key, text || "none", origin])],
      yield* stdoutWidth
    )
    yield* show({
      json: Object.fromEntries(rows.map(({ key, origin, value }) => [key, { value, origin }])),
      text: lines.join("\n")
    })
  })
).pipe(
  Command.withDescription("Show every setting, its value and where it was said"),
  Command.withExamples([
    { command: "claude-pool config" },
    { command: "claude-pool --slots 8 config --json", description: "As it would be with this flag" }
  ])
)
