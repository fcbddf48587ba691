/**
 * `claude-pool context delete <key>`.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { keyArgument, readKey, readScope, scopeFlag } from "../Scope.ts"
import { storeSettings } from "../TaskSettings.ts"

export const contextDelete = Command.make(
  "delete",
  { key: keyArgument, scope: scopeFlag },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const scope = yield* readScope(input.scope)
    const key = yield* readKey(input.key)
    const deleted = yield* pool.deleteContext(scope, key)
    yield* show({
      json: { scope, key, deleted },
      text: deleted ? `${key} deleted` : `there was no ${key} in the context of ${scope}`
    })
  })
).pipe(
  Command.withDescription("Delete a value of the shared context"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool context delete style" }])
)
