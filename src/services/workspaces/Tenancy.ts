/**
 * How a workspace comes to whoever is to work in it: the one that he had before, in the same place; else one that was made
 * ahead, or a new one.
 */
import { DateTime, Effect, FileSystem, Option, Result, type Scope } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Holder, type RepositoryPlace, Workspace, WorkspaceState } from "../../domain/Workspace.ts"
import { type Checkout, Git } from "../Git.ts"
import { makeIndexLock } from "../git/IndexLock.ts"
import { checkOut, dropUntracked } from "../git/Placing.ts"
import { resolveCommit } from "../git/Refs.ts"
import { statusOf } from "../git/Status.ts"
import { Store } from "../Store.ts"
import type { Clearing } from "./Clearing.ts"
import type { Identity } from "./Identity.ts"
import type { Making, Standing } from "./Making.ts"
import { notDone } from "./Options.ts"
import type { Presence } from "./Presence.ts"
import type { SettingUp } from "./SettingUp.ts"
import type { Spares } from "./Spares.ts"
import { turnOf, type Turns } from "./Turns.ts"

export interface TenancyOptions {
  readonly clearing: Clearing
  readonly identity: Identity
  readonly making: Making
  readonly presence: Presence
  readonly settingUp: SettingUp
  readonly spares: Spares
  readonly turns: Turns
}

type Got = Effect.Effect<Workspace, Failure, Scope.Scope>

export const makeTenancy = Effect.fnUntraced(function*(options: TenancyOptions) {
  const { clearing, identity, making, presence, settingUp, spares, turns } = options
  const git = yield* Git
  const store = yield* Store
  const fs = yield* FileSystem.FileSystem
  const indexLock = yield* makeIndexLock

  /** A git that was killed has left it; in the one of a chain it may be that of another one who works there. */
  const unlocked = Effect.fnUntraced(function*({ gitDir, holder, repository }: Workspace) {
    if (holder._tag === "Chain") return
    yield* Effect.mapError(indexLock.release(gitDir), ({ message }) => notDone(repository, message))
  })

  /** Made ahead, or new. */
  const obtain = Effect.fnUntraced(function*(
    place: RepositoryPlace,
    holder: Holder,
    standing: Standing
  ): Effect.fn.Return<Workspace, Failure, Scope.Scope> {
    const claimed = yield* spares.claim(place, holder, standing)
    const workspace = claimed ?? (yield* making.fresh(place, holder, standing))
    yield* spares.refill(place)
    return workspace
  })

  /** It is in use from here on, and this is how it is now; null: it is none any more. */
  const hold = (workspace: Workspace) =>
    turns(turnOf(workspace))(
      Effect.andThen(presence.come(workspace.id), Effect.map(store.workspaces.find(workspace.id), Option.getOrNull))
    )

  /** The one that was had before, where that can be; null: nothing of it is left, or all of it was cut off half made. */
  const goOn = Effect.fnUntraced(function*(
    found: Workspace
  ): Effect.fn.Return<Workspace | null, Failure, Scope.Scope> {
    const workspace = yield* hold(found)
    if (workspace === null) return null
    const { state } = workspace
    if (state._tag === "Away") return yield* making.again(workspace)
    const isThere = state._tag !== "Making" && (yield* Effect.orElseSucceed(fs.exists(workspace.path), () => true))
    if (!isThere) {
      const cleared = yield* clearing.putAway(workspace)
      return cleared._tag === "Away" ? yield* making.again(cleared.workspace) : null
    }
    yield* identity.of(workspace)
    yield* unlocked(workspace)
    if (state._tag === "Ready") return workspace
    const taken = new Workspace({ ...workspace, state: WorkspaceState.cases.Ready.make({}) })
    yield* store.workspaces.keep(taken)
    return taken
  })

  /** The one of a task or a chain: `else` where it has none yet. */
  const ofHolder = (id: string, or: Got): Got =>
    turns(id)(Effect.gen(function*() {
      for (const known of (yield* store.workspaces.of(id)).toReversed()) {
        const workspace = yield* goOn(known)
        if (workspace !== null) return workspace
      }
      return yield* or
    }))

  /** As its HEAD is, and nothing else in it but what git ignores. False: something stays that cannot be put in a reference. */
  const emptied = Effect.fnUntraced(function*(workspace: Workspace, checkout: Checkout) {
    if ((yield* statusOf(git, checkout)).length === 0) return true
    if (Result.isFailure(yield* Effect.result(clearing.rescue(workspace)))) return false
    const head = (yield* resolveCommit(git, checkout, "HEAD")) ?? workspace.base
    yield* checkOut(git, checkout, head)
    yield* dropUntracked(git, checkout)
    return (yield* statusOf(git, checkout)).length === 0
  })

  /** A workspace for another holder, in its place; null: something in it is still somebody's. */
  const handOver = Effect.fnUntraced(function*(
    workspace: Workspace,
    holder: Holder,
    standing: Standing
  ): Effect.fn.Return<Workspace | null, Failure> {
    const checkout = yield* identity.ofPlace(workspace)
    yield* unlocked(workspace)
    if (!(yield* emptied(workspace, checkout))) return null
    const before = yield* settingUp.keyOf(workspace.path)
    yield* making.stand(checkout, standing, yield* resolveCommit(git, checkout, "HEAD"))
    // With what was rescued of it in the meantime.
    const now = Option.getOrElse(yield* store.workspaces.find(workspace.id), () => workspace)
    const { base, branch } = standing
    const setUp = yield* settingUp.renew(workspace, before)
    const handed = new Workspace({ ...now, holder, branch, base, setUp, usedAt: yield* DateTime.now })
    yield* store.workspaces.keep(handed)
    return handed
  })

  /**
   * The workspace of a task that has finished, for the one that goes on with it: its session is known by that place alone.
   * Null: there is none, or it is in use.
   */
  const takeOver = Effect.fnUntraced(function*(from: TaskId, task: Task, standing: Standing): Effect.fn.Return<
    Workspace | null,
    Failure,
    Scope.Scope
  > {
    const earlier = Option.getOrNull(yield* store.find(from))
    if (earlier?.isFinished === false) return null
    return yield* turns(from)(Effect.gen(function*() {
      const [known] = (yield* store.workspaces.of(from)).toReversed()
      if (known === undefined || presence.isInside(known.id)) return null
      const workspace = yield* hold(known)
      if (workspace === null || workspace.state._tag === "Making") return null
      const holder = Holder.cases.Task.make({ id: task.id })
      if (workspace.state._tag === "Away") {
        return yield* making.again(new Workspace({ ...workspace, ...standing, holder }))
      }
      return yield* handOver(workspace, holder, standing)
    }))
  })

  return { obtain, ofHolder, hold, handOver, takeOver, emptied, unlocked }
})

export type Tenancy = Effect.Success<ReturnType<typeof makeTenancy>>
