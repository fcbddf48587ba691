/**
 * `claude-pool context get <key>`.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Pool } from "../../services/Pool.ts"
import { show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { forStdout } from "../Outcome.ts"
import { keyArgument, readKey, readScope, scopeFlag } from "../Scope.ts"
import { storeSettings } from "../TaskSettings.ts"

export const contextGet = Command.make(
  "get",
  { key: keyArgument, scope: scopeFlag },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const scope = yield* readScope(input.scope)
    const key = yield* readKey(input.key)
    const entry = yield* pool.getContext(scope, key)
    if (entry === null) {
      return yield* fail(
        new InvalidRequest({
          issues: [`there is no ${key} in the context of ${scope}`],
          hint: `\`claude-pool context list --scope ${scope}\` shows what there is`
        })
      )
    }
    yield* show({ json: entry, text: yield* forStdout(entry.value) })
  })
).pipe(
  Command.withDescription("Print a value of the shared context"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool context get style" }])
)
