/**
 * Workspaces over real repositories: the parts put together.
 */
import { Effect, FiberSet, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import type { WorkId } from "../../domain/WorkId.ts"
import type { Workspace, WorkspaceId } from "../../domain/Workspace.ts"
import { Store } from "../Store.ts"
import type { Workspaces } from "../Workspaces.ts"
import { makeBeginning } from "./Beginning.ts"
import { makeClearing } from "./Clearing.ts"
import { makeDropping } from "./Dropping.ts"
import { makeGround } from "./Ground.ts"
import { makeIdentity } from "./Identity.ts"
import { makeLeaving } from "./Leaving.ts"
import { makeListing } from "./Listing.ts"
import { makeMaking } from "./Making.ts"
import type { WorkspacesOptions } from "./Options.ts"
import { makePorts } from "./Ports.ts"
import { makePresence } from "./Presence.ts"
import { makeRoom } from "./Room.ts"
import { makeSettingUp } from "./SettingUp.ts"
import { makeSizes } from "./Sizes.ts"
import { makeSlotTenancy } from "./SlotTenancy.ts"
import { makeSpares, type Spares } from "./Spares.ts"
import { makeStaying } from "./Staying.ts"
import { makeTenancy } from "./Tenancy.ts"
import { makeTurns } from "./Turns.ts"

export const makeWorking = Effect.fnUntraced(function*(options: WorkspacesOptions) {
  const { directory, isPatient = false, lockReason, machine, spares: count } = options
  const store = yield* Store
  const clearing = yield* makeClearing({ directory })
  const turns = makeTurns()
  const presence = makePresence()
  const leavings = yield* FiberSet.make<unknown, unknown>()
  const ahead = yield* FiberSet.make<unknown, unknown>()
  const ground = yield* makeGround(directory)
  const identity = yield* makeIdentity()
  const sizes = yield* makeSizes(machine.diskUse)
  const listing = yield* makeListing(machine.diskUse)
  const ports = yield* makePorts({ directory: ground.join(directory, "ports"), freePort: machine.freePort })

  const spareOnes: { current: Spares | null } = { current: null }
  const leaving = yield* makeLeaving({
    background: leavings,
    clearing,
    ports,
    presence,
    sizes,
    turns,
    unspare: (workspace) => spareOnes.current?.forget(workspace)
  })
  const { drop } = yield* makeDropping({ clearing, identity, ports, sizes })
  const settingUp = yield* makeSettingUp(options, { ports, turns })

  /** Whether somebody is in it, or is going to be. A task finds its own again where it was, a chain works in it between tasks. */
  const isNeeded = (workspace: Workspace) =>
    presence.isInside(workspace.id)
      ? Effect.succeed(true)
      : workspace.holder._tag === "Chain"
      ? leaving.isWanted(workspace)
      : Effect.succeed(false)
  const room = yield* makeRoom({ options, identity, isNeeded, putAway: leaving.putAway, sizes })
  const making = yield* makeMaking({ drop, ground, identity, lockReason, presence, room, settingUp })
  const spares = yield* makeSpares({ background: ahead, count, drop, identity, making, presence, settingUp, turns })
  spareOnes.current = spares
  const tenancy = yield* makeTenancy({ clearing, identity, making, presence, settingUp, spares, turns })
  const beginning = yield* makeBeginning()
  const slots = yield* makeSlotTenancy({ beginning, identity, presence, tenancy, turns })
  const staying = yield* makeStaying({
    ahead,
    beginning,
    drop,
    ground,
    identity,
    leaving,
    presence,
    sizes,
    slots,
    tenancy
  })

  // What is over is put away before the end; what was made ahead is nobody's.
  yield* Effect.addFinalizer(() =>
    FiberSet.clear(ahead).pipe(Effect.andThen(FiberSet.awaitEmpty(leavings)), Effect.andThen(spares.close))
  )

  /** What earlier pools have left is seen to before anything else: whatever is half made is nobody's by now. */
  const readied = Effect.gen(function*() {
    yield* clearing.reconcile
    yield* ports.sweep
    yield* leaving.unclaimed
    const there = (yield* store.workspaces.all).filter(({ state }) => state._tag !== "Away")
    yield* FiberSet.run(ahead, Effect.forEach(there, sizes.count, { discard: true }))
  })
  const ready = yield* Effect.cached(Effect.uninterruptible(readied))
  if (!isPatient) yield* ready
  const leave = (id: WorkId) => {
    const left = Effect.andThen(ready, leaving.leave(id))
    return Effect.asVoid(FiberSet.run(leavings, Effect.catch(left, (failure) => Effect.logWarning(failure))))
  }

  const find = Effect.fnUntraced(function*(id: WorkspaceId) {
    yield* ready
    const found = yield* store.workspaces.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  const rescue = Effect.fn("Workspaces.rescue")((id: WorkspaceId) =>
    find(id).pipe(Effect.flatMap(clearing.rescue), Effect.flatMap(listing.show))
  )

  const prune = Effect.fn("Workspaces.prune")(function*({ dryRun }: { readonly dryRun: boolean }) {
    yield* ready
    const all = yield* store.workspaces.all
    const wanted = yield* Effect.filter(all, (workspace) =>
      presence.isInside(workspace.id) || spares.isSpare(workspace)
        ? Effect.succeed(true)
        : leaving.isWanted(workspace))
    const held = new Set(wanted.map(({ id }) => id))
    const isHeld = ({ id }: Workspace) => held.has(id) || presence.isInside(id)
    return yield* clearing.prune({ dryRun, isHeld })
  })

  return {
    enter: (task, slot) => Effect.andThen(ready, staying.enter(task, slot)),
    ofChain: (chain) => Effect.andThen(ready, staying.ofChain(chain)),
    scratch: (repository, commit, holder) => Effect.andThen(ready, staying.scratch(repository, commit, holder)),
    leave: isPatient ? leave : leaving.leave,
    live: presence.live,
    list: (options) => Effect.andThen(ready, listing.list(options)),
    show: Effect.fn("Workspaces.show")((id: WorkspaceId) => Effect.flatMap(find(id), listing.show)),
    rescue,
    prune,
    idle: Effect.andThen(FiberSet.awaitEmpty(leavings), FiberSet.awaitEmpty(ahead)).pipe(Effect.ignore)
  } satisfies Workspaces["Service"]
})
