/**
 * What killed pools leave of worktrees, and the clean-up on demand.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import process from "node:process"
import { branchRef } from "../src/domain/Commit.ts"
import { Workspace, WorkspaceState } from "../src/domain/Workspace.ts"
import { diskUse } from "../src/layers/DirectoryTrees.ts"
import * as MachineProcesses from "../src/layers/MachineProcesses.ts"
import { Git } from "../src/services/Git.ts"
import { addWorktree } from "../src/services/git/Worktrees.ts"
import { Processes } from "../src/services/Processes.ts"
import { Store } from "../src/services/Store.ts"
import { makeListing } from "../src/services/workspaces/Listing.ts"
import { isOwner, lockReason, readLockReason } from "../src/services/workspaces/LockReason.ts"
import { away, commitFiles, inWorkspace, type Place } from "./support/ClearedWorkspaces.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"

const worktrees = (top: string): number => plainGit(top, "worktree", "list").trim().split("\n").length

/** As it is on record while it is made. */
const asMaking = ({ store, workspace }: Place) =>
  store.workspaces.keep(new Workspace({ ...workspace, state: WorkspaceState.cases.Making.make({}) }))

describe("what a killed pool leaves half-made", () => {
  const leftovers: Record<string, (place: Place) => Effect.Effect<void, unknown, FileSystem.FileSystem | Path.Path>> = {
    "an entry that git has only begun": ({ workspace }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.remove(workspace.path, { recursive: true })
        for (const name of ["gitdir", "HEAD", "index"]) yield* fs.remove(`${workspace.gitDir}/${name}`)
        yield* fs.writeFileString(`${workspace.gitDir}/commondir`, "")
      }),
    "half a checkout with a lock": ({ workspace }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* fs.rename(`${workspace.gitDir}/index`, `${workspace.gitDir}/index.lock`)
        yield* fs.remove(`${workspace.path}/a.txt`)
      }),
    "a directory without an entry": ({ workspace }) =>
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(workspace.gitDir, { recursive: true })),
    "an entry without a directory": ({ workspace }) =>
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.remove(workspace.path, { recursive: true })),
    "a link to the pool's own seat": ({ directory, workspace }) =>
      writeFiles(workspace.path, { ".git": `gitdir: ${directory}/seats/x/worktrees/${workspace.id}\n` }),
    "nothing at all": ({ workspace }) =>
      Effect.flatMap(
        FileSystem.FileSystem,
        (fs) =>
          Effect.andThen(
            fs.remove(workspace.gitDir, { recursive: true }),
            fs.remove(workspace.path, { recursive: true })
          )
      )
  }

  for (const [name, leave] of Object.entries(leftovers)) {
    it.live(`is cleared: ${name}`, () =>
      inWorkspace((place) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const { clearing, find, top, workspace } = place
          yield* asMaking(place)
          yield* leave(place)
          yield* clearing.reconcile
          assert.isFalse(yield* fs.exists(workspace.path))
          assert.isFalse(yield* fs.exists(workspace.gitDir))
          assert.strictEqual((yield* find(workspace)).state._tag, "Away")
          assert.strictEqual(worktrees(top), 1)
        })
      ))
  }
})

