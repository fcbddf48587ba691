/**
 * What workspaces take on the disk: counted one at a time, beside the work.
 */
import { Effect, Semaphore } from "effect"
import type { Workspace, WorkspaceId } from "../../domain/Workspace.ts"
import type { WorkspacesMachine } from "./Options.ts"

export const makeSizes = Effect.fnUntraced(function*(diskUse: WorkspacesMachine["diskUse"]) {
  const sizes = new Map<WorkspaceId, number>()
  const one = yield* Semaphore.make(1)

  const count = ({ id, path }: Workspace): Effect.Effect<void> =>
    one.withPermit(Effect.map(diskUse(path), (bytes) => {
      sizes.set(id, bytes)
    }))

  return {
    count,
    forget: (id: WorkspaceId): void => {
      sizes.delete(id)
    },
    total: (): number => [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
    /** Null: it was not counted yet. */
    of: (id: WorkspaceId): number | null => sizes.get(id) ?? null
  }
})

export type Sizes = Effect.Success<ReturnType<typeof makeSizes>>
