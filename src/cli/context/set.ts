/**
 * `claude-pool context set <key> <value>`.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { readSaidText } from "../SaidText.ts"
import { keyArgument, readKey, readScope, scopeFlag } from "../Scope.ts"
import { storeSettings } from "../TaskSettings.ts"

export const contextSet = Command.make(
  "set",
  {
    key: keyArgument,
    value: Argument.String("value").pipe(
      Argument.withDescription("The value: a text, @file to take it from a file, or - to take it from stdin")
    ),
    scope: scopeFlag
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const scope = yield* readScope(input.scope)
    const key = yield* readKey(input.key)
    const entry = yield* pool.setContext(scope, key, yield* readSaidText("the value", input.value))
    yield* show({ json: entry, text: `${entry.key} set for ${entry.scope}` })
  })
).pipe(
  Command.withDescription("Set a value that workers are told from their next attempt on"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool context set style \"two spaces, no semicolons\"", description: "For all workers" },
    { command: "claude-pool context set api @docs/api.md --scope g_0123456789abcdef", description: "For one group" }
  ])
)
