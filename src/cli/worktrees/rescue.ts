/**
 * `claude-pool worktrees rescue <id>`: puts what lies in a worktree where git keeps it.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../../services/Pool.ts"
import { note, show } from "../Format.ts"
import { SettingsShown } from "../HelpText.ts"
import { storeSettings } from "../TaskSettings.ts"
import { readWorkspaceId, workspaceIdArgument } from "../WorkIds.ts"
import { worktreeSteps } from "../WorktreeLines.ts"

export const worktreesRescue = Command.make(
  "rescue",
  { id: workspaceIdArgument },
  Effect.fn(function*({ id }) {
    const pool = yield* Pool
    const view = yield* pool.rescueWorktree(yield* readWorkspaceId(id))
    const { rescues = [] } = view
    yield* show({
      json: view,
      text: rescues.length === 0 ? `${view.id} holds nothing that is on no branch` : rescues.join("\n")
    })
    yield* Effect.forEach(worktreeSteps({ ...view, uncommitted: 0 }), note)
  })
).pipe(
  Command.withDescription(
    "Put what lies in a worktree into a reference, uncommitted and untracked files too, not what git ignores; nothing in it changes"
  ),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([{ command: "claude-pool worktrees rescue w_0123456789abcdef" }])
)
