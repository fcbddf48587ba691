/**
 * `claude-pool` itself: the flags that every command takes, before or after its name.
 */
import { Command, Flag } from "effect/cli"
import { settingFlags } from "./SettingFlags.ts"

export const root = Command.make("claude-pool").pipe(
  Command.withSharedFlags({
    settings: settingFlags,
    json: Flag.Boolean("json").pipe(
      Flag.withOptionalValue("true"),
      Flag.withoutNegation,
      Flag.withDescription("Print one JSON value (default: text)"),
      Flag.withDefault(false)
    )
  }),
  Command.withDescription("A pool of Claude CLI workers: bounded tasks in parallel, with limits that hold"),
  Command.withExamples([
    {
      command: "claude-pool run --simulate \"write a haiku about rust\"",
      description: "Try it out, without an account"
    },
    { command: "claude-pool run \"say what src/main.ts does\" --permissions read-only", description: "One task" },
    { command: "claude-pool --slots 8 mcp", description: "Serve a coordinator, with eight workers" }
  ])
)
