/**
 * Workspaces over real repositories: who gets which worktree, on which branch, and that nobody starts in another one.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path, Scope } from "effect"
import { branchOf } from "../src/domain/Commit.ts"
import type { Task } from "../src/domain/Task.ts"
import { type Stay, Workspaces } from "../src/services/Workspaces.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import { sampleChainId } from "./support/SampleGroup.ts"
import { recordOf, slot, taskIn, withWorkspaces } from "./support/TestWorkspaces.ts"

const head = (directory: string, name = "HEAD"): string => plainGit(directory, "rev-parse", name).trim()

const onBranch = (directory: string): string => plainGit(directory, "rev-parse", "--abbrev-ref", "HEAD").trim()

const commit = (directory: string, message: string): string => {
  plainGit(directory, "add", "-A")
  plainGit(directory, "commit", "-q", "--allow-empty", "-m", message)
  return head(directory)
}

const entered = (task: Task, number = 1) =>
  Effect.map(Effect.flatMap(Workspaces, ({ enter }) => enter(task, slot(number))), (stay) => stay!)

/** One attempt, from its beginning to its end. */
const attempt = <A, E, R>(task: Task, use: (stay: Stay) => Effect.Effect<A, E, R>, number = 1) =>
  Effect.scoped(Effect.flatMap(entered(task, number), use))

