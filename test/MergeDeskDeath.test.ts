/**
 * A pool that is ended in the middle of a landing: what was on its way is found out from the repository, and made up for.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { branchOf } from "../src/domain/Commit.ts"
import { MergeId } from "../src/domain/Merge.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { atDesk, commitEdits, type Desk } from "./support/Landings.ts"
import { plainGit } from "./support/Repositories.ts"

const standOf = (repository: string, name = "main") => plainGit(repository, "rev-parse", name).trim()
const refsOf = (repository: string) => plainGit(repository, "for-each-ref", "--format=%(refname) %(objectname)")
const statusOf = (repository: string) => plainGit(repository, "status", "--porcelain")
const worktreesOf = (repository: string) => plainGit(repository, "worktree", "list").trim().split("\n").length

/** Dies when this many landings were kept. */
const dying = Effect.fnUntraced(
  function*({ life }: Desk, keeps: number, request: Parameters<MergeDesk["Service"]["merge"]>[0]) {
    const desk = yield* MergeDesk
    life.keeps = keeps
    assert.strictEqual((yield* Effect.exit(desk.merge(request)))._tag, "Failure")
    life.keeps = Infinity
  }
)

describe("a pool that is ended while something lands", () => {
  it.live("leaves nothing but objects before it is on record, and no worktree", () =>
    atDesk((world) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const ids = [yield* world.finish(1, { "one.txt": "one\n" })]
        const before = refsOf(world.repository)
        yield* dying(world, 0, { ids, update: true, checks: ["true"] })
        assert.deepStrictEqual([refsOf(world.repository), yield* desk.list], [before, []])
        assert.deepStrictEqual([statusOf(world.repository), worktreesOf(world.repository)], ["", 1])
      })
    ))

  it.live("knows afterwards that the target was moved, and takes it back where that is asked for", () =>
    atDesk((world) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const { repository } = world
        const before = standOf(repository)
        const ids = [yield* world.finish(1, { "one.txt": "one\n" })]
        yield* dying(world, 1, { ids, update: true })
        const [told, ...none] = yield* desk.list
        assert.deepInclude(told, { updated: true, undone: false, before, after: standOf(repository) })
        assert.deepStrictEqual([none, told?.not_updated, statusOf(repository)], [[], undefined, ""])
        assert.deepStrictEqual(yield* desk.list, [told!])
        yield* desk.undo(MergeId.make(told!.id))
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [before, ""])
        assert.strictEqual(plainGit(repository, "branch", "--list", "cp/m_*"), "")
      })
    ))

  it.live("moves a branch of which the files were moved already, and no other one", () =>
    atDesk((world) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const { repository } = world
        const before = standOf(repository)
        const ids = [yield* world.finish(1, { "one.txt": "one\n" })]
        yield* dying(world, 1, { ids, update: true })
        const after = standOf(repository)
        // As it is between the files and the branch, without the landing's own branch.
        plainGit(repository, "update-ref", "refs/heads/main", before)
        const own = plainGit(repository, "branch", "--list", "cp/m_*", "--format=%(refname:short)").trim()
        plainGit(repository, "branch", "-q", "-D", own)
        const [first] = yield* desk.list
        assert.deepInclude(first, { updated: true, branch: own })
        assert.deepStrictEqual([standOf(repository), standOf(repository, own), statusOf(repository)], [
          after,
          after,
          ""
        ])
        yield* desk.undo(MergeId.make(first!.id))

        yield* dying(world, 1, { ids, update: true })
        plainGit(repository, "reset", "-q", "--hard", before)
        const [second] = yield* desk.list
        assert.deepInclude(second, { updated: false, not_updated: "the pool was ended before it was moved" })
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [before, ""])
        yield* dying(world, 1, { ids })
        const [third] = yield* desk.list
        assert.deepStrictEqual([third?.updated, third?.not_updated], [false, undefined])
        assert.strictEqual(standOf(repository, branchOf(third!.id)), third!.after)
      })
    ))

  it.live("still tells what it moved from what others did, where that was approved", () =>
    atDesk((world) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const gated = { options: { review: { maxRejections: 1 } }, approved: true }
        const numbers = [1, 2, 3, 4, 5]
        const ids = yield* Effect.forEach(numbers, (one) => world.finish(one, { [`${one}.txt`]: `${one}\n` }, gated))
        yield* dying(world, 1, { ids: ids.slice(0, 1), strategy: "merge", update: true })
        yield* dying(world, 1, { ids: ids.slice(1, 2), strategy: "squash", update: true })
        const third = yield* desk.merge({ ids: ids.slice(2, 3), strategy: "rebase", update: true })
        assert.deepStrictEqual([third.landed.length, third.updated], [1, true])
        assert.lengthOf((yield* desk.merge({ ids: ids.slice(3, 4) })).landed, 1)
        const later = commitEdits(world.repository, { "later.txt": "later\n" })
        const { message } = yield* Effect.flip(desk.merge({ ids: ids.slice(4) }))
        assert.include(message, "main has moved since the approval")
        assert.include(message, later.slice(0, 12))
      })
    ))
})
