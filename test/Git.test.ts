/**
 * The pool's git over real repositories: what it finds, what it makes, and that it believes nothing of their configuration.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { branchRef } from "../src/domain/Commit.ts"
import { Git, mainCheckout } from "../src/services/Git.ts"
import { changesBetween, patchBetween } from "../src/services/git/Diff.ts"
import { currentBranch, moveRef, resolveCommit } from "../src/services/git/Refs.ts"
import { snapshot } from "../src/services/git/Snapshot.ts"
import { statusOf } from "../src/services/git/Status.ts"
import { touchedSince } from "../src/services/git/Touched.ts"
import { addWorktree, listWorktrees, removeWorktree } from "../src/services/git/Worktrees.ts"
import { gitLayer, makeRepository, plainGit, workDirectory, writeFiles } from "./support/Repositories.ts"

const inRepository = <A, E>(
  use: (
    place: { readonly directory: string; readonly repository: string }
  ) => Effect.Effect<A, E, Git | FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const path = yield* Path.Path
    const repository = yield* makeRepository(path.join(directory, "repository"))
    return yield* Effect.provide(use({ directory, repository }), gitLayer(path.join(directory, "seats")))
  }).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))

describe("the pool's git", () => {
  it.live("makes a worktree outside, commits what is left in it, and puts it away", () =>
    inRepository(({ directory, repository }) =>
      Effect.gen(function*() {
        const git = yield* Git
        const path = yield* Path.Path
        const fs = yield* FileSystem.FileSystem
        const place = yield* git.find(path.join(repository, "."))
        const main = mainCheckout(place)
        assert.strictEqual(yield* currentBranch(git, main), "main")
        const base = (yield* resolveCommit(git, main, "HEAD"))!
        const top = path.join(directory, "worktrees", "w_1")
        const made = yield* git.locked(place)(
          addWorktree(git, place, { path: top, commit: base, reason: "claude-pool test" })
        )
        assert.strictEqual(plainGit(top, "rev-parse", "--git-common-dir").trim(), place.common)
        assert.strictEqual(plainGit(top, "status", "--porcelain"), "")
        assert.strictEqual((yield* listWorktrees(git, place))[0]?.locked, "claude-pool test")
        yield* writeFiles(top, { "a.txt": "one\ntwo\n", "new/b.txt": "b\n" })
        assert.deepStrictEqual(yield* statusOf(git, made), [
          { code: ".M", path: "a.txt", isRepository: false },
          { code: "??", path: "new/b.txt", isRepository: false }
        ])
        const head = (yield* snapshot(git, made, { message: "kept", parent: base }))!
        yield* moveRef(git, made, { ref: branchRef("cp/t_1"), to: head, from: null })
        yield* git.run(made, ["symbolic-ref", "HEAD", branchRef("cp/t_1")])
        assert.deepStrictEqual(yield* statusOf(git, made), [])
        assert.deepStrictEqual(yield* changesBetween(git, made, base, head), [
          { path: "a.txt", change: "modified", added: 1, removed: 0 },
          { path: "new/b.txt", change: "added", added: 1, removed: 0 }
        ])
        assert.include((yield* patchBetween(git, made, base, head)).stdout, "+two")
        assert.deepStrictEqual([...yield* touchedSince(git, made, base)].map(([path, { lines }]) => [path, lines]), [
          ["a.txt", [{ from: 2, to: 1 }]],
          ["new/b.txt", null]
        ])
        yield* git.locked(place)(removeWorktree(git, place, top))
        assert.isFalse(yield* fs.exists(top))
        assert.strictEqual(plainGit(repository, "rev-parse", "cp/t_1").trim(), head)
      })
    ))
})
