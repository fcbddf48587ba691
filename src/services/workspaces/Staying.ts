/**
 * All of it together: who works comes in here, and goes out.
 */
import { DateTime, Effect, FiberSet, Option, type Scope } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Isolation } from "../../domain/Isolation.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import { isolationOf } from "../../domain/TaskRequest.ts"
import { isChainId } from "../../domain/WorkId.ts"
import { Holder, type RepositoryPlace, Workspace } from "../../domain/Workspace.ts"
import { Git } from "../Git.ts"
import { Store } from "../Store.ts"
import type { Stay } from "../Workspaces.ts"
import type { Beginning } from "./Beginning.ts"
import type { Ground } from "./Ground.ts"
import type { Identity } from "./Identity.ts"
import type { Leaving } from "./Leaving.ts"
import { portVariables } from "./Ports.ts"
import type { Presence } from "./Presence.ts"
import type { Sizes } from "./Sizes.ts"
import type { SlotTenancy } from "./SlotTenancy.ts"
import type { Tenancy } from "./Tenancy.ts"

export interface StayingOptions {
  /** What may be cut off by the end of the pool. */
  readonly ahead: FiberSet.FiberSet<unknown, unknown>
  readonly beginning: Beginning
  readonly drop: (workspace: Workspace) => Effect.Effect<void>
  readonly ground: Ground
  readonly identity: Identity
  readonly leaving: Leaving
  readonly presence: Presence
  readonly sizes: Sizes
  readonly slots: SlotTenancy
  readonly tenancy: Tenancy
}

export interface ChainPlace {
  readonly id: ChainId
  readonly cwd: string
  readonly isolation: Isolation
  readonly base?: string
}

export const makeStaying = Effect.fnUntraced(function*(options: StayingOptions) {
  const { ahead, beginning, drop, ground, identity, leaving, presence, sizes, slots, tenancy } = options
  const git = yield* Git
  const store = yield* Store

  const count = (workspace: Workspace) => Effect.asVoid(FiberSet.run(ahead, sizes.count(workspace)))

  /** Nobody starts in it before it has been looked at. */
  const stayIn = Effect.fnUntraced(function*(workspace: Workspace, asked: string) {
    const checkout = yield* identity.of(workspace)
    const cwd = yield* ground.below(workspace.repository, asked, workspace.path)
    return { workspace, checkout, cwd, env: portVariables(workspace.ports) } satisfies Stay as Stay
  })

  const ofTask = (task: Task) =>
    tenancy.ofHolder(
      task.id,
      Effect.gen(function*() {
        const { continueFrom, cwd } = task.options
        const place = yield* git.find(cwd)
        const standing = yield* beginning.ofTask(place, task)
        const taken = continueFrom === undefined ? null : yield* tenancy.takeOver(continueFrom, task, standing)
        return taken ?? (yield* tenancy.obtain(place, Holder.cases.Task.make({ id: task.id }), standing))
      })
    )

  const inChain = ({ base, cwd, id }: Omit<ChainPlace, "isolation">) =>
    tenancy.ofHolder(
      id,
      Effect.gen(function*() {
        const place = yield* git.find(cwd)
        const standing = yield* beginning.ofWork(place, id, { cwd, base })
        return yield* tenancy.obtain(place, Holder.cases.Chain.make({ id }), standing)
      })
    )

  const workspaceOf = Effect.fnUntraced(function*(task: Task, slot: SlotId): Effect.fn.Return<
    Workspace | null,
    Failure,
    Scope.Scope
  > {
    const { base, cwd, workspaceOf: chain } = task.options
    const isolation = isolationOf(task.options)
    if (isolation === "shared") return null
    if (isolation === "slot") return yield* slots.ofSlot(yield* git.find(cwd), task, slot)
    if (isolation === "chain" && chain !== undefined && isChainId(chain)) {
      return yield* inChain({ id: chain, cwd, ...(base === undefined ? {} : { base }) })
    }
    return yield* ofTask(task)
  })

  /** When it was used last; how much it takes is counted beside. */
  const used = ({ id }: Workspace) =>
    Effect.gen(function*() {
      const workspace = Option.getOrNull(yield* store.workspaces.find(id))
      if (workspace === null) return
      yield* store.workspaces.keep(new Workspace({ ...workspace, usedAt: yield* DateTime.now }))
      yield* count(workspace)
    }).pipe(Effect.ignore)

  const enter = Effect.fn("Workspaces.enter")(function*(task: Task, slot: SlotId): Effect.fn.Return<
    Stay | null,
    Failure,
    Scope.Scope
  > {
    const work = task.options.workspaceOf ?? task.id
    // Before all others, so that everybody is out of it by then.
    yield* Effect.addFinalizer(() => leaving.out(work))
    const workspace = yield* workspaceOf(task, slot)
    if (workspace === null) return null
    yield* Effect.addFinalizer(() => used(workspace))
    const stay = yield* stayIn(workspace, task.options.cwd)
    yield* presence.stay({ task: task.id, slot, stay })
    yield* count(workspace)
    return stay
  })

  const ofChain = Effect.fn("Workspaces.ofChain")(
    function*(chain: ChainPlace): Effect.fn.Return<Stay | null, Failure, Scope.Scope> {
      if (chain.isolation !== "chain") return null
      return yield* stayIn(yield* inChain(chain), chain.cwd)
    },
    Effect.scoped
  )

  const scratch = Effect.fn("Workspaces.scratch")(function*(
    repository: RepositoryPlace,
    commit: CommitId,
    holder: string
  ): Effect.fn.Return<Stay, Failure, Scope.Scope> {
    const standing = { base: commit, branch: null, goesOn: false }
    const workspace = yield* tenancy.obtain(repository, Holder.cases.Landing.make({ id: holder }), standing)
    yield* Effect.addFinalizer(() => drop(workspace))
    return yield* stayIn(workspace, repository.checkout ?? repository.common)
  })

  return { enter, ofChain, scratch }
})
