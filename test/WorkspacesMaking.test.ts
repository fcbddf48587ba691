/**
 * How workspaces are made: ahead, within the room that there is, and what is left of one that was cut off.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { branchOf } from "../src/domain/Commit.ts"
import { Store } from "../src/services/Store.ts"
import { Workspaces } from "../src/services/Workspaces.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import { sampleId } from "./support/SampleTask.ts"
import { refusal, slot, taskIn, withPools, withWorkspaces } from "./support/TestWorkspaces.ts"

const head = (directory: string): string => plainGit(directory, "rev-parse", "HEAD").trim()

const onBranch = (directory: string): string => plainGit(directory, "rev-parse", "--abbrev-ref", "HEAD").trim()

const worktreesOf = (repository: string): ReadonlyArray<string> =>
  [...plainGit(repository, "worktree", "list", "--porcelain").matchAll(/^worktree (.*)$/gm)].slice(1).map(([, path]) =>
    path!
  )

/** The worktree of a task's only attempt. */
const worked = (repository: string, number: number) =>
  Effect.scoped(Effect.gen(function*() {
    return (yield* (yield* Workspaces).enter(taskIn(repository, number), slot(1)))!.workspace
  }))

describe("worktrees that are made ahead", () => {
  it.live("are claimed at the branch that is wanted, wherever the base is by then, and go with the pool", () =>
    withWorkspaces(
      { spares: 2 },
      ({ repository }) =>
        Effect.gen(function*() {
          const workspaces = yield* Workspaces
          yield* worked(repository, 1)
          yield* workspaces.idle
          const there = worktreesOf(repository)
          assert.strictEqual(there.length, 3)
          const stands = (yield* worked(repository, 2)).path
          yield* workspaces.idle
          yield* writeFiles(repository, { "a.txt": "moved\n", "more/b.txt": "b\n" })
          plainGit(repository, "add", "-A")
          plainGit(repository, "commit", "-q", "-m", "moved")
          const moved = yield* worked(repository, 3)
          assert.includeMembers([...there], [stands, moved.path])
          assert.deepStrictEqual([onBranch(moved.path), head(moved.path)], [branchOf(sampleId(3)), head(repository)])
          assert.strictEqual(plainGit(moved.path, "status", "--porcelain"), "")
          // What has been changed is nobody's to start in.
          yield* workspaces.idle
          const spares = worktreesOf(repository).filter((path) => onBranch(path) === "HEAD")
          for (const spare of spares) plainGit(spare, "checkout", "-q", "-b", `other-${spares.indexOf(spare)}`)
          const fresh = yield* worked(repository, 4)
          assert.notInclude(spares, fresh.path)
          yield* workspaces.idle
        }),
      ({ repository }) =>
        Effect.gen(function*() {
          const left = yield* (yield* Store).workspaces.all
          assert.deepStrictEqual(left.map(({ holder }) => holder._tag), ["Task", "Task", "Task", "Task"])
          assert.deepStrictEqual(worktreesOf(repository).toSorted(), left.map(({ path }) => path).toSorted())
        })
    ))

  it.live("are nobody's to work in once somebody has written there, and what was written is kept", () =>
    withWorkspaces({ spares: 1 }, ({ repository }) =>
      Effect.gen(function*() {
        const workspaces = yield* Workspaces
        const mine = (yield* worked(repository, 1)).path
        yield* workspaces.idle
        const spare = worktreesOf(repository).find((path) => path !== mine)
        yield* writeFiles(spare!, { "a.txt": "somebody's\n", "stray.txt": "stray\n" })
        const next = yield* worked(repository, 2)
        assert.notStrictEqual(next.path, spare)
        assert.strictEqual(plainGit(next.path, "status", "--porcelain"), "")
        yield* workspaces.idle
        const [rescue, ...more] = plainGit(repository, "for-each-ref", "--format=%(refname)", "refs/claude-pool/")
          .trim().split("\n")
        assert.deepStrictEqual(more, [])
        assert.strictEqual(plainGit(repository, "show", `${rescue}:stray.txt`), "stray\n")
        assert.strictEqual(plainGit(repository, "show", `${rescue}:a.txt`), "somebody's\n")
        assert.notInclude(worktreesOf(repository), spare!)
        const all = yield* (yield* Store).workspaces.all
        assert.deepInclude(all.find(({ path }) => path === spare), { rescues: [rescue ?? ""] })
      })))
})

