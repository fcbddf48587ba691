/**
 * `claude-pool mcp`: the pool as an MCP server on stdin and stdout.
 */
import type { Effect } from "effect"
import { Command } from "effect/cli"
import { withFarewell } from "./Farewell.ts"
import { SettingsShown } from "./HelpText.ts"
import { poolSettings } from "./TaskSettings.ts"

/** `serve` is the server: it ends when its client goes. */
export const mcp = <E, R>(serve: Effect.Effect<void, E, R>) =>
  Command.make("mcp", {}, () => withFarewell(serve)).pipe(
    Command.withDescription("Serve a coordinator over MCP, on stdin and stdout"),
    Command.annotate(SettingsShown, poolSettings),
    Command.withExamples([
      { command: "claude mcp add pool -- npx claude-pool mcp", description: "Give it to a Claude Code session" },
      { command: "claude-pool mcp --slots 8 --pool-budget-usd 20", description: "Eight workers, twenty dollars" }
    ])
  )
