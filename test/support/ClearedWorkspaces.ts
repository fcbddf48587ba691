/**
 * Workspaces that are worked in and put away: made as the pool makes them, over a store in memory.
 */
import { assert } from "@effect/vitest"
import { DateTime, Effect, type FileSystem, Layer, Option, Path } from "effect"
import { branchOf, branchRef, type CommitId } from "../../src/domain/Commit.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import { Holder, type RepositoryPlace, Workspace, WorkspaceId, WorkspaceState } from "../../src/domain/Workspace.ts"
import * as MachineProcesses from "../../src/layers/MachineProcesses.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Git, mainCheckout } from "../../src/services/Git.ts"
import { resolveCommit } from "../../src/services/git/Refs.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"
import { Store } from "../../src/services/Store.ts"
import { makeClearing } from "../../src/services/workspaces/Clearing.ts"
import { lockReason } from "../../src/services/workspaces/LockReason.ts"
import { gitLayer, makeRepository, plainGit, workDirectory, writeFiles } from "./Repositories.ts"

/** 16 letters of an id, from a number. */
const letters = (number: number): string => String(number).padStart(16, "0")
const idOf = (number: number): WorkspaceId => WorkspaceId.make(`w_${letters(number)}`)
export const taskOf = (number: number): TaskId => TaskId.make(`t_${letters(number)}`)

export const lockedBy = lockReason({ pid: 1, startedAt: "0", store: "/nowhere" })

export const groundIn = Effect.fnUntraced(function*(directory: string) {
  const git = yield* Git
  const store = yield* Store
  const path = yield* Path.Path
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const workspaces = path.join(directory, "workspaces")
  const clearing = yield* makeClearing({ directory: workspaces })

  const recordOf = Effect.fnUntraced(function*(repository: RepositoryPlace, number: number) {
    const id = idOf(number)
    const at = DateTime.makeUnsafe("2026-01-01T00:00:00Z")
    const base = (yield* resolveCommit(git, mainCheckout(repository), "HEAD"))!
    return new Workspace({
      id,
      holder: Holder.cases.Task.make({ id: taskOf(number) }),
      repository,
      path: path.join(workspaces, id),
      gitDir: path.join(repository.common, "worktrees", id),
      branch: branchOf(taskOf(number)),
      base,
      state: WorkspaceState.cases.Making.make({}),
      madeAt: at,
      usedAt: at,
      setUp: null,
      ports: [],
      rescues: []
    })
  })

  /** On record, on disk, and on a branch of its own. */
  const make = Effect.fnUntraced(function*(repository: RepositoryPlace, number: number) {
    const making = yield* recordOf(repository, number)
    yield* store.workspaces.keep(making)
    const { base, branch, path: top } = making
    const ready = new Workspace({ ...making, state: WorkspaceState.cases.Ready.make({}) })
    yield* git.locked(repository)(Effect.gen(function*() {
      const made = yield* addWorktree(git, repository, { path: top, commit: base, reason: lockedBy })
      yield* git.run(made, ["update-ref", branchRef(branch!), base])
      yield* git.run(made, ["symbolic-ref", "HEAD", branchRef(branch!)])
    })).pipe(Effect.provideContext(files))
    yield* store.workspaces.keep(ready)
    return ready
  })

  const find = (workspace: Workspace) => Effect.map(store.workspaces.find(workspace.id), Option.getOrThrow)
  return { clearing, find, git, make, recordOf, store, workspaces }
})

export type Ground = Effect.Success<ReturnType<typeof groundIn>>

export interface Place extends Ground {
  readonly directory: string
  readonly repository: RepositoryPlace
  /** As a user has it. */
  readonly top: string
  readonly workspace: Workspace
}

/** A repository with one workspace. */
export const inWorkspace = <A, E>(
  use: (place: Place) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>,
  files?: Parameters<typeof makeRepository>[1]
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const path = yield* Path.Path
    const top = yield* makeRepository(path.join(directory, "repository"), files)
    const play = Effect.gen(function*() {
      const ground = yield* groundIn(directory)
      const repository = yield* ground.git.find(top)
      const workspace = yield* ground.make(repository, 1)
      return yield* use({ ...ground, directory, repository, top, workspace })
    })
    return yield* Effect.provide(play, machineIn(path.join(directory, "seats")))
  }).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))

export const machineIn = (seats: string) =>
  Layer.mergeAll(gitLayer(seats), StoreDirectory.layerMemory, MachineProcesses.layer)

/** Puts it away, and says which references were made for it. */
export const away = Effect.fnUntraced(function*({ clearing, find }: Ground, workspace: Workspace) {
  const cleared = yield* clearing.putAway(workspace)
  assert.strictEqual(cleared._tag, "Away", cleared._tag === "Kept" ? cleared.why : "")
  const after = yield* find(workspace)
  assert.strictEqual(after.state._tag, "Away")
  return after.rescues
})

export const kept = Effect.fnUntraced(function*({ clearing, find }: Ground, workspace: Workspace) {
  const cleared = yield* clearing.putAway(workspace)
  assert.strictEqual(cleared._tag, "Kept")
  assert.strictEqual((yield* find(workspace)).state._tag, "Kept")
  return cleared._tag === "Kept" ? cleared.why : ""
})

/** What a reference has at a path. */
export const textIn = (top: string, ref: string, file: string): string => plainGit(top, "show", `${ref}:${file}`)

/** Edits and commits as a worker does. */
export const commitFiles = Effect.fnUntraced(function*(top: string, files: Parameters<typeof writeFiles>[1]) {
  yield* writeFiles(top, files)
  plainGit(top, "add", "-A")
  plainGit(top, "commit", "-q", "-m", "a worker's")
  return plainGit(top, "rev-parse", "HEAD").trim() as CommitId
})