describe("room for worktrees", () => {
  it.live("is made by putting away what is clean and unused, the longest unused first; else there is none", () => {
    let free = 1000
    return withWorkspaces(
      {
        mostBytes: 250,
        minFreeDisk: 500,
        machine: { diskUse: () => Effect.succeed(100), freeDisk: () => Effect.sync(() => free) }
      },
      ({ repository }) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const workspaces = yield* Workspaces
          const dirty = yield* worked(repository, 1)
          yield* writeFiles(dirty.path, { "new.txt": "n\n" })
          const clean = yield* worked(repository, 2)
          const later = yield* worked(repository, 3)
          yield* workspaces.idle
          const used = yield* workspaces.enter(taskIn(repository, 4), slot(1))
          yield* workspaces.idle
          assert.deepStrictEqual(
            yield* Effect.forEach([dirty, clean, later, used!.workspace], ({ path }) => fs.exists(path)),
            [true, false, true, true]
          )
          const five = workspaces.enter(taskIn(repository, 5), slot(1))
          yield* five
          yield* workspaces.idle
          assert.isFalse(yield* fs.exists(later.path))
          assert.strictEqual(yield* refusal(workspaces.enter(taskIn(repository, 6), slot(1))), "WorkspaceQuota")
          free = 400
          const refused = yield* Effect.flip(workspaces.enter(taskIn(repository, 7), slot(1)))
          assert.match(refused.message, /are free on the disk/)
          assert.isTrue(yield* fs.exists(dirty.path))
        })
    )
  })
})

/** It is cut off after each command, which are many: on a busy machine they take longer than a test usually has. */
const longest = 300_000

describe("a workspace whose making was cut off", () => {
  it.live(
    "is on record wherever anything of it is on disk, and its task works all the same",
    () =>
      withPools({}, ({ repository }, open) =>
        Effect.gen(function*() {
          const path = yield* Path.Path
          const store = yield* Store
          let isMade = false
          for (let commands = 0; !isMade; commands++) {
            const number = commands + 1
            const killed = yield* Effect.exit(worked(repository, number).pipe(Effect.provide(open(commands))))
            isMade = killed._tag === "Success"
            const known = (yield* store.workspaces.all).map((workspace) => path.basename(workspace.path))
            assert.includeMembers(known, worktreesOf(repository).map((top) => path.basename(top)))
            const base = head(repository)
            const stands = yield* worked(repository, number).pipe(Effect.provide(open()))
            assert.deepStrictEqual([onBranch(stands.path), head(stands.path)], [branchOf(sampleId(number)), base])
            assert.strictEqual(plainGit(stands.path, "status", "--porcelain"), "")
          }
        })),
    longest
  )

  it.live("is seen to by a pool that is in no haste only once a workspace is asked for", () =>
    withPools({}, ({ repository }, open) =>
      Effect.gen(function*() {
        const store = yield* Store
        yield* Effect.exit(worked(repository, 1).pipe(Effect.provide(open(8))))
        const states = Effect.map(store.workspaces.all, (all) => all.map(({ state }) => state._tag))
        assert.deepStrictEqual(yield* states, ["Making"])
        const late = Effect.gen(function*() {
          assert.deepStrictEqual(yield* states, ["Making"])
          yield* (yield* Workspaces).list()
          assert.deepStrictEqual(yield* states, ["Away"])
        })
        yield* Effect.provide(late, open(undefined, true))
      })))
})
