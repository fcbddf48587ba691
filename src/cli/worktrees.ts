/**
 * `claude-pool worktrees`: the worktrees that tasks work in.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { roughBytes } from "../domain/ByteSize.ts"
import { Pool } from "../services/Pool.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { table } from "./Table.ts"
import { worktreeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { keptLines, worktreeHeader, worktreeRow } from "./WorktreeLines.ts"

export const worktrees = Command.make(
  "worktrees",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Also those whose directories have been put away (default: no)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ all }) {
    const pool = yield* Pool
    const reply = yield* pool.worktrees({ all })
    const rows = [worktreeHeader, ...reply.workspaces.map(worktreeRow)]
    yield* show({ json: reply, text: table(rows, yield* stdoutWidth).join("\n") })
    yield* Effect.forEach(keptLines(reply.workspaces), note)
    yield* note(`${reply.workspaces.length} in all${reply.bytes === 0 ? "" : `, ${roughBytes(reply.bytes)} on disk`}`)
  })
).pipe(
  Command.withDescription("List the git worktrees that tasks work in, or that are kept for what lies in them"),
  Command.annotate(SettingsShown, worktreeSettings),
  Command.withExamples([
    { command: "claude-pool worktrees", description: "Whose each is, and what is in it" },
    { command: "claude-pool worktrees show w_0123456789abcdef" },
    { command: "claude-pool worktrees prune --dry-run", description: "What could be put away" }
  ])
)