describe("a workspace of a task", () => {
  it.live("is its own for each of sixteen at once, outside, on a branch that begins at the base", () =>
    withWorkspaces(
      { files: { "a.txt": "one\n", "sub/b.txt": "b\n" } },
      ({ repository, worktrees }) =>
        Effect.gen(function*() {
          const path = yield* Path.Path
          const fs = yield* FileSystem.FileSystem
          const base = head(repository)
          const tasks = Array.from({ length: 16 }, (_, at) => taskIn(path.join(repository, "sub"), at + 1))
          const stays = yield* Effect.forEach(tasks, (task) => entered(task), { concurrency: "unbounded" })
          assert.strictEqual(new Set(stays.map(({ workspace }) => workspace.path)).size, 16)
          for (const [at, { checkout, cwd, env, workspace }] of stays.entries()) {
            const branch = branchOf(tasks[at]!.id)
            assert.strictEqual(path.dirname(path.dirname(workspace.path)), worktrees)
            assert.deepStrictEqual(env, {})
            assert.strictEqual(cwd, path.join(workspace.path, "sub"))
            assert.deepStrictEqual([onBranch(workspace.path), head(workspace.path)], [branch, base])
            assert.strictEqual(plainGit(workspace.path, "status", "--porcelain"), "")
            assert.strictEqual(checkout.gitDir, plainGit(workspace.path, "rev-parse", "--absolute-git-dir").trim())
            assert.strictEqual((yield* recordOf(workspace.id))?.state._tag, "Ready")
          }
          assert.strictEqual(plainGit(repository, "config", "--list").includes("branch."), false)
          assert.strictEqual(Number((yield* fs.stat(worktrees)).mode) & 0o777, 0o700)
          assert.strictEqual((yield* (yield* Workspaces).live).length, 16)
        })
    ))

  it.live("is the same one over all attempts, also when it was put away in between", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const workspaces = yield* Workspaces
        const task = taskIn(repository, 1)
        const first = yield* attempt(task, ({ workspace }) =>
          Effect.as(writeFiles(workspace.path, { "left.txt": "left\n" }), workspace))
        assert.deepStrictEqual(yield* workspaces.live, [])
        // A git that was killed has left its lock, and nobody is there any more.
        yield* writeFiles(first.gitDir, { "index.lock": "half" })
        // What was left uncommitted is there again.
        const again = yield* attempt(taskIn(repository, 1, {}, { attempts: 2 }), ({ workspace }) =>
          Effect.as(Effect.map(fs.exists(`${workspace.path}/left.txt`), assert.isTrue), workspace))
        assert.strictEqual(again.path, first.path)
        const made = commit(first.path, "work")
        // The base is what it was, wherever the checkout is now.
        commit(repository, "moved on")
        yield* workspaces.leave(task.id)
        yield* workspaces.idle
        assert.isFalse(yield* fs.exists(first.path))
        assert.strictEqual((yield* recordOf(first.id))?.state._tag, "Away")
        const third = yield* attempt(taskIn(repository, 1, {}, { attempts: 3 }), ({ workspace }) =>
          Effect.sync(() => {
            assert.deepStrictEqual([onBranch(workspace.path), head(workspace.path)], [branchOf(task.id), made])
            return workspace
          }))
        assert.deepStrictEqual([third.path, third.base, third.id], [first.path, first.base, first.id])
      })))

  it.live("is put away only when the last one is out of it", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const workspaces = yield* Workspaces
        const task = taskIn(repository, 1)
        const { path } = yield* attempt(task, ({ workspace }) =>
          Effect.gen(function*() {
            yield* workspaces.leave(task.id)
            yield* workspaces.idle
            assert.isTrue(yield* fs.exists(workspace.path))
            return workspace
          }))
        yield* workspaces.idle
        assert.isFalse(yield* fs.exists(path))
      })))

  it.live("goes to the task that goes on with another, in its place, on a branch of its own", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const workspaces = yield* Workspaces
        const one = taskIn(repository, 1)
        const { made, path } = yield* attempt(one, ({ workspace }) =>
          Effect.sync(() => ({ path: workspace.path, made: commit(workspace.path, "one") })))
        // While it is in use, there is a new one.
        yield* Effect.scoped(Effect.gen(function*() {
          yield* entered(taskIn(repository, 1, {}, { attempts: 2 }))
          const beside = yield* entered(taskIn(repository, 2, { continueFrom: one.id }))
          assert.notStrictEqual(beside.workspace.path, path)
          assert.strictEqual(head(beside.workspace.path), made)
        }))
        const three = taskIn(repository, 3, { continueFrom: one.id })
        const end = yield* attempt(three, ({ workspace }) =>
          Effect.sync(() => {
            assert.deepStrictEqual([workspace.path, workspace.base], [path, made])
            assert.deepStrictEqual([onBranch(path), head(path)], [branchOf(three.id), made])
            return commit(path, "three")
          }))
        // And of one that was put away, made again there.
        yield* workspaces.leave(three.id)
        yield* workspaces.idle
        yield* attempt(taskIn(repository, 4, { continueFrom: three.id }), ({ workspace }) =>
          Effect.sync(() =>
            assert.deepStrictEqual([workspace.path, head(path)], [path, end])
          ))
        assert.strictEqual(head(repository, branchOf(one.id)), made)
      })))

  it.live("is none where it is shared, and the whole chain's where it is the chain's", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const workspaces = yield* Workspaces
        assert.isNull(yield* workspaces.enter(taskIn(repository, 1, { isolation: "shared" }), slot(1)))
        const id = sampleChainId(1)
        assert.isNull(yield* workspaces.ofChain({ id, cwd: repository, isolation: "task" }))
        const tasks = [2, 3].map((at) => taskIn(repository, at, { isolation: "chain", workspaceOf: id }))
        const [stay, ...others] = yield* Effect.all([
          workspaces.ofChain({ id, cwd: repository, isolation: "chain" }),
          ...tasks.map((task) => workspaces.enter(task, slot(1)))
        ], { concurrency: "unbounded" })
        assert.deepStrictEqual(others.map((other) => other?.workspace.path), [
          stay!.workspace.path,
          stay!.workspace.path
        ])
        assert.strictEqual(onBranch(stay!.workspace.path), branchOf(id))
        // Of a chain's, somebody else may be at work there.
        const lock = `${stay!.workspace.gitDir}/index.lock`
        yield* writeFiles(stay!.workspace.gitDir, { "index.lock": "" })
        yield* entered(tasks[0]!)
        assert.isTrue(yield* (yield* FileSystem.FileSystem).exists(lock))
        // No part of a chain: as a task.
        const alone = taskIn(repository, 4, { isolation: "chain" })
        assert.strictEqual((yield* entered(alone)).workspace.branch, branchOf(alone.id))
      })))
})

