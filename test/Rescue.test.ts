/**
 * Repositories that lie in a workspace: all that they have of their own goes into the outer repository before they go.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { away, commitFiles, inWorkspace, kept, textIn } from "./support/ClearedWorkspaces.ts"
import { makeRepository, plainGit, writeFiles } from "./support/Repositories.ts"

const commitsOf = (top: string, refs: ReadonlyArray<string>): ReadonlyArray<string> =>
  refs.map((ref) => plainGit(top, "rev-parse", ref).trim())

/** All of a repository is there, and nothing in it leads nowhere. */
const isWhole = (top: string): void => {
  plainGit(top, "fsck", "--strict")
  plainGit(top, "rev-list", "--objects", "--all", "--quiet")
}

describe("a repository that lies in a workspace", () => {
  it.live("is brought over with its branches, its stash, its tags, its files, and one that lies in it", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const { top, workspace } = place
        const inner = yield* makeRepository(path.join(workspace.path, "deep/inner"))
        const branch = yield* commitFiles(inner, { "b.txt": "b\n" })
        plainGit(inner, "branch", "other")
        plainGit(inner, "tag", "-a", "-m", "words", "v1")
        plainGit(inner, "reset", "-q", "--hard", "HEAD^")
        yield* writeFiles(inner, { "a.txt": "stashed\n" })
        plainGit(inner, "stash", "-q")
        yield* writeFiles(inner, { "a.txt": "not committed\n" })
        const innermost = yield* makeRepository(path.join(inner, "most"), { "x.txt": "x\n" })
        const refs = yield* away(place, workspace)
        const held = commitsOf(top, refs)
        assert.include(held, branch)
        assert.include(held, commitsOf(top, refs).find((one) => plainGit(top, "cat-file", "-t", one).trim() === "tag"))
        const texts = refs.map((ref) => plainGit(top, "ls-tree", "-r", "--name-only", ref).trim())
        assert.include(texts, "x.txt")
        const files = refs.filter((ref) => plainGit(top, "ls-tree", "--name-only", ref).includes("a.txt"))
        const contents = files.map((ref) => textIn(top, ref, "a.txt"))
        assert.include(contents, "stashed\n")
        assert.include(contents, "not committed\n")
        assert.strictEqual(innermost, path.join(inner, "most"))
        isWhole(top)
      })
    ))

  it.live("without a commit is rescued by its files, and one over files of the outer one by both", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const { top, workspace } = place
        const empty = path.join(workspace.path, "empty")
        yield* writeFiles(empty, { "e.txt": "e\n" })
        plainGit(empty, "init", "-q")
        const over = path.join(workspace.path, "src")
        plainGit(over, "init", "-q")
        const commit = yield* commitFiles(over, { "own.txt": "own\n" })
        yield* writeFiles(over, { "tracked.txt": "changed\n" })
        const refs = yield* away(place, workspace)
        const lists = refs.map((ref) => plainGit(top, "ls-tree", "-r", "--name-only", ref).trim().split("\n"))
        assert.isTrue(lists.some((names) => names.includes("e.txt")))
        const outer = refs[lists.findIndex((names) => names.includes("src/tracked.txt"))]!
        assert.strictEqual(textIn(top, outer, "src/tracked.txt"), "changed\n")
        assert.isTrue(commitsOf(top, refs).some((one) => plainGit(top, "rev-list", one).includes(commit)))
        isWhole(top)
      }), { "src/tracked.txt": "one\n" }))

  it.live("that is a submodule goes with the one force, once its commits are held", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { directory, git, make, top, workspace } = place
        const source = yield* makeRepository(path.join(directory, "source"))
        const allow = ["-c", "protocol.file.allow=always"]
        plainGit(workspace.path, ...allow, "submodule", "--quiet", "add", source, "sub")
        plainGit(workspace.path, "commit", "-q", "-m", "with a submodule")
        const commit = yield* commitFiles(path.join(workspace.path, "sub"), { "s.txt": "s\n" })
        const refs = yield* away(place, workspace)
        assert.include(commitsOf(top, refs), commit)
        assert.isFalse(yield* fs.exists(workspace.path))
        // One that has nothing of its own needs no rescue.
        plainGit(top, "merge", "-q", workspace.branch!)
        const second = yield* make(yield* git.find(top), 2)
        plainGit(second.path, ...allow, "submodule", "--quiet", "update", "--init")
        assert.deepStrictEqual(yield* away(place, second), [])
        isWhole(top)
      })
    ))

  it.live("executes nothing of its configuration when it is brought over", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { directory, top, workspace } = place
        const inner = yield* makeRepository(path.join(workspace.path, "inner"))
        plainGit(workspace.path, "add", "inner")
        const canary = path.join(directory, "canary")
        const commands = [
          "core.fsmonitor",
          "filter.x.clean",
          "uploadpack.packObjectsHook",
          "core.sshCommand",
          "diff.external"
        ]
        for (const key of commands) plainGit(inner, "config", key, `touch ${canary}; cat`)
        yield* writeFiles(inner, { ".gitattributes": "* filter=x\n", "b.txt": "b\n" })
        for (const hook of ["pre-commit", "post-index-change", "reference-transaction", "post-checkout"]) {
          yield* fs.writeFileString(path.join(inner, ".git/hooks", hook), `#!/bin/sh\ntouch ${canary}\n`, {
            mode: 0o755
          })
        }
        const refs = yield* away(place, workspace)
        assert.isTrue(refs.some((ref) => plainGit(top, "ls-tree", "--name-only", ref).includes("b.txt")))
        assert.isFalse(yield* fs.exists(canary))
      })
    ))

  it.live("is a worktree of the same repository, and goes with the outer one", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const { top, workspace } = place
        const inner = path.join(workspace.path, "wt")
        plainGit(workspace.path, "worktree", "add", "-q", "--detach", inner)
        const commit = yield* commitFiles(inner, { "b.txt": "b\n" })
        const refs = yield* away(place, workspace)
        assert.include(commitsOf(top, refs), commit)
        assert.strictEqual(plainGit(top, "worktree", "list").trim().split("\n").length, 1)
      })
    ))

  it.live("and is damaged, or a part of a history with work of its own, keeps the workspace", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { directory, make, repository, workspace } = place
        const inner = yield* makeRepository(path.join(workspace.path, "inner"))
        yield* fs.remove(path.join(inner, ".git/HEAD"))
        assert.include(yield* kept(place, workspace), "damaged")
        const second = yield* make(repository, 2)
        const source = yield* makeRepository(path.join(directory, "source"))
        yield* commitFiles(source, { "b.txt": "b\n" })
        const shallow = path.join(second.path, "shallow")
        plainGit(second.path, "clone", "-q", "--depth=1", `file://${source}`, shallow)
        const third = yield* place.clearing.rescue(second)
        assert.deepStrictEqual(third.rescues, [])
        yield* commitFiles(shallow, { "c.txt": "c\n" })
        assert.include(yield* kept(place, second), "part of its history")
        yield* fs.remove(shallow, { recursive: true })
        assert.deepStrictEqual(yield* away(place, second), [])
      })
    ))
})
