/**
 * Workspaces that cannot be, or are not what they were: each is refused for its reason, and nobody starts elsewhere.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { branchOf } from "../src/domain/Commit.ts"
import type { Task } from "../src/domain/Task.ts"
import { Store } from "../src/services/Store.ts"
import { Workspaces } from "../src/services/Workspaces.ts"
import { plainGit } from "./support/Repositories.ts"
import { refusal, slot, taskIn, withWorkspaces } from "./support/TestWorkspaces.ts"

const enter = (task: Task) =>
  Effect.scoped(Effect.map(Effect.flatMap(Workspaces, (all) => all.enter(task, slot(1))), (stay) => stay!.workspace))

describe("the identity of a workspace", () => {
  const tampering: Readonly<Record<string, (top: string) => Effect.Effect<unknown, unknown, FileSystem.FileSystem>>> = {
    "a link in its place": (top) =>
      Effect.flatMap(
        FileSystem.FileSystem,
        (fs) => Effect.andThen(fs.rename(top, `${top}.other`), fs.symlink(`${top}.other`, top))
      ),
    "another git directory": (top) =>
      Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(`${top}/.git`, "gitdir: /tmp\n")),
    "a pipe for its .git": (top) =>
      Effect.flatMap(FileSystem.FileSystem, (fs) =>
        Effect.andThen(
          fs.remove(`${top}/.git`),
          Effect.sync(() => execFileSync("mkfifo", [`${top}/.git`]))
        )),
    "another branch": (top) => Effect.sync(() => plainGit(top, "checkout", "-q", "-b", "mine")),
    "another repository": (top) =>
      Effect.flatMap(
        FileSystem.FileSystem,
        (fs) => fs.writeFileString(`${plainGit(top, "rev-parse", "--absolute-git-dir").trim()}/commondir`, "/tmp\n")
      )
  }

  it.live("is looked at before anybody starts in it", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        for (const [at, [what, tamper]] of Object.entries(tampering).entries()) {
          const { path } = yield* enter(taskIn(repository, at + 1))
          yield* Effect.orDie(tamper(path))
          const again = enter(taskIn(repository, at + 1, {}, { attempts: 2 }))
          assert.strictEqual(yield* refusal(again), "changed", what)
        }
      })))
})

describe("a workspace that cannot be", () => {
  it.live("is refused, each for its reason, and nothing is left of it", () =>
    withWorkspaces(
      { files: { "big.bin": "big\n", ".gitattributes": "*.bin filter=lfs\n" } },
      ({ directory, repository, worktrees }) =>
        Effect.gen(function*() {
          const fs = yield* FileSystem.FileSystem
          const refused = (task: Task) => refusal(enter(task))
          assert.strictEqual(yield* refused(taskIn(directory, 1)), "no-repository")
          assert.strictEqual(yield* refused(taskIn(repository, 2, { base: "nothing" })), "no-base")
          assert.strictEqual(yield* refused(taskIn(repository, 3)), "filters")
          const empty = `${directory}/empty`
          yield* fs.makeDirectory(empty)
          plainGit(empty, "init", "-q")
          assert.strictEqual(yield* refused(taskIn(empty, 4)), "no-commit")
          assert.isFalse(yield* fs.exists(worktrees))
          assert.deepStrictEqual(yield* (yield* Store).workspaces.all, [])
        })
    ))

  for (
    const [where, worktrees] of Object.entries({
      "inside of a repository": (directory: string) => `${directory}/repository/worktrees`,
      "around it": (directory: string) => directory
    })
  ) {
    it.live(`is refused where worktrees would be ${where}`, () =>
      withWorkspaces({ worktrees }, ({ repository }) =>
        Effect.gen(function*() {
          assert.strictEqual(yield* refusal(enter(taskIn(repository, 1))), "not-outside")
          assert.strictEqual(plainGit(repository, "worktree", "list", "--porcelain").match(/^worktree/gm)?.length, 1)
          assert.strictEqual(plainGit(repository, "status", "--porcelain"), "")
        })))
  }

  it.live("does not begin on a branch that somebody else has made of its name", () =>
    withWorkspaces({}, ({ repository }) =>
      Effect.gen(function*() {
        const task = taskIn(repository, 1)
        const base = plainGit(repository, "rev-parse", "HEAD").trim()
        plainGit(repository, "commit", "-q", "--allow-empty", "-m", "two")
        plainGit(repository, "branch", branchOf(task.id), base)
        assert.strictEqual(yield* refusal(enter(task)), "GitFailed")
        assert.deepStrictEqual(yield* (yield* Store).workspaces.all, [])
      })))
})
