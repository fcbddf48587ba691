/**
 * Who is in which workspace now.
 */
import { Effect } from "effect"
import type { WorkId } from "../../domain/WorkId.ts"
import type { WorkspaceId } from "../../domain/Workspace.ts"
import type { LiveStay } from "../Workspaces.ts"

export const makePresence = () => {
  const inside = new Map<WorkspaceId, number>()
  const stays = new Set<LiveStay>()
  /** Work of which nothing more is to come, and that is still in its workspace. */
  const leaving = new Set<WorkId>()

  const count = (id: WorkspaceId, change: number) =>
    Effect.sync(() => {
      const now = (inside.get(id) ?? 0) + change
      if (now === 0) inside.delete(id)
      else inside.set(id, now)
    })

  /** For as long as the scope is open. */
  const come = (id: WorkspaceId) => Effect.acquireRelease(count(id, 1), () => count(id, -1))

  /** The same, of a task at work. */
  const stay = (live: LiveStay) =>
    Effect.andThen(
      come(live.stay.workspace.id),
      Effect.acquireRelease(Effect.sync(() => stays.add(live)), () => Effect.sync(() => stays.delete(live)))
    )

  return {
    come,
    stay,
    isInside: (id: WorkspaceId): boolean => inside.has(id),
    live: Effect.sync((): ReadonlyArray<LiveStay> => [...stays]),
    leaving
  }
}

export type Presence = ReturnType<typeof makePresence>
