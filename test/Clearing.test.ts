/**
 * Workspaces are put away without force: when it is at once, when their work goes into references first, and when not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { statSync, utimesSync, writeFileSync } from "node:fs"
import { away, commitFiles, inWorkspace, kept, textIn } from "./support/ClearedWorkspaces.ts"
import { makeRepository, plainGit, writeFiles } from "./support/Repositories.ts"

const refsIn = (top: string, below: string): ReadonlyArray<string> =>
  plainGit(top, "for-each-ref", "--format=%(refname)", below).split("\n").filter((line) => line !== "")

describe("a workspace that is put away", () => {
  it.live("goes at once where it has nothing, and its branch with it", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { top, workspace } = place
        writeFileSync(`${workspace.repository.common}/refs/heads/${workspace.branch}.lock`, "")
        yield* writeFiles(workspace.path, { ".git/../a.txt": "one\n" })
        assert.deepStrictEqual(yield* away(place, workspace), [])
        assert.isFalse(yield* fs.exists(workspace.path))
        assert.isFalse(yield* fs.exists(workspace.gitDir))
        assert.deepStrictEqual(refsIn(top, "refs/heads/cp"), [])
      })
    ))

  it.live("leaves its branch where there is work on it, and does not rescue what a branch holds", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { top, workspace } = place
        const head = yield* commitFiles(workspace.path, { "b.txt": "b\n", ".gitignore": "*.log\n" })
        yield* writeFiles(workspace.path, { "x.log": "ignored\n" })
        assert.deepStrictEqual(yield* away(place, workspace), [])
        assert.strictEqual(plainGit(top, "rev-parse", workspace.branch!).trim(), head)
      })
    ))

  it.live("is rescued first: what is not committed, what is not known to git, and what was staged and changed again", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { top, workspace } = place
        // Of one who was killed at it.
        yield* writeFiles(workspace.repository.common, { [`refs/claude-pool/rescue/${workspace.id}/1.lock`]: "" })
        yield* writeFiles(workspace.path, { "a.txt": "staged\n", "new/c.txt": "c\n" })
        plainGit(workspace.path, "add", "a.txt")
        yield* writeFiles(workspace.path, { "a.txt": "last\n" })
        const [files, staged, ...rest] = yield* away(place, workspace)
        assert.deepStrictEqual(rest, [])
        assert.strictEqual(textIn(top, files!, "a.txt"), "last\n")
        assert.strictEqual(textIn(top, files!, "new/c.txt"), "c\n")
        assert.strictEqual(textIn(top, staged!, "a.txt"), "staged\n")
        assert.strictEqual(plainGit(top, "rev-parse", `${files}^`).trim(), workspace.base)
        assert.notInclude(plainGit(top, "worktree", "list"), workspace.path)
      })
    ))

  it.live("is rescued where a file is as long and as old as what was staged of it, and as old as the index", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const { top, workspace } = place
        const [file, index] = [path.join(workspace.path, "a.txt"), path.join(workspace.gitDir, "index")]
        const write = (text: string) => {
          writeFileSync(file, text)
          utimesSync(file, 1_000_000_000, 1_000_000_000)
          return Math.floor(statSync(file).ctimeMs / 1000)
        }
        // When a file was last touched, nobody can say but the system: both times in one second.
        for (let [first, last] = [0, 1]; first !== last;) {
          first = write("two\n")
          plainGit(workspace.path, "add", "a.txt")
          last = write("red\n")
        }
        utimesSync(index, 1_000_000_000, 1_000_000_000)
        const [files, staged] = yield* away(place, workspace)
        assert.strictEqual(textIn(top, files!, "a.txt"), "red\n")
        assert.strictEqual(textIn(top, staged!, "a.txt"), "two\n")
      })
    ))

  it.live("is rescued where git was told not to look at a file", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { top, workspace } = place
        plainGit(workspace.path, "update-index", "--assume-unchanged", "a.txt")
        plainGit(workspace.path, "update-index", "--skip-worktree", "b.txt")
        yield* writeFiles(workspace.path, { "a.txt": "hidden\n", "b.txt": "too\n" })
        const [ref] = yield* away(place, workspace)
        assert.strictEqual(textIn(top, ref!, "a.txt"), "hidden\n")
        assert.strictEqual(textIn(top, ref!, "b.txt"), "too\n")
      }), { "a.txt": "one\n", "b.txt": "two\n" }))

  it.live("keeps commits that only its own history names", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { top, workspace } = place
        const dropped = yield* commitFiles(workspace.path, { "b.txt": "b\n" })
        plainGit(workspace.path, "reset", "-q", "--hard", "HEAD^")
        plainGit(workspace.path, "checkout", "-q", "--detach")
        const detached = yield* commitFiles(workspace.path, { "c.txt": "c\n" })
        plainGit(workspace.path, "update-ref", "refs/worktree/mine", dropped)
        const refs = yield* away(place, workspace)
        assert.sameMembers(refs.map((ref) => plainGit(top, "rev-parse", ref).trim()), [dropped, detached])
      })
    ))

  it.live("keeps both sides of a merge that was not finished, and what is in the files", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { top, workspace } = place
        plainGit(workspace.path, "checkout", "-q", "--detach")
        const theirs = yield* commitFiles(workspace.path, { "a.txt": "theirs\n" })
        plainGit(workspace.path, "checkout", "-q", workspace.branch!)
        yield* commitFiles(workspace.path, { "a.txt": "ours\n" })
        assert.throws(() => plainGit(workspace.path, "merge", "-q", theirs))
        yield* writeFiles(workspace.path, { "a.txt": "half resolved\n" })
        const refs = yield* away(place, workspace)
        const held = refs.map((ref) => plainGit(top, "rev-parse", ref).trim())
        assert.include(held, theirs)
        assert.strictEqual(textIn(top, refs[0]!, "a.txt"), "half resolved\n")
        assert.strictEqual(textIn(top, refs[1]!, "a.txt~3"), "theirs\n")
      })
    ))

  it.live("with an index that is broken or gone keeps its files", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { git, make, repository, top, workspace } = place
        const path = yield* Path.Path
        yield* writeFiles(workspace.path, { "b.txt": "b\n" })
        writeFileSync(path.join(workspace.gitDir, "index"), "DIRC and nothing more")
        const [ref] = yield* away(place, workspace)
        assert.strictEqual(textIn(top, ref!, "b.txt"), "b\n")
        assert.strictEqual(textIn(top, ref!, "a.txt"), "one\n")
        const second = yield* make(yield* git.find(top), 2)
        yield* fs.remove(path.join(second.gitDir, "index"))
        writeFileSync(path.join(second.gitDir, "index.lock"), "")
        assert.deepStrictEqual(yield* away(place, second), [])
        assert.strictEqual(repository.common, second.repository.common)
      })
    ))

  it.live("of which somebody has deleted the directory keeps its commits, and what was staged", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const { top, workspace } = place
        plainGit(workspace.path, "checkout", "-q", "--detach")
        yield* commitFiles(workspace.path, { "b.txt": "b\n" })
        yield* writeFiles(workspace.path, { "c.txt": "staged\n" })
        plainGit(workspace.path, "add", "c.txt")
        yield* fs.remove(workspace.path, { recursive: true })
        const [ref] = yield* away(place, workspace)
        assert.strictEqual(textIn(top, ref!, "b.txt"), "b\n")
        assert.strictEqual(textIn(top, ref!, "c.txt"), "staged\n")
        assert.isFalse(yield* fs.exists(workspace.gitDir))
      })
    ))
})

describe("a workspace that is kept", () => {
  it.live("has a process in it", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const { workspace } = place
        yield* writeFiles(workspace.path, { "new/c.txt": "c\n" })
        const child = yield* Effect.acquireRelease(
          Effect.promise(async () => {
            const started = spawn("sleep", ["600"], { cwd: `${workspace.path}/new`, stdio: "ignore" })
            await once(started, "spawn")
            return started
          }),
          (started) => Effect.promise(() => new Promise((done) => started.once("exit", done).kill("SIGKILL")))
        )
        assert.include(yield* kept(place, workspace), `process ${child.pid} is in`)
      }).pipe(Effect.scoped)
    ))

  it.live("has objects that are gone, another repository in its place, too much in it, or has been moved", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { make, repository, top, workspace } = place
        plainGit(workspace.path, "checkout", "-q", "--detach")
        const head = yield* commitFiles(workspace.path, { "b.txt": "b\n" })
        yield* fs.remove(path.join(top, ".git/objects", head.slice(0, 2), head.slice(2)))
        assert.include(yield* kept(place, workspace), "git ")
        assert.isTrue(yield* fs.exists(path.join(workspace.path, "b.txt")))

        const replaced = yield* make(repository, 2)
        yield* fs.remove(path.join(replaced.path, ".git"))
        plainGit(replaced.path, "init", "-q")
        assert.include(yield* kept(place, replaced), "another repository")

        const large = yield* make(repository, 3)
        yield* fs.writeFileString(path.join(large.path, "large"), "")
        yield* fs.truncate(path.join(large.path, "large"), 3 * 2 ** 30)
        assert.include(yield* kept(place, large), "3 GiB")
        yield* fs.remove(path.join(large.path, "large"))
        // What was the matter is no more: now it goes.
        assert.deepStrictEqual(yield* away(place, large), [])

        const moved = yield* make(repository, 4)
        plainGit(top, "worktree", "unlock", moved.path)
        plainGit(top, "worktree", "move", moved.path, `${moved.path}-b`)
        assert.include(yield* kept(place, moved), "elsewhere")
      })
    ))
})

describe("a rescue on demand", () => {
  it.live("changes nothing in the workspace, and makes one reference of the same things", () =>
    inWorkspace((place) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const fs = yield* FileSystem.FileSystem
        const { clearing, find, top, workspace } = place
        yield* writeFiles(workspace.path, { "a.txt": "two\n", "b.txt": "b\n" })
        plainGit(workspace.path, "add", "a.txt")
        utimesSync(path.join(workspace.path, "a.txt"), 1, 1)
        const before = yield* fs.readFile(path.join(workspace.gitDir, "index"))
        const saved = yield* clearing.rescue(workspace)
        assert.lengthOf(saved.rescues, 2)
        assert.strictEqual(textIn(top, saved.rescues[0]!, "b.txt"), "b\n")
        assert.deepStrictEqual((yield* clearing.rescue(yield* find(workspace))).rescues, saved.rescues)
        assert.deepStrictEqual(yield* fs.readFile(path.join(workspace.gitDir, "index")), before)
        assert.strictEqual(plainGit(workspace.path, "status", "--porcelain"), "M  a.txt\n?? b.txt\n")
        assert.notInclude(yield* fs.readDirectory(workspace.gitDir), "claude-pool-index")
        assert.deepStrictEqual(yield* away(place, saved), saved.rescues)
      })
    ))

  it.live("makes none where there is nothing", () =>
    inWorkspace(({ clearing, workspace }) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* clearing.rescue(workspace)).rescues, [])
        yield* makeRepository(`${workspace.path}-other`)
      })
    ))
})
