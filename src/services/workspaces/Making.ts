/**
 * The making of a worktree: on record first, then on disk under the repository's lock, then set up. What was cut off in
 * between is on record as being made, and is taken up or cleared by whoever comes next.
 */
import { DateTime, Effect, FileSystem, Path, type Scope } from "effect"
import { branchRef, type CommitId, shortCommit } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import { type Holder, type RepositoryPlace, Workspace, WorkspaceState } from "../../domain/Workspace.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { type Checkout, Git, mainCheckout } from "../Git.ts"
import { attach, checkOut } from "../git/Placing.ts"
import { moveRef, resolveCommit } from "../git/Refs.ts"
import { addWorktree } from "../git/Worktrees.ts"
import { Store } from "../Store.ts"
import type { Ground } from "./Ground.ts"
import type { Identity } from "./Identity.ts"
import { notDone } from "./Options.ts"
import type { Presence } from "./Presence.ts"
import type { Room } from "./Room.ts"
import type { SettingUp } from "./SettingUp.ts"

/** What a worktree is to stand at. */
export interface Standing {
  readonly base: CommitId
  /** Null: at the base, on no branch. */
  readonly branch: string | null
  /** Whether work may be on that branch already: else it has to begin at the base. */
  readonly goesOn: boolean
}

export interface MakingOptions {
  readonly lockReason: string
  readonly ground: Ground
  readonly identity: Identity
  readonly room: Room
  readonly settingUp: SettingUp
  readonly presence: Presence
  /** Takes one away that nobody has worked in, from the disk and from the record. */
  readonly drop: (workspace: Workspace) => Effect.Effect<void>
}

const ready = WorkspaceState.cases.Ready.make({})

export const makeMaking = Effect.fnUntraced(function*(
  { drop, ground, identity, lockReason, presence, room, settingUp }: MakingOptions
) {
  const git = yield* Git
  const store = yield* Store
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

  /** Makes the branch where there is none, and says where it stands. Under the lock. */
  const begin = Effect.fnUntraced(function*(place: RepositoryPlace, { base, branch, goesOn }: Standing) {
    if (branch === null) return base
    const main = mainCheckout(place)
    const found = yield* resolveCommit(git, main, branchRef(branch))
    if (found === null) yield* moveRef(git, main, { ref: branchRef(branch), to: base, from: null })
    else if (!goesOn && found !== base) {
      return yield* new Failure({
        reason: new GitFailed({
          repository: place.checkout ?? place.common,
          verb: "branch",
          code: null,
          detail: `the branch ${branch} is there already, at ${shortCommit(found)}`
        })
      })
    }
    return found ?? base
  })

  /** Brings a clean worktree to where it is to stand: one quick step under the lock. Ignored files stay. */
  const stand = (checkout: Checkout, standing: Standing, at: CommitId | null) =>
    git.locked(checkout.repository)(
      Effect.uninterruptible(Effect.gen(function*() {
        const commit = yield* begin(checkout.repository, standing)
        if (commit !== at) yield* checkOut(git, checkout, commit)
        if (standing.branch !== null) yield* attach(git, checkout, standing.branch)
      }))
    )

  /** Makes the directory of a workspace that is on record as being made, or takes up what is there of it. */
  const build = Effect.fnUntraced(
    function*(workspace: Workspace, standing: Standing): Effect.fn.Return<Workspace, Failure> {
      const { repository } = workspace
      // An interruption waits for git: what it would cut off, nobody could take up.
      const add = Effect.gen(function*() {
        const commit = yield* begin(repository, standing)
        // Git takes it away with the last worktree that is in it.
        yield* fs.makeDirectory(path.join(repository.common, "worktrees"), { recursive: true }).pipe(
          Effect.mapError(({ message }) => notDone(repository, message))
        )
        const made = yield* addWorktree(git, repository, {
          path: workspace.path,
          commit,
          reason: lockReason
        })
        if (standing.branch !== null) yield* attach(git, made, standing.branch)
        return made
      }).pipe(Effect.uninterruptible, git.locked(repository), Effect.provideContext(files))
      const { gitDir } = yield* add
      const made = new Workspace({ ...workspace, gitDir })
      yield* identity.of(made)
      const done = yield* settingUp.all(made)
      const whole = new Workspace({ ...made, ...done, state: ready, usedAt: yield* DateTime.now })
      yield* store.workspaces.keep(whole)
      return whole
    }
  )

  /** A new one, which is in use until the scope closes. Fails with `WorkspaceQuota` where there is no room. */
  const fresh = Effect.fnUntraced(function*(
    repository: RepositoryPlace,
    holder: Holder,
    standing: Standing
  ): Effect.fn.Return<Workspace, Failure, Scope.Scope> {
    yield* room.need
    const directory = yield* ground.of(repository)
    const id = yield* ground.newId
    const now = yield* DateTime.now
    const workspace = new Workspace({
      id,
      holder,
      repository,
      path: path.join(directory, id),
      gitDir: path.join(repository.common, "worktrees", id),
      branch: standing.branch,
      base: standing.base,
      state: WorkspaceState.cases.Making.make({}),
      madeAt: now,
      usedAt: now,
      setUp: null,
      ports: [],
      rescues: []
    })
    yield* presence.come(id)
    yield* store.workspaces.keep(workspace)
    return yield* Effect.onError(build(workspace, standing), () => drop(workspace))
  })

  /** One that was put away: in the same place, and in use until the scope closes. */
  const again = Effect.fnUntraced(function*(workspace: Workspace): Effect.fn.Return<Workspace, Failure, Scope.Scope> {
    yield* presence.come(workspace.id)
    yield* room.need
    yield* ground.of(workspace.repository)
    const making = new Workspace({
      ...workspace,
      state: WorkspaceState.cases.Making.make({}),
      usedAt: yield* DateTime.now
    })
    yield* store.workspaces.keep(making)
    return yield* build(making, { base: workspace.base, branch: workspace.branch, goesOn: true })
  })

  return { fresh, again, stand }
})

export type Making = Effect.Success<ReturnType<typeof makeMaking>>
