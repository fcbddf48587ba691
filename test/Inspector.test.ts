/**
 * What the inspector finds of a worker's work over real repositories, and what it commits.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path } from "effect"
import { taskTrailer } from "../src/domain/Commit.ts"
import { Task } from "../src/domain/Task.ts"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import {
  afterWork,
  answer,
  begin,
  branchOfPlace,
  commitAll,
  inPlace,
  inTop,
  isSettled,
  rescueOf
} from "./support/TestInspector.ts"

describe("what a worker has left uncommitted", () => {
  it.live("is committed on its branch, and told", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const { evidence, patch } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "one\ntwo\n", "new/b c.txt": "b\n", "moved.txt": "1\n2\n3\n4\n" })
            yield* fs.remove(path.join(place.top, "moved-from.txt"))
            yield* fs.writeFile(path.join(place.top, "image.bin"), Uint8Array.of(0, 1, 2, 255))
            yield* fs.chmod(path.join(place.top, "run.sh"), 0o755)
          }))
        const git = inTop(place)
        const branch = evidence.branch!
        assert.deepStrictEqual(branch.files, [
          { path: "a.txt", change: "modified", added: 1, removed: 0 },
          { path: "image.bin", change: "added" },
          { path: "moved.txt", change: "renamed", from: "moved-from.txt", added: 0, removed: 0 },
          { path: "new/b c.txt", change: "added", added: 1, removed: 0 },
          { path: "run.sh", change: "modified", added: 0, removed: 0 }
        ])
        assert.deepStrictEqual(
          [branch.fileCount, branch.added, branch.removed, branch.commits, branch.completed],
          [5, 2, 0, 1, true]
        )
        assert.deepStrictEqual(branch.warnings, ["adds executables: run.sh"])
        assert.strictEqual(branch.head, git("rev-parse", branchOfPlace(place)))
        assert.strictEqual(branch.base, place.base)
        assert.deepStrictEqual(branch.target as unknown, { branch: "main", tip: place.base })
        assert.strictEqual(
          git("log", "-1", "--format=%an %(trailers:key=Claude-Pool-Task)").trim(),
          `claude-pool ${taskTrailer}: ${place.task.id}`
        )
        assert.notMatch(git("log", "-1", "--format=%s"), /\n/)
        assert.deepStrictEqual(evidence.outside, [])
        assert.strictEqual(evidence.verification, "unverified")
        isSettled(place)
        // The patch is all of it.
        assert.strictEqual(branch.patchChars, patch!.length)
        const again = path.join(place.directory, "again")
        plainGit(place.directory, "clone", "-q", place.repository, again)
        yield* fs.writeFileString(path.join(place.directory, "patch"), patch!)
        plainGit(again, "apply", "--index", path.join(place.directory, "patch"))
        assert.strictEqual(plainGit(again, "write-tree").trim(), git("rev-parse", `${branch.head}^{tree}`))
        // Another look at the same work says the same.
        const second = yield* afterWork(place, () => {})
        assert.deepStrictEqual(second.evidence.branch, { ...branch, completed: false })
        assert.strictEqual(second.patch, patch)
      }), { files: { "a.txt": "one\n", "run.sh": "echo\n", "moved-from.txt": "1\n2\n3\n4\n" } }))

  it.live("is committed after what the worker has committed itself, and amended", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const git = inTop(place)
        const first = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "two\n" })
            commitAll(place, "mine")
          }))
        assert.deepStrictEqual([first.evidence.branch?.commits, first.evidence.branch?.completed], [1, false])
        const before = git("rev-parse", "HEAD")
        const second = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "three\n" })
            plainGit(place.top, "commit", "-q", "--amend", "-a", "-m", "mine, better")
            yield* writeFiles(place.top, { "b.txt": "b\n" })
          }))
        const branch = second.evidence.branch!
        assert.deepStrictEqual([branch.commits, branch.completed], [2, true])
        assert.deepStrictEqual(branch.files.map(({ path }) => path), ["a.txt", "b.txt"])
        // What the branch had is not lost with the amendment.
        assert.strictEqual(git("rev-parse", rescueOf(place)), before)
        assert.deepStrictEqual(branch.warnings, [
          `does not have all that the branch had: the rest is in ${rescueOf(place)}`
        ])
        isSettled(place)
      })
    ))

  it.live("is nothing: nothing is committed, and nothing found", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence, patch } = yield* afterWork(place, () => {})
        assert.isNull(patch)
        assert.deepStrictEqual(
          [
            evidence.branch?.commits,
            evidence.branch?.fileCount,
            evidence.branch?.completed,
            evidence.branch?.patchChars
          ],
          [0, 0, false, 0]
        )
        assert.strictEqual(evidence.branch?.head, place.base)
      })
    ))

  it.live("is committed without an answer too, and nothing is checked", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const cut = yield* afterWork(place, () => writeFiles(place.top, { "a.txt": "cut" }), {
          answer: null,
          toolCalls: 1
        })
        assert.deepStrictEqual([cut.evidence.branch?.commits, cut.evidence.checks], [1, []])
        assert.strictEqual(cut.evidence.verification, "unverified")
      }), { expect: { commands: ["exit 1"] } }))
})

describe("a chain's workspace", () => {
  it.live("has of each task what came after its beginning, and commits one at a time", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const first = yield* afterWork(place, () => writeFiles(place.top, { "a.txt": "first\n" }))
        const both = yield* Effect.all([begin(place), begin(place)])
        yield* writeFiles(place.top, { "b.txt": "b\n" })
        const ends = yield* Effect.forEach(both, ({ end }) => end({ answer, toolCalls: 1 }), { concurrency: 2 })
        for (const { evidence } of ends) {
          assert.strictEqual(evidence.branch?.base, first.evidence.branch?.head)
          assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["b.txt"])
        }
        assert.deepStrictEqual(ends.map(({ evidence }) => evidence.branch?.completed).toSorted(), [false, true])
        // Of a task that is tried again, what it did before is its own too.
        const again = new Task({ ...place.task, evidence: first.evidence })
        const { evidence } = yield* afterWork({ ...place, task: again }, () => {})
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["a.txt", "b.txt"])
        isSettled(place)
      }), { isChain: true }))
})
