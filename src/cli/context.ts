/**
 * `claude-pool context …`: what workers are told beside their prompts.
 */
import { Command } from "effect/cli"

export const context = Command.make("context").pipe(
  Command.withDescription("Set, look at and delete what workers are told beside their prompts"),
  Command.withExamples([
    { command: "claude-pool context set style \"two spaces, no semicolons\"", description: "For all workers" },
    { command: "claude-pool context list" }
  ])
)
