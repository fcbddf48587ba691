import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, FileSystem } from "effect"
import { TestClock } from "effect/testing"
import { mkdirSync, readdirSync, watch, writeFileSync } from "node:fs"
import type { GitOptions } from "../src/services/Git.ts"
import { verbOf } from "../src/services/git/Command.ts"
import { changesBetween, patchBetween } from "../src/services/git/Diff.ts"
import { resolveCommit } from "../src/services/git/Refs.ts"
import { snapshot } from "../src/services/git/Snapshot.ts"
import { statusOf } from "../src/services/git/Status.ts"
import { touchedBetween, touchedSince } from "../src/services/git/Touched.ts"
import { inRepository, makeWorktree, plainGit, reasonOf, writeFiles } from "./support/Repositories.ts"

/** Ends when a file whose name begins so has come. */
const appears = (directory: string, start: string) =>
  Effect.callback<void>((resume) => {
    const watcher = watch(directory, (_, changed) =>
      changed?.startsWith(start) === true ? resume(Effect.void) : undefined)
    return Effect.sync(() =>
      watcher.close()
    )
  })

describe("commands of the pool's git", () => {
  it.live("take their locks away when they are interrupted, or take too long", () =>
    inRepository(({ git, main, repository }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const left = Effect.map(
          fs.readDirectory(`${repository}/.git`, { recursive: true }),
          (names) => names.filter((name) => name.endsWith(".lock"))
        )
        // Much to read, and all of it with the index locked.
        yield* writeFiles(repository, { "much.bin": "" })
        yield* fs.truncate(`${repository}/much.bin`, 2 ** 32)
        const update = ["update-index", "--add", "much.bin"]
        // It reads once it has its lock, and knows that it has it: between the two nobody could take it away.
        const begun = Effect.fnUntraced(function*(options?: GitOptions) {
          const reading = yield* Effect.forkChild(appears(`${repository}/.git/objects/pack`, "tmp_pack"), {
            startImmediately: true
          })
          const running = yield* Effect.forkChild(reasonOf(git.run(main, update, options)))
          yield* Fiber.join(reading)
          return running
        })
        yield* Fiber.interrupt(yield* begun())
        assert.deepStrictEqual(yield* left, [])
        const late = Effect.gen(function*() {
          const running = yield* begun({ patience: Duration.millis(100) })
          yield* TestClock.adjust("100 millis")
          return yield* Fiber.join(running)
        })
        assert.strictEqual(yield* Effect.provide(late, TestClock.layer()), "GitFailed update-index")
        assert.deepStrictEqual(yield* left, [])
      })
    ))

  it.live("fail where another's lock lies, and none of theirs is needed for a commit aside", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        yield* writeFiles(tree.workTree!, { "a.txt": "two\n" })
        yield* writeFiles(tree.gitDir, { "index.lock": "" })
        assert.strictEqual((yield* statusOf(git, tree)).length, 1)
        assert.strictEqual(
          yield* reasonOf(snapshot(git, tree, { message: "x", parent: base })),
          "GitFailed update-index"
        )
        assert.isNotNull(yield* snapshot(git, tree, { message: "x", parent: base, index: `${directory}/index` }))
      })
    ))

  it.live("keep as much as is wanted of what they write", () =>
    inRepository(({ base, git, main }) =>
      Effect.gen(function*() {
        const cut = yield* git.run(main, ["cat-file", "commit", base], { mostBytes: 10 })
        assert.deepStrictEqual(cut.stdout.length, 10)
        assert.isAbove(cut.bytes, 10)
      })
    ))

  it.live("lose no file for its name, whatever bytes it has", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const top = tree.workTree!
        const names = ["-n", "--all", ":(top)x", "a\nb", "a\tb", "\"q\"", "b\\s", " s ", "*", "d/é", "d/日本"]
        yield* writeFiles(top, Object.fromEntries(names.map((name) => [name, "x\n"])))
        // No text: two names that differ in bytes that are no UTF-8.
        const strange = (last: number) => Buffer.concat([Buffer.from(`${top}/l/`), Buffer.from([0xe9, last])])
        mkdirSync(`${top}/l`)
        for (const last of [0xfe, 0xff]) writeFileSync(strange(last), `${last}\n`)
        yield* fs.remove(`${top}/a.txt`)
        const kept = (yield* snapshot(git, tree, { message: "kept", parent: base }))!
        yield* git.run(tree, ["update-ref", "--no-deref", "HEAD", kept])
        assert.deepStrictEqual(yield* statusOf(git, tree), [])
        assert.strictEqual(plainGit(top, "status", "--porcelain"), "")
        assert.strictEqual(plainGit(top, "ls-tree", "-r", "-z", "--name-only", kept).split("\0").length - 1, 13)
        assert.strictEqual(readdirSync(Buffer.from(`${top}/l`), { encoding: "buffer" }).length, 2)
        const shown = [...names, "l/\ufffd\ufffd"].toSorted()
        const changes = yield* changesBetween(git, tree, base, kept)
        assert.deepStrictEqual([...new Set(changes.map(({ path }) => path))].toSorted(), [...shown, "a.txt"].toSorted())
        const touched = yield* touchedBetween(git, tree, base, kept)
        assert.deepStrictEqual([...touched.keys()].toSorted(), [...shown, "a.txt"].toSorted())
        assert.deepStrictEqual(touched.get("a\nb"), { before: null, lines: null })
      })
    ))

  it.live("tell what has changed: renames, modes, kinds, and files without lines", () =>
    inRepository(({ base, directory, git, main }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const tree = yield* makeWorktree(git, main, `${directory}/w`, base)
        const top = tree.workTree!
        yield* fs.rename(`${top}/long.txt`, `${top}/moved to.txt`)
        yield* fs.chmod(`${top}/mode.txt`, 0o755)
        yield* fs.remove(`${top}/kind.txt`)
        yield* fs.symlink("mode.txt", `${top}/kind.txt`)
        yield* fs.remove(`${top}/folder`, { recursive: true })
        yield* fs.symlink(".", `${top}/folder`)
        yield* fs.remove(`${top}/file`)
        yield* writeFiles(top, {
          "file/now.txt": "a folder\n",
          "bytes.bin": "\0two",
          // Lines of a file that look as if they were of the patch.
          "lines.txt": "-- a\n1\n2\n++ b\n@@ -9 +9 @@\n"
        })
        const live = yield* touchedSince(git, tree, base)
        const kept = (yield* snapshot(git, tree, { message: "kept", parent: base }))!
        assert.deepStrictEqual(
          (yield* changesBetween(git, tree, base, kept)).map(({ change, path }) => `${change} ${path}`),
          [
            "modified bytes.bin",
            "deleted file",
            "added file/now.txt",
            "added folder",
            "deleted folder/in.txt",
            "type kind.txt",
            "modified lines.txt",
            "modified mode.txt",
            "renamed moved to.txt"
          ]
        )
        const touched = yield* touchedBetween(git, tree, base, kept)
        assert.deepStrictEqual(touched.get("lines.txt")?.lines, [{ from: 1, to: 1 }, { from: 3, to: 5 }])
        assert.deepStrictEqual(live.get("lines.txt"), touched.get("lines.txt"))
        assert.isNull(touched.get("bytes.bin")?.lines)
        assert.isNull(touched.get("mode.txt")?.lines)
        assert.deepStrictEqual(touched.get("long.txt")?.lines, [{ from: 1, to: 3 }])
        // The patch is one that git takes.
        const patch = yield* patchBetween(git, tree, base, kept)
        yield* writeFiles(directory, { "one.patch": patch.stdout })
        const other = yield* makeWorktree(git, main, `${directory}/other`, base)
        plainGit(other.workTree!, "apply", "--index", `${directory}/one.patch`)
        assert.strictEqual(plainGit(other.workTree!, "write-tree"), plainGit(top, "rev-parse", `${kept}^{tree}`))
        assert.isNull(yield* snapshot(git, tree, { message: "again", parent: kept }))
        assert.strictEqual(yield* resolveCommit(git, tree, "HEAD"), base)
      }), {
      "long.txt": "a long line\nand another one\nand a third\n",
      "mode.txt": "m\n",
      "kind.txt": "k\n",
      "folder/in.txt": "f\n",
      file: "f\n",
      "bytes.bin": "\0one",
      "lines.txt": "-- x\n1\n++ c\n-- d\n@@ -1 +1 @@\n"
    }))

  it("are called by their verbs", () => {
    assert.strictEqual(verbOf(["-c", "a.b=c", "worktree", "add", "--detach", "x"]), "worktree add")
    assert.strictEqual(verbOf(["status", "-z"]), "status")
  })
})
