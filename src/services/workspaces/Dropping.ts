/**
 * The end of worktrees that are nobody's work: made ahead, half made, or made to land in.
 */
import { Effect, type FileSystem, type Path } from "effect"
import type { Workspace } from "../../domain/Workspace.ts"
import { Git } from "../Git.ts"
import { checkOut, detach, dropUntracked } from "../git/Placing.ts"
import { removeWorktree } from "../git/Worktrees.ts"
import { Store } from "../Store.ts"
import type { Clearing } from "./Clearing.ts"
import type { Identity } from "./Identity.ts"
import type { Ports } from "./Ports.ts"
import type { Sizes } from "./Sizes.ts"
import { isUntouched } from "./Untouched.ts"

export interface DroppingOptions {
  readonly clearing: Clearing
  readonly identity: Identity
  readonly ports: Ports
  readonly sizes: Sizes
}

export const makeDropping = Effect.fnUntraced(function*({ clearing, identity, ports, sizes }: DroppingOptions) {
  const git = yield* Git
  const store = yield* Store
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

  /** What is half made, or was changed, takes more care; of what is rescued, the record says where it is. */
  const clear = (workspace: Workspace) =>
    Effect.map(clearing.putAway(workspace), (cleared) => cleared._tag === "Away" && cleared.rescued.length === 0)

  const remove = Effect.fnUntraced(function*(workspace: Workspace) {
    const { base, path, repository } = workspace
    const checkout = yield* identity.ofPlace(workspace)
    const mayBeSomebodys = workspace.holder._tag === "Spare" && !(yield* isUntouched(git, checkout, base))
    if (mayBeSomebodys) return yield* clear(workspace)
    yield* detach(git, checkout, base)
    yield* checkOut(git, checkout, base)
    yield* dropUntracked(git, checkout)
    yield* git.locked(repository)(removeWorktree(git, repository, path))
    return true
  })

  /** Takes it away, from the disk and from the record. What does not go is seen to when the next pool starts. */
  const drop = (workspace: Workspace): Effect.Effect<void> =>
    remove(workspace).pipe(
      Effect.catch(() => clear(workspace)),
      Effect.tap((isGone) => {
        if (!isGone) return Effect.void
        sizes.forget(workspace.id)
        return Effect.andThen(ports.release(workspace.ports, workspace.path), store.workspaces.forget(workspace.id))
      }),
      Effect.uninterruptible,
      Effect.provideContext(files),
      Effect.ignore
    )

  return { drop }
})
