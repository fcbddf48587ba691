/**
 * `claude-pool worktrees show <id>`: one worktree, with what lies in it.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { storeSettings } from "../TaskSettings.ts"
import { stdoutWidth } from "../Terminal.ts"
import { readWorkspaceId, workspaceIdArgument } from "../WorkIds.ts"
import { worktreeSteps, worktreeText } from "../WorktreeLines.ts"

export const worktreesShow = Command.make(
  "show",
  { id: workspaceIdArgument },
  Effect.fn(function*({ id }) {
    const pool = yield* Pool
    const view = yield* pool.worktree(yield* readWorkspaceId(id))
    yield* show({ json: view, text: worktreeText(view, yield* stdoutWidth) })
    yield* Effect.forEach(worktreeSteps(view), note)
  })
).pipe(
  Command.withDescription("Show one worktree: whose it is, what lies in it, and what has been rescued from it"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool worktrees show w_0123456789abcdef" }])
)
