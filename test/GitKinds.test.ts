import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Git, mainCheckout } from "../src/services/Git.ts"
import { filteredPaths } from "../src/services/git/Attributes.ts"
import { embeddedRepositories } from "../src/services/git/Embedded.ts"
import { currentBranch, resolveCommit } from "../src/services/git/Refs.ts"
import { snapshot } from "../src/services/git/Snapshot.ts"
import { statusOf } from "../src/services/git/Status.ts"
import { removeWorktree } from "../src/services/git/Worktrees.ts"
import {
  gitLayerWith,
  inRepository,
  makeRepository,
  makeWorktree,
  plainGit,
  reasonOf,
  writeFiles
} from "./support/Repositories.ts"
import { aLife, whole } from "./support/WorktreeLife.ts"

describe("kinds of repositories", () => {
  it.live("with names of another length, in a directory with an odd name", () =>
    inRepository(({ directory, git }) =>
      Effect.gen(function*() {
        const odd = `${directory}/a b\n"ü" `
        plainGit(directory, "init", "-q", "--object-format=sha256", odd)
        plainGit(odd, "commit", "-q", "--allow-empty", "-m", "one")
        assert.deepStrictEqual(yield* aLife(git, odd, `${directory}/w`), whole)
      })
    ))

  it.live("none without a repository, and no commit where there is none yet", () =>
    inRepository(({ directory, git, repository }) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* reasonOf(git.find(directory)), "IsolationImpossible no-repository")
        assert.strictEqual(yield* reasonOf(git.find(`${directory}/nowhere`)), "IsolationImpossible no-repository")
        plainGit(directory, "init", "-q", "-b", "main", "unborn")
        const main = mainCheckout(yield* git.find(`${directory}/unborn`))
        assert.isNull(yield* resolveCommit(git, main, "HEAD"))
        assert.isNull(yield* resolveCommit(git, main, "--all"))
        assert.strictEqual(yield* currentBranch(git, main), "main")
        plainGit(repository, "checkout", "-q", "--detach")
        assert.isNull(yield* currentBranch(git, mainCheckout(yield* git.find(repository))))
      })
    ))

  it.live("not those of a format that is not known, also when that is said later", () =>
    inRepository(({ directory, git, main, repository }) =>
      Effect.gen(function*() {
        const state = reasonOf(statusOf(git, main))
        const set = (key: string, value: string) =>
          plainGit(directory, "config", "-f", `${repository}/.git/config`, key, value)
        assert.strictEqual(yield* state, "it did not fail")
        set("remote.origin.promisor", "true")
        assert.strictEqual(yield* state, "IsolationImpossible partial-clone")
        set("remote.origin.promisor", "false")
        assert.strictEqual(yield* state, "it did not fail")
        set("core.repositoryformatversion", "1")
        set("extensions.refstorage", "reftable")
        assert.strictEqual(yield* state, "IsolationImpossible unsupported")
        set("extensions.refstorage", "files")
        assert.strictEqual(yield* state, "it did not fail")
        set("extensions.strange", "true")
        assert.strictEqual(yield* state, "IsolationImpossible unsupported")
        plainGit(directory, "config", "-f", `${repository}/.git/config`, "--unset", "extensions.strange")
        set("core.repositoryformatversion", "2")
        assert.strictEqual(yield* state, "IsolationImpossible unsupported")
      })
    ))

  it.live("not with a git that is too old, or none, and with one as soon as it is there", () =>
    inRepository(({ directory, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const programs = `${directory}/programs`
        const install = Effect.fnUntraced(function*(text: string) {
          yield* writeFiles(programs, { git: `#!/bin/sh\n${text}\n` })
          yield* fs.chmod(`${programs}/git`, 0o755)
        })
        yield* Effect.gen(function*() {
          const git = yield* Git
          const main = mainCheckout(yield* git.find(repository))
          const state = reasonOf(resolveCommit(git, main, "HEAD"))
          assert.strictEqual(yield* state, "IsolationImpossible no-git")
          yield* install("echo git version 2.37.9")
          assert.strictEqual(yield* state, "IsolationImpossible unsupported")
          yield* install(`PATH='${process.env["PATH"]}' exec git "$@"`)
          assert.strictEqual(yield* state, "it did not fail")
        }).pipe(Effect.provide(gitLayerWith({ seats: `${directory}/other`, path: programs })))
      })
    ))

  it.live("with submodules, into which nobody looks, and with repositories that lie there", () =>
    inRepository(({ directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const inner = yield* makeRepository(`${directory}/inner`)
        plainGit(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "sub")
        plainGit(repository, "commit", "-q", "-m", "sub")
        const base = (yield* resolveCommit(git, main, "HEAD"))!
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const top = tree.workTree!
        assert.deepStrictEqual(yield* fs.readDirectory(`${top}/sub`), [])
        assert.deepStrictEqual(yield* statusOf(git, tree), [])
        assert.deepStrictEqual(yield* embeddedRepositories(git, tree), [])
        plainGit(top, "clone", "-q", inner, "sub")
        plainGit(`${top}/sub`, "commit", "-q", "--allow-empty", "-m", "in the submodule")
        yield* makeRepository(`${top}/made`)
        plainGit(top, "init", "-q", "empty")
        yield* writeFiles(top, { "empty/b.txt": "b\n", "made/more.txt": "b\n", "c.txt": "c\n" })
        assert.deepStrictEqual(yield* embeddedRepositories(git, tree), [
          { path: "empty", isKnown: false },
          { path: "made", isKnown: false },
          { path: "sub", isKnown: true }
        ])
        const kept = (yield* snapshot(git, tree, { message: "kept", parent: base }))!
        assert.strictEqual(plainGit(top, "diff", "--name-only", base, kept), "c.txt\nsub\n")
        yield* git.run(tree, ["update-ref", "--no-deref", "HEAD", kept])
        assert.deepStrictEqual((yield* statusOf(git, tree)).map(({ isRepository, path }) => [path, isRepository]), [
          ["empty/", true],
          ["made/", true]
        ])
        assert.strictEqual(yield* reasonOf(removeWorktree(git, main.repository, top)), "GitFailed worktree remove")
        yield* Effect.forEach(["empty", "made"], (name) => fs.remove(`${top}/${name}`, { recursive: true }))
        assert.strictEqual(yield* reasonOf(removeWorktree(git, main.repository, top)), "GitFailed worktree remove")
        yield* fs.remove(`${top}/sub/.git`, { recursive: true })
        assert.strictEqual(yield* reasonOf(removeWorktree(git, main.repository, top)), "it did not fail")
      })
    ))

  it.live("with filters, which are found in the commit and in the repository's own attributes", () =>
    inRepository(({ base, git, main, repository }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* filteredPaths(git, main, base), [])
        yield* writeFiles(repository, {
          "big/.gitattributes": "*.bin filter=lfs\nno.bin -filter\n",
          "big/no.bin": "",
          "big/ü a.bin": ""
        })
        plainGit(repository, "add", "-A")
        plainGit(repository, "commit", "-q", "-m", "filters")
        const index = plainGit(repository, "ls-files", "--stage")
        const head = (yield* resolveCommit(git, main, "HEAD"))!
        assert.deepStrictEqual(yield* filteredPaths(git, main, head), ["big/ü a.bin"])
        assert.deepStrictEqual(yield* filteredPaths(git, main, base), [])
        yield* writeFiles(`${repository}/.git`, { "info/attributes": "a.txt filter=git-crypt\n" })
        assert.deepStrictEqual(yield* filteredPaths(git, main, base), ["a.txt"])
        assert.strictEqual(plainGit(repository, "ls-files", "--stage"), index)
      })
    ))

  it.live("with what the user and the repository ignore, by what they say at that time", () =>
    inRepository(({ directory, repository }) =>
      Effect.gen(function*() {
        yield* writeFiles(repository, { "a.log": "", "a.tmp": "", "a.new": "" })
        yield* writeFiles(directory, { ignore: "*.log\n*.tmp" })
        yield* writeFiles(`${repository}/.git`, { "info/exclude": "!*.tmp\n" })
        const names = Effect.gen(function*() {
          const git = yield* Git
          const entries = yield* statusOf(git, mainCheckout(yield* git.find(repository)))
          return entries.map(({ path }) => path)
        })
        yield* Effect.gen(function*() {
          assert.deepStrictEqual(yield* names, ["a.new", "a.tmp"])
          yield* writeFiles(directory, { ignore: "*.new\n" })
          assert.deepStrictEqual(yield* names, ["a.log", "a.tmp"])
        }).pipe(Effect.provide(gitLayerWith({ seats: `${directory}/other`, excludes: `${directory}/ignore` })))
      })
    ))

  it.live("with line ends of their own, also when they are said later", () =>
    inRepository(({ base, directory, git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const text = (name: string) =>
          Effect.flatMap(
            makeWorktree(git, main, `${directory}/${name}`, base),
            () => fs.readFileString(`${directory}/${name}/a.txt`)
          )
        assert.strictEqual(yield* text("w1"), "one\n")
        plainGit(repository, "config", "core.autocrlf", "true")
        assert.strictEqual(yield* text("w2"), "one\r\n")
        assert.strictEqual(plainGit(`${directory}/w2`, "status", "--porcelain"), "")
        // What is packed, and what is cut off, may also come later.
        plainGit(repository, "pack-refs", "--all")
        yield* writeFiles(`${repository}/.git`, { shallow: `${base}\n` })
        assert.strictEqual(yield* resolveCommit(git, main, "main"), base)
        assert.strictEqual((yield* git.run(main, ["rev-parse", "--is-shallow-repository"])).stdout, "true\n")
      })
    ))
})
