/**
 * Room on the disk for one more worktree. Where there is none, what nobody needs is put away, from what was
 * unused the longest.
 */
import { DateTime, Effect, Semaphore } from "effect"
import { Bytes } from "../../domain/ByteSize.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Workspace } from "../../domain/Workspace.ts"
import { WorkspaceQuota } from "../../domain/WorkspaceFailure.ts"
import { Git } from "../Git.ts"
import { statusOf } from "../git/Status.ts"
import { Store } from "../Store.ts"
import type { Identity } from "./Identity.ts"
import type { WorkspacesOptions } from "./Options.ts"
import type { Sizes } from "./Sizes.ts"

export interface RoomOptions {
  readonly options: WorkspacesOptions
  readonly identity: Identity
  readonly sizes: Sizes
  /** Whether somebody is in it, or counts on it to be there. */
  readonly isNeeded: (workspace: Workspace) => Effect.Effect<boolean, Failure>
  /** True: it is gone from the disk. */
  readonly putAway: (workspace: Workspace) => Effect.Effect<boolean, Failure>
}

export const makeRoom = Effect.fnUntraced(function*({ identity, isNeeded, options, putAway, sizes }: RoomOptions) {
  const { directory, machine, minFreeDisk, mostBytes } = options
  const git = yield* Git
  const store = yield* Store
  const making = yield* Semaphore.make(1)

  /** What is too much or too little; null: there is room. */
  const shortage = Effect.gen(function*() {
    const free = minFreeDisk === 0 ? null : yield* machine.freeDisk(directory)
    if (free !== null && free < minFreeDisk) {
      return new WorkspaceQuota({ directory, used: Bytes.make(free), limit: Bytes.make(minFreeDisk), of: "disk" })
    }
    if (mostBytes === null || sizes.total() <= mostBytes) return null
    return new WorkspaceQuota({
      directory,
      used: Bytes.make(sizes.total()),
      limit: Bytes.make(mostBytes),
      of: "workspaces"
    })
  })

  const isClean = (workspace: Workspace) =>
    identity.of(workspace).pipe(
      Effect.flatMap((checkout) => statusOf(git, checkout)),
      Effect.map((entries) => entries.length === 0),
      Effect.orElseSucceed(() => false)
    )

  const clear = Effect.gen(function*() {
    const unused = (yield* store.workspaces.all)
      .filter(({ state }) => state._tag === "Ready")
      .toSorted((first, other) => DateTime.toEpochMillis(first.usedAt) - DateTime.toEpochMillis(other.usedAt))
    for (const workspace of unused) {
      if ((yield* shortage) === null) return
      if ((yield* isClean(workspace)) && !(yield* isNeeded(workspace))) yield* Effect.ignore(putAway(workspace))
    }
  })

  /** Succeeds where there is room, or room could be made. Fails with `WorkspaceQuota`. */
  const need = Effect.gen(function*() {
    if ((yield* shortage) === null) return
    yield* making.withPermit(clear)
    const still = yield* shortage
    if (still !== null) return yield* new Failure({ reason: still })
  })

  return { need }
})

export type Room = Effect.Success<ReturnType<typeof makeRoom>>
