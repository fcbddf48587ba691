/**
 * What becomes of workspaces when their work is over: put away in the background, not while somebody is in them.
 */
import { Effect, FiberSet, Option } from "effect"
import { branchOf, branchRef } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { isChainId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { holderKey, type Workspace } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { deleteRef, resolveCommit } from "../git/Refs.ts"
import { Store } from "../Store.ts"
import type { Clearing } from "./Clearing.ts"
import type { Ports } from "./Ports.ts"
import type { Presence } from "./Presence.ts"
import type { Sizes } from "./Sizes.ts"
import { turnOf, type Turns } from "./Turns.ts"

export interface LeavingOptions {
  readonly background: FiberSet.FiberSet<unknown, unknown>
  readonly clearing: Clearing
  readonly ports: Ports
  readonly presence: Presence
  readonly turns: Turns
  /** It is not made ahead for anybody any more. */
  readonly unspare: (workspace: Workspace) => void
  readonly sizes: Sizes
}

export const makeLeaving = Effect.fnUntraced(function*(options: LeavingOptions) {
  const { background, clearing, ports, presence, sizes, turns, unspare } = options
  const git = yield* Git
  const store = yield* Store

  /** False: somebody is in it, or something in it would be lost. */
  const putAway = (found: Workspace): Effect.Effect<boolean, Failure> =>
    turns(turnOf(found))(Effect.gen(function*() {
      unspare(found)
      const workspace = Option.getOrNull(yield* store.workspaces.find(found.id))
      if (workspace === null || workspace.state._tag === "Away") return true
      if (presence.isInside(workspace.id)) return false
      const cleared = yield* clearing.putAway(workspace)
      if (cleared._tag === "Kept") return false
      yield* ports.release(workspace.ports, workspace.path)
      sizes.forget(workspace.id)
      return true
    }))

  /** The branch of a task that worked in a slot's: it goes, where nothing is on it. */
  const dropBranch = Effect.fnUntraced(function*({ base, repository }: Workspace, id: WorkId) {
    const main = mainCheckout(repository)
    const ref = branchRef(branchOf(id))
    const head = yield* resolveCommit(git, main, ref)
    if (head === base) yield* git.locked(repository)(deleteRef(git, main, { ref, from: head }))
  })

  const end = (id: WorkId) =>
    turns(id)(Effect.gen(function*() {
      const own = yield* store.workspaces.of(id)
      if (own.some((workspace) => presence.isInside(workspace.id))) {
        presence.leaving.add(id)
        return
      }
      presence.leaving.delete(id)
      yield* Effect.forEach(own, (workspace) => Effect.ignore(putAway(workspace)), { discard: true })
      if (own.length > 0 || !isTaskId(id)) return
      const slots = (yield* store.workspaces.all).filter(({ holder }) => holder._tag === "Slot" && holder.task === id)
      yield* Effect.forEach(slots.slice(0, 1), (workspace) => dropBranch(workspace, id), { discard: true })
    }))

  const leave = Effect.fn("Workspaces.leave")((id: WorkId) =>
    Effect.asVoid(FiberSet.run(background, Effect.catch(end(id), (failure) => Effect.logWarning(failure))))
  )

  /** Somebody of this work has come out. */
  const out = (id: WorkId) => Effect.suspend(() => presence.leaving.has(id) ? leave(id) : Effect.void)

  /** What was made ahead, or to land in, by a pool that was killed: nobody's by now, unless something lies in it. */
  const unclaimed = Effect.gen(function*() {
    const all = (yield* store.workspaces.all).filter(({ holder }) =>
      holder._tag === "Spare" || holder._tag === "Landing"
    )
    for (const workspace of all) {
      const isGone = yield* Effect.orElseSucceed(putAway(workspace), () => false)
      const now = Option.getOrNull(yield* store.workspaces.find(workspace.id))
      if (isGone && now?.rescues.length === 0) yield* store.workspaces.forget(workspace.id)
    }
  })

  /** Whether its work is not over. */
  const isWanted = Effect.fnUntraced(function*({ holder }: Workspace) {
    const work = holder._tag === "Slot" ? holder.task : holderKey(holder)
    if (isTaskId(work)) return Option.exists(yield* store.find(work), ({ isFinished }) => !isFinished)
    return isChainId(work) && Option.exists(yield* store.chains.find(work), ({ isFinished }) => !isFinished)
  })

  return { isWanted, leave, out, putAway, unclaimed }
})

export type Leaving = Effect.Success<ReturnType<typeof makeLeaving>>
