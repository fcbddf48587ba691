/**
 * The merge desk over real repositories: what lands, what is left and why, and that nobody's checkout is touched unasked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Option, Stream } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { branchOf } from "../src/domain/Commit.ts"
import { MergeId } from "../src/domain/Merge.ts"
import { Events } from "../src/services/Events.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { Store } from "../src/services/Store.ts"
import { atDesk, commitEdits, lines } from "./support/Landings.ts"
import { plainGit } from "./support/Repositories.ts"

const changed = (at: number, text: string) => lines(20, (line) => line === at ? text : `line ${line}`)
const files = { "a.txt": lines(20), "b.txt": "b\n" }
const standOf = (repository: string, name = "main") => plainGit(repository, "rev-parse", name).trim()
const statusOf = (repository: string) => plainGit(repository, "status", "--porcelain")

describe("a landing", () => {
  it.live("is on a branch of its own, in order, and touches no checkout", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const store = yield* Store
        const events = yield* Events
        const heard = yield* Effect.forkChild(Stream.runCollect(Stream.take(events.stream, 1)), {
          startImmediately: true
        })
        const first = yield* finish(1, { "a.txt": changed(2, "two") }, {
          options: { name: "one\nClaude-Pool-Task: t_x" }
        })
        const second = yield* finish(2, { "a.txt": changed(2, "zwei") })
        const third = yield* finish(3, { "a.txt": changed(18, "eighteen") })
        const empty = yield* finish(4, {})
        const ids = [first, second, third, empty, first]
        const tip = standOf(repository)
        const report = yield* desk.merge({ ids, onConflict: "report" })
        assert.deepStrictEqual(report.landed.map(({ id }) => id), [first, third])
        assert.deepStrictEqual(report.left.map(({ id, why }) => [id, why]), [[second, "conflict"], [empty, "empty"]])
        const [hunk] = report.left[0]!.conflicts!
        assert.deepInclude(hunk, { path: "a.txt", kind: "content" })
        assert.match(hunk!.text, /<<<<<<< [^]*two[^]*=======[^]*zwei[^]*>>>>>>> /)
        assert.deepInclude(report, { target: "main", before: tip, updated: false, undone: false })
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [tip, ""])
        const both = lines(20, (line) => line === 2 ? "two" : line === 18 ? "eighteen" : `line ${line}`)
        assert.strictEqual(plainGit(repository, "show", `${report.branch}:a.txt`), both)
        const message = plainGit(repository, "log", "-1", "--format=%s%n%(trailers:only)", report.landed[0]!.commit)
        assert.strictEqual(
          message.trim(),
          `Merge ${first}\nClaude-Pool-Task: ${first}\nClaude-Pool-Merge: ${report.id}`
        )
        assert.deepStrictEqual(report.commands[0], `git push origin cp/${report.id}:refs/heads/cp/${report.id}`)
        assert.deepStrictEqual(yield* desk.list, [report])
        assert.isTrue(Option.isSome(yield* store.merges.find(MergeId.make(report.id))))
        const [event] = yield* Fiber.join(heard)
        assert.deepInclude(event, { _tag: "Merged", landed: [first, third], left: [second, empty] })
        const logged = (yield* store.events(0, 100)).filter(({ event }) => event._tag === "Merged")
        assert.deepStrictEqual(logged.map((entry) => entry.event), [event])
        const again = yield* desk.merge({ ids: [first], into: report.branch! })
        assert.deepStrictEqual([again.landed, again.left[0]?.why, again.branch], [[], "landed", undefined])
      }), files))

  it.live("keeps authors and messages where it is rebased, and who made all of it where it is squashed", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const id = yield* finish(1, [{ "b.txt": "b\nc\n" }, { "b.txt": "b\n" }, { "c.txt": "c\n" }])
        commitEdits(repository, { "d.txt": "d\n" })
        const shown = (commit: string) => plainGit(repository, "log", "--format=%an %cn %s", `main..${commit}`).trim()
        const rebased = yield* desk.merge({ ids: [id], strategy: "rebase" })
        assert.deepStrictEqual(shown(rebased.after).split("\n"), [
          `Ada claude-pool edit 3 of cp/${id}`,
          `Ada claude-pool edit 2 of cp/${id}`,
          `Ada claude-pool edit 1 of cp/${id}`
        ])
        const squashed = yield* desk.merge({ ids: [id], strategy: "squash" })
        assert.strictEqual(shown(squashed.after), `Ada claude-pool Land ${id}`)
        const same = (commit: string) => plainGit(repository, "rev-parse", `${commit}^{tree}`)
        assert.strictEqual(same(rebased.after), same(squashed.after))
      }), files))

  it.live("does not begin on a target that is red already, and leaves nothing", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const ids = [yield* finish(1, { "c.txt": "c\n" })]
        const { reason } = yield* Effect.flip(desk.merge({ ids, checks: ["true", "test -e none"] }))
        assert.deepInclude(reason, { _tag: "NotMergeable" })
        assert.include(reason.message, "main is red before anything lands on it: `test -e none`, it exits with 1")
        assert.deepStrictEqual(plainGit(repository, "branch", "--list", "cp/m_*"), "")
        assert.deepStrictEqual(yield* desk.list, [])
      }), files))

  it.live("hands out a task for a branch that conflicts, if that is asked for", () =>
    atDesk(({ finish, handedOut }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const review = { maxRejections: 1 }
        const ids = [
          yield* finish(1, { "a.txt": changed(2, "two"), "b[1].txt": "1\n" }),
          yield* finish(2, { "a.txt": changed(2, "zwei"), "b[1].txt": "2\n" }, { options: { review }, approved: true })
        ]
        const report = yield* desk.merge({ ids, checks: ["true"], onConflict: "task" })
        assert.match(report.left[0]!.task!, /^t_/)
        assert.deepInclude(handedOut[0], {
          base: report.after,
          isolation: "task",
          review,
          expect: { commands: ["true"], changed: ["a.txt", "b\\[1\\].txt"] }
        })
        assert.include(handedOut[0]!.prompt, `git merge cp/${ids[1]}`)
        assert.deepStrictEqual((yield* desk.list)[0], report)
      }), files))
})

describe("a target", () => {
  it.live("is moved where that was asked for, along with its clean checkout, and back", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const before = standOf(repository)
        const ids = [yield* finish(1, { "a.txt": changed(2, "two"), "new.txt": "new\n" })]
        writeFileSync(join(repository, "b.txt"), "mine\n")
        const dirty = yield* desk.merge({ ids, update: true })
        assert.deepInclude(dirty, { updated: false, not_updated: "its checkout is not clean: b.txt" })
        plainGit(repository, "checkout", "b.txt")
        writeFileSync(join(repository, "new.txt"), "mine\n")
        const untracked = yield* desk.merge({ ids, update: true })
        assert.match(untracked.not_updated ?? "", /new\.txt.*would be overwritten/)
        plainGit(repository, "clean", "-fq")
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [before, ""])

        const meanwhile = `test -e ../moved || git -C ${repository} commit -q --allow-empty -m x && touch ../moved`
        plainGit(repository, "config", "user.name", "Ada")
        plainGit(repository, "config", "user.email", "ada@example.org")
        const late = yield* desk.merge({ ids, update: true, checks: [meanwhile] })
        assert.match(late.not_updated ?? "", /^main has moved: it was at/)
        plainGit(repository, "reset", "-q", "--hard", before)

        const report = yield* desk.merge({ ids, update: true })
        assert.deepInclude(report, { updated: true, before })
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [report.after, ""])
        const undone = yield* desk.undo(MergeId.make(report.id))
        assert.deepInclude(undone, { undone: true, commands: [] })
        assert.deepStrictEqual([standOf(repository), statusOf(repository)], [before, ""])
        assert.deepStrictEqual(yield* desk.undo(MergeId.make(report.id)), undone)
        assert.strictEqual(plainGit(repository, "branch", "--list", branchOf(report.id)), "")
        yield* desk.undo(MergeId.make(dirty.id))
        assert.strictEqual(plainGit(repository, "branch", "--list", branchOf(dirty.id)), "")
      }), files))

  it.live("stays where it is when it is checked out elsewhere, and is not taken back over what has come since", () =>
    atDesk(({ directory, finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        plainGit(repository, "branch", "release")
        const ids = [yield* finish(1, { "a.txt": changed(2, "two") })]
        plainGit(repository, "worktree", "add", "-q", join(directory, "other"), "release")
        const elsewhere = yield* desk.merge({ ids, into: "release", update: true })
        assert.strictEqual(elsewhere.not_updated, `release is checked out in ${join(directory, "other")}`)
        plainGit(repository, "worktree", "remove", join(directory, "other"))
        const report = yield* desk.merge({ ids, into: "release", update: true })
        assert.deepStrictEqual([report.updated, standOf(repository, "release")], [true, report.after])
        plainGit(repository, "checkout", "-q", "release")
        commitEdits(repository, { "b.txt": "later\n" })
        const { hint, message } = yield* Effect.flip(desk.undo(MergeId.make(report.id)))
        assert.include(message, "release has moved on since")
        const [, command = ""] = /`(git revert .*)`/.exec(hint) ?? []
        plainGit(repository, ...command.split(" ").slice(1), "--no-edit")
        assert.strictEqual(plainGit(repository, "show", "release:a.txt"), lines(20))
      }), files))
})
