/**
 * The worktree that a slot keeps from task to task. Each task is on a branch of its own there; between tasks it is on none,
 * so that the branch is free, and all that git ignores stays.
 */
import { DateTime, Effect, Option, type Scope } from "effect"
import { branchOf, type CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Holder, holderKey, type RepositoryPlace, Workspace, WorkspaceState } from "../../domain/Workspace.ts"
import { Git } from "../Git.ts"
import { detach } from "../git/Placing.ts"
import { resolveCommit } from "../git/Refs.ts"
import { Store } from "../Store.ts"
import type { Beginning } from "./Beginning.ts"
import type { Identity } from "./Identity.ts"
import type { Presence } from "./Presence.ts"
import type { Tenancy } from "./Tenancy.ts"
import type { Turns } from "./Turns.ts"

export interface SlotTenancyOptions {
  readonly beginning: Beginning
  readonly identity: Identity
  readonly presence: Presence
  readonly tenancy: Tenancy
  readonly turns: Turns
}

const worksFor = ({ holder }: Workspace, task: TaskId): boolean => holder._tag === "Slot" && holder.task === task

export const makeSlotTenancy = Effect.fnUntraced(function*(options: SlotTenancyOptions) {
  const { beginning, identity, presence, tenancy, turns } = options
  const git = yield* Git
  const store = yield* Store

  /** Off its branch, with everything as it is. */
  const free = Effect.fnUntraced(function*(workspace: Workspace) {
    const checkout = yield* identity.ofPlace(workspace)
    const head: CommitId = (yield* resolveCommit(git, checkout, "HEAD")) ?? workspace.base
    yield* detach(git, checkout, head)
    const now = Option.getOrElse(yield* store.workspaces.find(workspace.id), () => workspace)
    yield* store.workspaces.keep(new Workspace({ ...now, branch: null, usedAt: yield* DateTime.now }))
  })

  /** What a pool that was killed has left of this task in the worktree of another slot. */
  const freeElsewhere = Effect.fnUntraced(function*(here: ReadonlyArray<Workspace>, task: TaskId) {
    const others = (yield* store.workspaces.all).filter((one) =>
      worksFor(one, task) && one.branch !== null && one.state._tag === "Ready" && !presence.isInside(one.id) &&
      !here.some(({ id }) => id === one.id)
    )
    for (const other of others) {
      yield* tenancy.unlocked(other)
      yield* tenancy.emptied(other, yield* identity.ofPlace(other))
      yield* free(other)
    }
  })

  const keptApart = (workspace: Workspace, why: string) =>
    store.workspaces.keep(new Workspace({ ...workspace, state: WorkspaceState.cases.Kept.make({ why }) }))

  /** Of those that the slot has, the one that can be worked in; null: none. */
  const own = Effect.fnUntraced(function*(
    mine: ReadonlyArray<Workspace>,
    task: TaskId,
    holder: Holder,
    base: CommitId,
    goesOn: boolean
  ): Effect.fn.Return<Workspace | null, Failure, Scope.Scope> {
    const standing = { base, branch: branchOf(task), goesOn }
    for (const found of mine) {
      const workspace = yield* tenancy.hold(found)
      if (workspace?.state._tag !== "Ready") continue
      // The task was cut off here: what lies in it is its own.
      if (worksFor(workspace, task) && workspace.branch === standing.branch) {
        yield* identity.of(workspace)
        yield* tenancy.unlocked(workspace)
        return workspace
      }
      const handed = yield* Effect.result(tenancy.handOver(workspace, holder, standing))
      if (handed._tag === "Success" && handed.success !== null) return handed.success
      if (handed._tag === "Failure" && handed.failure.reason._tag !== "IsolationImpossible") {
        return yield* handed.failure
      }
      yield* keptApart(
        workspace,
        handed._tag === "Failure" ? handed.failure.message : "what lies in it cannot be put in a reference"
      )
    }
    return null
  })

  const ofSlot = (place: RepositoryPlace, task: Task, slot: SlotId): Effect.Effect<Workspace, Failure, Scope.Scope> => {
    const holder = Holder.cases.Slot.make({ slot, task: task.id })
    return turns(holderKey(holder))(Effect.gen(function*() {
      const all = yield* store.workspaces.of(holderKey(holder))
      const mine = all.filter(({ repository, state }) => repository.common === place.common && state._tag === "Ready")
      const known = (yield* store.workspaces.all).find((one) => worksFor(one, task.id))?.base ?? null
      const standing = yield* beginning.ofTask(place, task, known)
      yield* freeElsewhere(mine, task.id)
      const workspace = (yield* own(mine, task.id, holder, standing.base, standing.goesOn)) ??
        (yield* tenancy.obtain(place, holder, standing))
      yield* Effect.addFinalizer(() => Effect.ignore(free(workspace)))
      return workspace
    }))
  }

  return { ofSlot }
})

export type SlotTenancy = Effect.Success<ReturnType<typeof makeSlotTenancy>>