describe("a worktree of another pool's", () => {
  it.live("is left alone while its owner lives or has a store, and else its work is rescued and it goes", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const processes = yield* Processes
        const { clearing, directory, git, repository, store, top, workspace } = place
        const startedAt = (yield* processes.startOf(process.pid))!
        const add = (name: string, reason: string) =>
          git.locked(repository)(
            addWorktree(git, repository, { path: path.join(directory, name), commit: workspace.base, reason })
          )
        const gone = path.join(directory, "gone")
        yield* add("alive", lockReason({ pid: process.pid, startedAt, store: gone }))
        yield* add("stored", lockReason({ pid: 1, startedAt: "0", store: directory }))
        yield* add("foreign", "somebody else's")
        yield* add("dead", lockReason({ pid: process.pid, startedAt: "0", store: gone }))
        yield* writeFiles(path.join(directory, "dead"), { "b.txt": "b\n" })
        yield* clearing.reconcile
        for (const name of ["alive", "stored", "foreign"]) assert.isTrue(yield* fs.exists(path.join(directory, name)))
        assert.isFalse(yield* fs.exists(path.join(directory, "dead")))
        const rescued = (yield* store.workspaces.all).find((one) => one.path === path.join(directory, "dead"))
        assert.strictEqual(plainGit(top, "show", `${rescued!.rescues[0]}:b.txt`), "b\n")
      }).pipe(Effect.provide(MachineProcesses.layer))
    ))

  it("is known by what it is locked with", () => {
    const owner = { pid: 7, startedAt: "Sat Nov 21", store: "/a b/.claude-pool" }
    const read = readLockReason(lockReason(owner))!
    assert.deepStrictEqual(read, { ...owner, startedAt: "Sat_Nov_21" })
    assert.isTrue(isOwner(read, owner.startedAt))
    assert.isFalse(isOwner(read, null))
    for (const other of ["", "initializing", "claude-pool w_0000000000000001", "claude-pools 7 1 /a"]) {
      assert.isNull(readLockReason(other))
    }
  })
})

describe("the clean-up on demand", () => {
  it.live("first says what it would do, leaves what is held, and deletes only branches that are merged", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { clearing, make, repository, top, workspace } = place
        yield* writeFiles(workspace.path, { "b.txt": "b\n" })
        const merged = yield* make(repository, 2)
        yield* commitFiles(merged.path, { "m.txt": "m\n" })
        plainGit(top, "merge", "-q", "--no-ff", "-m", "merged", merged.branch!)
        const open = yield* make(repository, 3)
        yield* commitFiles(open.path, { "o.txt": "o\n" })
        const held = yield* make(repository, 4)
        const isHeld = (one: Workspace) => one.id === held.id
        const would = yield* clearing.prune({ dryRun: true, isHeld })
        assert.strictEqual(worktrees(top), 5)
        const did = yield* clearing.prune({ dryRun: false, isHeld })
        assert.deepStrictEqual(would.removed, did.removed)
        assert.deepStrictEqual(did.removed, [merged.id, open.id])
        assert.deepStrictEqual(would.rescued, [{ id: workspace.id, refs: [] }])
        assert.lengthOf(did.rescued[0]!.refs, 1)
        assert.include(did.branches, merged.branch)
        assert.notInclude(did.branches, open.branch)
        assert.strictEqual(worktrees(top), 2)
        plainGit(top, "rev-parse", "--verify", branchRef(open.branch!))
        assert.throws(() => plainGit(top, "rev-parse", "--verify", "--quiet", branchRef(merged.branch!)))
      })
    ))

  it.live("shows what there is", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { find, git, store, workspace } = place
        const listing = yield* makeListing(diskUse).pipe(
          Effect.provideService(Git, git),
          Effect.provideService(Store, store)
        )
        yield* commitFiles(workspace.path, { "m.txt": "m\n" })
        yield* writeFiles(workspace.path, { "b.txt": "12345" })
        const view = yield* listing.show(workspace)
        assert.deepInclude(view, { id: workspace.id, state: "ready", uncommitted: 1, commits: 1 })
        const { bytes, workspaces } = yield* listing.list()
        assert.deepStrictEqual(workspaces.map(({ id }) => id), [workspace.id])
        assert.isAtLeast(bytes, 5)
        const [ref] = yield* away(place, workspace)
        assert.deepStrictEqual((yield* listing.list()).workspaces, [])
        assert.deepStrictEqual((yield* listing.show(yield* find(workspace))).rescues, [ref!])
        assert.strictEqual((yield* listing.list({ all: true })).workspaces[0]?.state, "away")
      })
    ))
})
