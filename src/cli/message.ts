/**
 * `claude-pool message …`: texts to workers, and from them.
 */
import { Command } from "effect/cli"

export const message = Command.make("message").pipe(
  Command.withDescription("Send texts to workers, read what they have written, and see what became of it"),
  Command.withExamples([
    { command: "claude-pool message send role:reviewer \"look at the tests first\"" },
    { command: "claude-pool message read" }
  ])
)
