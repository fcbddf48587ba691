/**
 * What could be missed: an edit that looks as if there were none, an object that cannot be read, a repository that took
 * another one's place.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Git } from "../src/services/Git.ts"
import { verbOf } from "../src/services/git/Command.ts"
import { treeOf } from "../src/services/git/OwnIndex.ts"
import { resolveCommit } from "../src/services/git/Refs.ts"
import { snapshot } from "../src/services/git/Snapshot.ts"
import { statusOf } from "../src/services/git/Status.ts"
import { removeWorktree } from "../src/services/git/Worktrees.ts"
import { inRepository, makeWorktree, plainGit, reasonOf, writeFiles } from "./support/Repositories.ts"

describe("the pool's git misses", () => {
  it.live("no edit of the same length in the second in which the index was written", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const top = tree.workTree!
        const [file, index] = [`${top}/b.txt`, `${tree.gitDir}/index`]
        const before = 1_700_000_000
        /** Nothing but its content tells that it is another one. */
        const edit = (text: string) =>
          Effect.andThen(fs.writeFileString(file, text), fs.utimes(file, before, before)).pipe(
            Effect.andThen(fs.utimes(index, before, before)),
            Effect.orDie
          )
        yield* fs.utimes(file, before, before)
        plainGit(top, "update-index", "--refresh")
        yield* fs.utimes(index, before, before)
        assert.deepStrictEqual(yield* statusOf(git, tree), [])
        const beside = Git.of({
          ...git,
          run: (checkout, args, options) =>
            Effect.andThen(
              verbOf(args) === "write-tree" ? edit("two\n") : Effect.void,
              git.run(checkout, args, options)
            )
        })
        yield* writeFiles(top, { "a.txt": "more\n" })
        const kept = (yield* snapshot(beside, tree, { message: "kept", parent: base }))!
        const shown = Effect.map(statusOf(git, tree), (all) => all.map(({ path }) => path))
        assert.deepStrictEqual(yield* shown, ["a.txt", "b.txt"])
        assert.strictEqual(plainGit(top, "diff", "--name-only", base, kept), "a.txt\n")
        // Also where only the tree is wanted.
        yield* edit("one\n")
        plainGit(top, "update-index", "a.txt", "b.txt")
        plainGit(top, "update-index", "--force-remove", "a.txt")
        yield* edit("six\n")
        yield* treeOf(git, tree)
        assert.include(yield* shown, "b.txt")
      }), { "a.txt": "one\n", "b.txt": "one\n" }))

  it.live("no commit that cannot be read: it is not taken for none", () =>
    inRepository(({ base, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const found = (name: string) => resolveCommit(git, main, name)
        for (const name of ["nothing", "", "main@{u}", "HEAD@{99}", "HEAD^{tree}", "0".repeat(40), "refs/heads/none"]) {
          assert.isNull(yield* found(name), name)
        }
        const file = `${repository}/.git/objects/${base.slice(0, 2)}/${base.slice(2)}`
        yield* fs.chmod(file, 0o600)
        for (const name of ["HEAD", "main", base]) {
          yield* fs.writeFileString(file, "no object")
          assert.strictEqual(yield* reasonOf(found(name)), "GitFailed rev-parse", name)
        }
        yield* fs.remove(file)
        for (const name of ["HEAD", "refs/heads/main"]) {
          assert.strictEqual(yield* reasonOf(found(name)), "GitFailed rev-parse", name)
        }
        plainGit(repository, "symbolic-ref", "HEAD", "refs/heads/unborn")
        assert.isNull(yield* found("HEAD"))
      })
    ))

  it.live("no other repository that lies at the same place", () =>
    inRepository(({ base, directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* makeWorktree(git, main, `${directory}/w1`, base)
        yield* fs.rename(`${repository}/.git`, `${directory}/before`)
        plainGit(directory, "clone", "-q", "--bare", "--branch", "main", `${directory}/before`, `${repository}/.git`)
        // The very files that the pool has its own from.
        for (const name of ["config", "info/exclude"]) {
          yield* fs.rename(`${directory}/before/${name}`, `${repository}/.git/${name}`)
        }
        const top = `${directory}/w2`
        const tree = yield* makeWorktree(git, main, top, base)
        assert.deepStrictEqual(yield* statusOf(git, tree), [])
        assert.strictEqual(plainGit(repository, "worktree", "list", "--porcelain").match(/^worktree /gm)?.length, 2)
        assert.strictEqual(
          yield* reasonOf(git.locked(main.repository)(removeWorktree(git, main.repository, top))),
          "it did not fail"
        )
      })
    ))
})
