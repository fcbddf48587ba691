/**
 * Workers that leave their branch, or end in the middle of something: the work is on the task's branch in the end, what
 * the branch had before is kept, and nobody else's branch is moved.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plainGit, writeFiles } from "./support/Repositories.ts"
import {
  afterWork,
  branchOfPlace,
  commitAll,
  inPlace,
  inTop,
  isSettled,
  type Place,
  rescueOf
} from "./support/TestInspector.ts"

describe("a worker that leaves its branch", () => {
  it.live("on another one of its own: the work is on the task's branch", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const git = inTop(place)
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            plainGit(place.top, "checkout", "-q", "-b", "feature")
            yield* writeFiles(place.top, { "a.txt": "two\n" })
            commitAll(place, "mine")
            yield* writeFiles(place.top, { "b.txt": "b\n" })
          }))
        assert.strictEqual(evidence.branch?.commits, 2)
        assert.strictEqual(git("rev-parse", "feature"), git("rev-parse", `${branchOfPlace(place)}^`))
        assert.deepStrictEqual(evidence.branch?.warnings, ["goes on from feature, which its worker had checked out"])
        isSettled(place)
      })
    ))

  it.live("by naming the user's own: that one is neither committed to nor moved", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const git = inTop(place)
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "mine.txt": "mine\n" })
            commitAll(place, "mine")
            plainGit(place.top, "symbolic-ref", "HEAD", "refs/heads/main")
            yield* writeFiles(place.top, { "b.txt": "b\n" })
          }))
        assert.strictEqual(git("rev-parse", "main"), place.base)
        assert.strictEqual(plainGit(place.repository, "status", "--porcelain"), "")
        assert.deepStrictEqual(evidence.outside, [])
        // It stood on the other branch, and its own tip is kept.
        assert.strictEqual(git("log", "-1", "--format=%s", rescueOf(place)), "mine")
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["b.txt", "mine.txt"])
        isSettled(place)
      })
    ))

  it.live("to look at what was before: all of the work is still there", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "two\n" })
            commitAll(place, "mine")
            plainGit(place.top, "checkout", "-q", "--detach", "HEAD~1")
          }))
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["a.txt"])
        assert.deepStrictEqual(evidence.checks.map(({ held }) => held), [true])
        assert.deepStrictEqual(evidence.branch?.warnings, [])
        isSettled(place)
      }), { expect: { commands: ["grep -q two a.txt"] } }))

  it.live("and deletes it: it is made again, with all that was on it", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "two\n" })
            commitAll(place, "mine")
            plainGit(place.top, "update-ref", "-d", `refs/heads/${branchOfPlace(place)}`)
            yield* writeFiles(place.top, { "b.txt": "b\n" })
          }))
        assert.deepStrictEqual(evidence.branch?.files.map(({ path }) => path), ["a.txt", "b.txt"])
        assert.strictEqual(evidence.branch?.commits, 2)
        isSettled(place)
      })
    ))

  it.live("or makes it another name of the user's: the user's stays where it is", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        yield* afterWork(place, () =>
          Effect.gen(function*() {
            plainGit(place.top, "symbolic-ref", `refs/heads/${branchOfPlace(place)}`, "refs/heads/main")
            yield* writeFiles(place.top, { "b.txt": "b\n" })
          }))
        assert.strictEqual(plainGit(place.repository, "rev-parse", "main").trim(), place.base)
        isSettled(place)
      })
    ))
})

describe("a worker that ends in the middle", () => {
  const branches = (place: Place) =>
    Effect.gen(function*() {
      yield* writeFiles(place.top, { "a.txt": "theirs\n" })
      commitAll(place, "theirs")
      plainGit(place.top, "branch", "theirs")
      plainGit(place.top, "reset", "-q", "--hard", "HEAD~1")
      yield* writeFiles(place.top, { "a.txt": "ours\n" })
      commitAll(place, "ours")
    })

  it.live("of a merge: the files are committed with its marks, and told", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            branches(place),
            Effect.sync(() => {
              assert.throws(() => plainGit(place.top, "merge", "theirs"))
            })
          ))
        assert.deepStrictEqual(evidence.branch?.warnings, ["leaves marks of conflicts: a.txt"])
        assert.strictEqual(evidence.branch?.completed, true)
        isSettled(place)
      })
    ))

  it.live("of a rebase: the branch as it was is kept", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.andThen(
            branches(place),
            Effect.sync(() => {
              assert.throws(() => plainGit(place.top, "rebase", "-q", "theirs"))
            })
          ))
        assert.strictEqual(inTop(place)("log", "-1", "--format=%s", rescueOf(place)), "ours")
        assert.lengthOf(evidence.branch!.warnings, 2)
        isSettled(place)
      })
    ))

  it.live("of a rebase with things put aside: they are kept", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const git = inTop(place)
        yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* branches(place)
            yield* writeFiles(place.top, { "a.txt": "put aside\n" })
            assert.throws(() => plainGit(place.top, "rebase", "-q", "--autostash", "theirs"))
          }))
        const kept = [rescueOf(place, 1), rescueOf(place, 2)].map((ref) => git("show", `${ref}:a.txt`))
        assert.deepStrictEqual(kept.toSorted(), ["ours", "put aside"])
        isSettled(place)
      })
    ))

  it.live("after it has rewritten its branch onto other work: that is told", () =>
    inPlace((place) =>
      Effect.gen(function*() {
        const { evidence } = yield* afterWork(place, () =>
          Effect.gen(function*() {
            yield* writeFiles(place.top, { "a.txt": "two\n" })
            plainGit(place.top, "commit", "-q", "--amend", "-a", "-m", "no base")
          }))
        assert.match(evidence.branch!.warnings.join(), /^does not begin at [0-9a-f]{12} any more/)
        assert.deepStrictEqual(evidence.branch!.files.map(({ path }) => path), ["a.txt"])
      })
    ))
})
