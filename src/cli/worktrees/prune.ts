/**
 * `claude-pool worktrees prune`: puts away the worktrees that nobody works in.
 */
import { Effect } from "effect"
import { Command, Flag } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { worktreeSettings } from "../TaskSettings.ts"
import { prunedText } from "../WorktreeLines.ts"

export const worktreesPrune = Command.make(
  "prune",
  {
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDescription("Only say what would go (default: false)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ dryRun }) {
    const pool = yield* Pool
    const report = yield* pool.pruneWorktrees({ dryRun })
    yield* show({ json: report, text: prunedText(report) })
    if (!dryRun && report.rescued.length > 0) {
      yield* note("nothing is lost: `git log <reference>` in the repository shows what was rescued")
    }
  })
).pipe(
  Command.withDescription("Put away worktrees that nobody works in; what would be lost goes into a reference first"),
  Command.annotate(SettingsShown, worktreeSettings),
  Command.withExamples([
    { command: "claude-pool worktrees prune --dry-run", description: "What would go, and what would stay, and why" },
    { command: "claude-pool worktrees prune" }
  ])
)