describe("a workspace of a slot", () => {
  it.live("keeps what git ignores from task to task, and gives every branch free", () =>
    withWorkspaces(
      { files: { "a.txt": "one\n", ".gitignore": "made/\n" } },
      ({ repository }) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const options = { isolation: "slot" } as const
          const one = taskIn(repository, 1, options)
          const first = yield* attempt(one, ({ workspace }) =>
            Effect.gen(function*() {
              assert.strictEqual(onBranch(workspace.path), branchOf(one.id))
              yield* writeFiles(workspace.path, { "made/kept.txt": "kept\n", "new.txt": "new\n" })
              commit(workspace.path, "one")
              return workspace
            }))
          assert.strictEqual(onBranch(first.path), "HEAD")
          const two = taskIn(repository, 2, options)
          yield* attempt(two, ({ workspace }) =>
            Effect.gen(function*() {
              assert.strictEqual(workspace.path, first.path)
              assert.deepStrictEqual([onBranch(workspace.path), head(workspace.path)], [
                branchOf(two.id),
                head(repository)
              ])
              assert.isTrue(yield* fs.exists(`${workspace.path}/made/kept.txt`))
              assert.isFalse(yield* fs.exists(`${workspace.path}/new.txt`))
              assert.strictEqual(plainGit(workspace.path, "status", "--porcelain"), "")
              // Nobody has committed this.
              yield* writeFiles(workspace.path, { "forgotten.txt": "f\n", "a.txt": "changed\n" })
              yield* writeFiles(workspace.gitDir, { "index.lock": "half" })
            }))
          assert.deepStrictEqual((yield* recordOf(first.id))?.rescues, [])
          yield* attempt(taskIn(repository, 3, options), ({ workspace }) =>
            Effect.gen(function*() {
              const { rescues } = (yield* recordOf(workspace.id))!
              assert.lengthOf(rescues, 1)
              assert.strictEqual(plainGit(repository, "show", `${rescues[0]}:forgotten.txt`), "f\n")
              assert.strictEqual(plainGit(repository, "show", `${rescues[0]}:a.txt`), "changed\n")
              assert.strictEqual(plainGit(workspace.path, "status", "--porcelain"), "")
              assert.strictEqual(workspace.path, first.path)
            }))
          // The first one goes on, in another slot, from where it was.
          yield* attempt(taskIn(repository, 1, options, { attempts: 2 }), ({ workspace }) =>
            Effect.sync(() => {
              assert.notStrictEqual(workspace.path, first.path)
              assert.strictEqual(plainGit(workspace.path, "log", "-1", "--format=%s").trim(), "one")
            }), 2)
          const workspaces = yield* Workspaces
          yield* workspaces.leave(two.id)
          yield* workspaces.leave(one.id)
          yield* workspaces.idle
          assert.deepStrictEqual(
            plainGit(repository, "branch", "--list", "cp/*", "--format=%(refname:short)").trim().split("\n").includes(
              branchOf(one.id)
            ),
            true
          )
        })
    ))
})

describe("a scratch worktree", () => {
  it.live("goes with its scope, whatever lies in it", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const workspaces = yield* Workspaces
        const scope = yield* Scope.make()
        const stay = yield* Effect.scoped(entered(taskIn(repository, 1)))
        const scratch = yield* Scope.provide(
          workspaces.scratch(stay.workspace.repository, stay.workspace.base, "m_1"),
          scope
        )
        assert.strictEqual(onBranch(scratch.cwd), "HEAD")
        yield* writeFiles(scratch.cwd, { "a.txt": "changed\n", "new/b.txt": "b\n" })
        commit(scratch.cwd, "landed")
        yield* writeFiles(scratch.cwd, { "a.txt": "again\n" })
        yield* Scope.close(scope, yield* Effect.exit(Effect.void))
        assert.isFalse(yield* fs.exists(scratch.cwd))
        assert.isNull(yield* recordOf(scratch.workspace.id))
      })))
})
