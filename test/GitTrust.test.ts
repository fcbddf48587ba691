import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { branchRef } from "../src/domain/Commit.ts"
import { currentBranch, isAncestor, moveRef, resolveCommit } from "../src/services/git/Refs.ts"
import { snapshot } from "../src/services/git/Snapshot.ts"
import { statusOf } from "../src/services/git/Status.ts"
import { removeWorktree } from "../src/services/git/Worktrees.ts"
import { inRepository, makeRepository, makeWorktree, plainGit, reasonOf, writeFiles } from "./support/Repositories.ts"

const ref = branchRef("cp/t_1")

describe("a checkout that a worker has changed", () => {
  it.live("is left alone where its own git directory leads elsewhere, or has pipes for files", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const other = yield* makeRepository(`${directory}/other`)
        const status = reasonOf(statusOf(git, tree))
        const changes: ReadonlyArray<readonly [file: string, change: (file: string) => Effect.Effect<void, unknown>]> =
          [
            ["commondir", (file) => fs.writeFileString(file, `${other}/.git\n`)],
            ["index", (file) => Effect.sync(() => execFileSync("mkfifo", [file]))],
            ["index", (file) => fs.symlink(`${directory}/elsewhere`, file)],
            ["HEAD", (file) => Effect.sync(() => execFileSync("mkfifo", [file]))],
            ["HEAD", (file) => fs.symlink(`${other}/.git/HEAD`, file)],
            ["logs", (file) => fs.symlink(`${other}/.git/logs`, file)]
          ]
        for (const [name, change] of changes) {
          const file = `${tree.gitDir}/${name}`
          yield* fs.rename(file, `${file}.before`)
          yield* change(file)
          assert.strictEqual(yield* status, "GitFailed ls-files", name)
          assert.strictEqual(yield* reasonOf(moveRef(git, tree, { ref, to: base, from: null })), "GitFailed update-ref")
          yield* fs.remove(file)
          yield* fs.rename(`${file}.before`, file)
        }
        assert.isFalse(yield* fs.exists(`${directory}/elsewhere`))
        assert.strictEqual(plainGit(other, "for-each-ref", "--format=%(refname)"), "refs/heads/main\n")
        assert.deepStrictEqual(yield* statusOf(git, tree), [])
      })
    ))

  it.live("is left alone where links of the repository leave it, or another is named as its own", () =>
    inRepository(({ base, directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const other = yield* makeRepository(`${directory}/other`)
        const move = reasonOf(moveRef(git, main, { ref, to: base, from: null }))
        yield* fs.symlink(`${other}/.git/refs/heads`, `${repository}/.git/refs/heads/cp`)
        assert.strictEqual(yield* move, "GitFailed update-ref")
        yield* fs.remove(`${repository}/.git/refs/heads/cp`)
        yield* fs.writeFileString(`${repository}/.git/commondir`, `${other}/.git\n`)
        assert.strictEqual(yield* move, "GitFailed update-ref")
        yield* fs.remove(`${repository}/.git/commondir`)
        assert.strictEqual(yield* move, "it did not fail")
        assert.strictEqual(plainGit(other, "for-each-ref", "--format=%(refname)"), "refs/heads/main\n")
      })
    ))

  it.live("is left alone where its directory is a link, and goes by no .git file of it", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const other = yield* makeRepository(`${directory}/other`, { "secret.txt": "secret\n" })
        yield* fs.writeFileString(`${tree.workTree}/.git`, `gitdir: ${other}/.git\n`)
        yield* writeFiles(tree.workTree!, { "a.txt": "two\n" })
        assert.deepStrictEqual((yield* statusOf(git, tree)).map(({ path }) => path), ["a.txt"])
        yield* fs.rename(tree.workTree!, `${directory}/moved`)
        yield* fs.symlink(other, tree.workTree!)
        assert.strictEqual(yield* reasonOf(snapshot(git, tree, { message: "x", parent: base })), "GitFailed ls-files")
      })
    ))

  it.live("moves no branch that its HEAD names, and survives an index that is rubbish", () =>
    inRepository(({ base, directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        yield* fs.writeFileString(`${tree.gitDir}/HEAD`, "ref: refs/heads/main\n")
        yield* fs.writeFileString(`${repository}/.git/${ref}`, "ref: refs/heads/main\n").pipe(
          Effect.tapError(() => fs.makeDirectory(`${repository}/.git/refs/heads/cp`, { recursive: true })),
          Effect.retry({ times: 1 })
        )
        yield* writeFiles(tree.workTree!, { "a.txt": "two\n" })
        yield* fs.writeFileString(`${tree.gitDir}/index`, "rubbish")
        assert.strictEqual(yield* currentBranch(git, tree), "main")
        assert.strictEqual(yield* reasonOf(statusOf(git, tree)), "GitFailed ls-files")
        const kept = (yield* snapshot(git, tree, { message: "kept", parent: base, index: `${directory}/index` }))!
        yield* moveRef(git, tree, { ref, to: kept, from: base })
        assert.strictEqual(yield* resolveCommit(git, main, "main"), base)
        assert.strictEqual(yield* resolveCommit(git, main, ref), kept)
      })
    ))

  it.live("shows what its index was told to hide, and leaves alone what a sparse checkout does not have", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const top = tree.workTree!
        plainGit(top, "update-index", "--assume-unchanged", "assumed.txt")
        plainGit(top, "update-index", "--skip-worktree", "skipped.txt", "absent.txt")
        yield* writeFiles(top, { "assumed.txt": "two\n", "skipped.txt": "two\n" })
        yield* fs.remove(`${top}/absent.txt`)
        const index = yield* fs.readFile(`${tree.gitDir}/index`)
        assert.deepStrictEqual(
          (yield* statusOf(git, tree)).map(({ code, path }) => `${code} ${path}`),
          [".M assumed.txt", ".M skipped.txt"]
        )
        assert.deepStrictEqual(yield* fs.readFile(`${tree.gitDir}/index`), index)
        assert.strictEqual(yield* reasonOf(removeWorktree(git, main.repository, top)), "GitFailed worktree remove")
        const aside = (yield* snapshot(git, tree, { message: "aside", parent: base, index: `${directory}/index` }))!
        const kept = (yield* snapshot(git, tree, { message: "kept", parent: base }))!
        for (const commit of [aside, kept]) {
          assert.strictEqual(plainGit(top, "diff", "--name-only", base, commit), "assumed.txt\nskipped.txt\n")
        }
      }), { "absent.txt": "one\n", "assumed.txt": "one\n", "skipped.txt": "one\n" }))

  it.live("takes the worktree that is meant from two that say they are it", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const mine = yield* makeWorktree(git, main, `${directory}/mine`, base)
        const other = yield* makeWorktree(git, main, `${directory}/other`, base)
        const said = yield* fs.readFileString(`${mine.gitDir}/gitdir`)
        yield* fs.writeFileString(`${mine.gitDir}/gitdir`, `${other.workTree}/.git\n`)
        const remove = removeWorktree(git, main.repository, other.workTree!)
        assert.strictEqual(yield* reasonOf(remove), "GitFailed worktree remove")
        yield* fs.writeFileString(`${mine.gitDir}/gitdir`, said)
        assert.strictEqual(yield* reasonOf(remove), "it did not fail")
        assert.isTrue(yield* fs.exists(mine.gitDir))
      })
    ))

  it.live("has no graft, replaced object, graph or attribute of its own believed", () =>
    inRepository(({ base, git, main, repository }) =>
      Effect.gen(function*() {
        plainGit(repository, "checkout", "-q", "-b", "ours")
        yield* writeFiles(repository, { "a.txt": "one\nours\n", ".gitattributes": "* merge=union\n" })
        yield* writeFiles(`${repository}/.git`, { "info/attributes": "* merge=union\n" })
        plainGit(repository, "add", "-A")
        plainGit(repository, "commit", "-q", "-m", "ours")
        plainGit(repository, "checkout", "-q", "-b", "theirs", base)
        yield* writeFiles(repository, { "a.txt": "one\ntheirs\n", ".gitattributes": "* merge=union\n" })
        plainGit(repository, "add", "-A")
        plainGit(repository, "commit", "-q", "-m", "theirs")
        plainGit(repository, "merge-tree", "--write-tree", "ours", "theirs")
        const merged = yield* git.run(main, ["merge-tree", "--write-tree", "ours", "theirs"], { answers: [1] })
        assert.strictEqual(merged.exitCode, 1)
        const [ours, theirs] = [
          (yield* resolveCommit(git, main, "ours"))!,
          (yield* resolveCommit(git, main, "theirs"))!
        ]
        plainGit(repository, "replace", "--graft", theirs, ours)
        yield* writeFiles(`${repository}/.git`, { "info/grafts": `${theirs} ${ours}\n` })
        plainGit(repository, "merge-base", "--is-ancestor", ours, theirs)
        assert.isFalse(yield* isAncestor(git, main, ours, theirs))
      })
    ))
})
