/**
 * The pool's git over every kind of repository there is, and over more than it keeps.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { inRepository, makeRepository, plainGit, reasonOf, writeFiles } from "../support/Repositories.ts"
import { aLife, whole } from "../support/WorktreeLife.ts"

describe("kinds of repositories", () => {
  it.live("all of those that git has worktrees of", () =>
    inRepository(({ directory, git, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const top = `${directory}/w`
        yield* fs.makeDirectory(`${directory}/below/a`, { recursive: true })
        yield* fs.symlink(repository, `${directory}/link`)
        plainGit(repository, "worktree", "add", "-q", "--detach", `${directory}/linked`)
        plainGit(directory, "clone", "-q", "--bare", repository, "bare.git")
        plainGit(directory, "clone", "-q", "--depth=1", `file://${repository}`, "shallow")
        plainGit(directory, "init", "-q", "--object-format=sha256", "long")
        yield* writeFiles(`${directory}/long`, { "a.txt": "one\n" })
        plainGit(`${directory}/long`, "add", "-A")
        plainGit(`${directory}/long`, "commit", "-q", "-m", "one")
        plainGit(directory, "clone", "-q", repository, "sparse")
        plainGit(`${directory}/sparse`, "sparse-checkout", "set", "--no-cone", "nothing")
        const odd = `${directory}/a b\n"ü" `
        yield* makeRepository(odd)
        plainGit(directory, "init", "-q", "--separate-git-dir", `${directory}/apart `, "divided")
        plainGit(`${directory}/divided`, "commit", "-q", "--allow-empty", "-m", "one")
        yield* fs.makeDirectory(`${repository}/sub/deep`, { recursive: true })
        for (
          const asked of [
            "link/sub/deep",
            "linked",
            "shallow",
            "long",
            "sparse",
            odd.slice(directory.length),
            "divided"
          ]
        ) {
          assert.deepStrictEqual(yield* aLife(git, `${directory}/${asked}`, top), whole, asked)
        }
        assert.deepStrictEqual(yield* aLife(git, `${directory}/bare.git`, top), { ...whole, bare: true })
      })
    ))
})

describe("commands of the pool's git", () => {
  it.live("give no half of an answer", () =>
    inRepository(({ git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        yield* writeFiles(repository, { "much.bin": "" })
        yield* fs.truncate(`${repository}/much.bin`, 2 ** 26 + 1)
        const blob = (yield* git.run(main, ["hash-object", "-w", `${repository}/much.bin`])).stdout.trim()
        assert.strictEqual(yield* reasonOf(git.run(main, ["cat-file", "blob", blob])), "GitFailed cat-file")
      })
    ))
})
