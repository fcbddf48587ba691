/**
 * What a killed pool has left: worktrees that were being made or put away, and those of pools that are no more. Nothing is
 * touched that is not ours: it is on record here, or its lock says whose it is.
 */
import { DateTime, Effect, FileSystem, Path } from "effect"
import { Digest } from "effect/crypto"
import { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import {
  Holder,
  type RepositoryPlace,
  Workspace,
  WorkspaceId,
  workspaceIdFrom,
  WorkspaceState
} from "../../domain/Workspace.ts"
import { Git } from "../Git.ts"
import { clearAway } from "../git/Clearance.ts"
import { mendEntries } from "../git/Mending.ts"
import { plainText } from "../git/PlainFile.ts"
import { type ListedWorktree, listWorktrees } from "../git/Worktrees.ts"
import { Processes } from "../Processes.ts"
import { Store } from "../Store.ts"
import type { Clearing } from "./Clearing.ts"
import { isOwner, readLockReason } from "./LockReason.ts"
import { occupantsOf } from "./Occupants.ts"

export interface ReconcilingOptions {
  /** Where the worktrees of this pool are. */
  readonly directory: string
  readonly putAway: Clearing["putAway"]
}

const unknownHolder = Holder.cases.Spare.make({})

/** A repository that cannot be looked at keeps nobody from starting: what is left in it stays on record. */
const tolerant = <A>(effect: Effect.Effect<A, Failure>) =>
  effect.pipe(Effect.catch((error) => Effect.logWarning(`a workspace is left as it is: ${error.message}`)))

export const makeReconciling = Effect.fnUntraced(function*({ directory, putAway }: ReconcilingOptions) {
  const git = yield* Git
  const store = yield* Store
  const processes = yield* Processes
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const digest = yield* Effect.serviceOption(Digest.Digest)

  const read = (file: string) => Effect.map(plainText(fs)(file), (text) => (text ?? "").trim())
  const names = (place: string) => Effect.orElseSucceed(fs.readDirectory(place), (): ReadonlyArray<string> => [])

  /** What git has of a worktree at that place: one that says so, or one of its name that was killed before it could. */
  const entryOf = Effect.fnUntraced(function*({ common }: RepositoryPlace, top: string) {
    const entries = path.join(common, "worktrees")
    for (const name of yield* names(entries)) {
      const said = yield* read(path.join(entries, name, "gitdir"))
      // Git puts a number behind a name that is taken.
      const isNamed = said === "" && name.replace(/\d*$/, "") === path.basename(top).replace(/\d*$/, "")
      const isOurs = said === path.join(top, ".git") || isNamed
      if (isOurs) return path.join(entries, name)
    }
    return null
  })

  /** On record as being made: nobody has ever worked in it, or all that was in it is held by references. */
  const clearMade = Effect.fnUntraced(function*(workspace: Workspace) {
    const { path: top, repository } = workspace
    // A record that names another place is not one of ours.
    if (!top.startsWith(`${directory}${path.sep}`)) return
    const why = yield* occupantsOf(processes, top)
    if (why !== null) {
      return yield* store.workspaces.keep(
        new Workspace({ ...workspace, state: WorkspaceState.cases.Kept.make({ why }) })
      )
    }
    yield* Effect.provideContext(mendEntries(repository), files)
    const gitDir = (yield* entryOf(repository, top)) ?? workspace.gitDir
    yield* Effect.provideContext(clearAway(git, { repository, gitDir, workTree: top }), files)
    yield* store.workspaces.keep(new Workspace({ ...workspace, state: WorkspaceState.cases.Away.make({}) }))
  })

  /** Of a pool that has ended for good: its process is gone, and so is its store, or it is this very one. */
  const isOrphan = Effect.fnUntraced(function*({ locked, path: top }: ListedWorktree, known: ReadonlySet<string>) {
    const owner = locked === null ? null : readLockReason(locked)
    if (owner === null || known.has(top)) return false
    if (owner.store !== store.directory && (yield* Effect.orElseSucceed(fs.exists(owner.store), () => true))) {
      return false
    }
    return !isOwner(owner, yield* processes.startOf(owner.pid))
  })

  /** By its directory's name, which is that of the workspace; else by all of its path. */
  const idOf = Effect.fnUntraced(function*(top: string) {
    const name = path.basename(top)
    if (/^w_[0-9a-hjkmnp-tv-z]{16}$/.test(name)) return WorkspaceId.make(name)
    const bytes = new TextEncoder().encode(top)
    const hashed = digest._tag === "Some"
      ? yield* Effect.orElseSucceed(digest.value.digest(Digest.sha256, bytes), () => bytes)
      : bytes
    return workspaceIdFrom(hashed.slice(-16))
  })

  const adopt = Effect.fnUntraced(function*(repository: RepositoryPlace, { branch, head, path: top }: ListedWorktree) {
    const gitDir = yield* entryOf(repository, top)
    if (gitDir === null || head === null) return
    const now = yield* DateTime.now
    yield* putAway(
      new Workspace({
        id: yield* idOf(top),
        holder: unknownHolder,
        repository,
        path: top,
        gitDir,
        branch: branch?.replace(/^refs\/heads\//, "") ?? null,
        base: CommitId.make(head),
        state: WorkspaceState.cases.Ready.make({}),
        madeAt: now,
        usedAt: now,
        setUp: null,
        ports: [],
        rescues: []
      })
    )
  })

  const orphansOf = Effect.fnUntraced(function*(repository: RepositoryPlace, known: ReadonlySet<string>) {
    for (const listed of yield* listWorktrees(git, repository)) {
      if (yield* isOrphan(listed, known)) yield* adopt(repository, listed)
    }
  })

  const reconcile = Effect.gen(function*(): Effect.fn.Return<void, Failure> {
    const all = yield* store.workspaces.all
    for (const workspace of all) {
      if (workspace.state._tag === "Making") yield* tolerant(git.locked(workspace.repository)(clearMade(workspace)))
    }
    const known = new Set(all.map((workspace) => workspace.path))
    const repositories = new Map(all.map(({ repository }) => [repository.common, repository]))
    for (const repository of repositories.values()) yield* tolerant(orphansOf(repository, known))
  }).pipe(Effect.withSpan("Clearing.reconcile"))
  return { reconcile }
})
