/**
 * What may land and what may not: what is done, where it was seen, as it was approved, on the target that was approved.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { ChainState } from "../src/domain/Chain.ts"
import { branchOf, CommitId } from "../src/domain/Commit.ts"
import { MergeId } from "../src/domain/Merge.ts"
import { Parent } from "../src/domain/Parent.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { Store } from "../src/services/Store.ts"
import { atDesk, commitEdits, finishedTask, makeBranch } from "./support/Landings.ts"
import { makeRepository, plainGit } from "./support/Repositories.ts"
import { sampleChain, sampleGroup } from "./support/SampleGroup.ts"
import { at, sampleId, sampleTask } from "./support/SampleTask.ts"

const review = { maxRejections: 1 }
const gated = { options: { review }, approved: true }

const refusal = (landing: ReturnType<MergeDesk["Service"]["merge"]>) =>
  Effect.map(Effect.flip(landing), ({ reason }) => `${reason._tag}: ${reason.message}`)

describe("a branch", () => {
  it.live("does not land unless its work is done, seen, not contradicted, and leads nowhere", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const store = yield* Store
        const edit = (number: number) => ({ [`${number}.txt`]: `${number}\n` })
        const leaves = ["adds links that leave the tree: a"]
        const queued = (yield* store.accept(sampleTask(1))).id
        const alone = (yield* store.accept(sampleTask(2))).id
        const moved = yield* finish(3, edit(3))
        const gone = yield* finish(4, edit(4))
        const contradicted = yield* finish(5, edit(5), { verification: "contradicted" })
        const linked = yield* finish(6, edit(6), { evidence: { warnings: leaves, escapes: true } })
        const unapproved = yield* finish(7, edit(7), { options: { review } })
        const warned = yield* finish(8, edit(8), { evidence: { warnings: ["changes settings of tools: .claude"] } })
        plainGit(repository, "branch", "-f", branchOf(moved), "main")
        plainGit(repository, "branch", "-D", branchOf(gone))
        const says = (id: typeof queued) => refusal(desk.merge({ ids: [warned, id] }))
        assert.include(yield* says(queued), `NotMergeable: ${queued} cannot be merged: it is queued`)
        assert.include(yield* says(alone), "it is queued")
        assert.include(yield* says(sampleId(99)), "NotFound")
        assert.include(yield* says(moved), `its branch cp/${moved} stands at`)
        assert.include(yield* says(gone), `its branch cp/${gone} is gone`)
        assert.include(yield* says(contradicted), `what was expected of ${contradicted} does not hold`)
        assert.include(yield* says(linked), "adds links that leave the tree: a")
        assert.include(yield* says(unapproved), "nobody has approved it yet")
        assert.include(yield* refusal(desk.merge({ ids: [warned], into: "none" })), "there is no branch none")
        const { branches } = yield* desk.forecast({ ids: [linked, warned] })
        assert.deepStrictEqual(branches.map(({ warnings }) => warnings?.length), [2, 1])
        assert.deepStrictEqual((yield* desk.merge({ ids: [warned] })).landed.map(({ id }) => id), [warned])
      })
    ))

  it.live("lands as it was approved while the target has moved only by what the desk has landed", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const [one, two, three] = [
          yield* finish(1, { "1.txt": "1\n" }, gated),
          yield* finish(2, { "2.txt": "2\n" }, gated),
          yield* finish(3, { "3.txt": "3\n" }, gated)
        ]
        const first = yield* desk.merge({ ids: [one], update: true })
        const second = yield* desk.merge({ ids: [two], update: true })
        assert.deepStrictEqual([first.updated, second.updated, second.before], [true, true, first.after])
        yield* desk.undo(MergeId.make(second.id))
        assert.strictEqual((yield* desk.merge({ ids: [three] })).landed.length, 1)
        plainGit(repository, "branch", "release", "main~1")
        assert.strictEqual((yield* desk.merge({ ids: [three], into: "release" })).landed.length, 1)

        const later = commitEdits(repository, { "later.txt": "later\n" })
        assert.include(
          yield* refusal(desk.merge({ ids: [three] })),
          `main has moved since the approval (the commits `
        )
        assert.include(yield* refusal(desk.merge({ ids: [three] })), later.slice(0, 12))
        plainGit(repository, "branch", "-f", "release", "main")
        assert.include(yield* refusal(desk.merge({ ids: [three], into: "release" })), "it was approved for main")
        // Approved once more, for where the target stands now.
        const store = yield* Store
        const task = Option.getOrThrow(yield* store.find(three))
        const { approval } = task.state._tag === "Done" ? task.state : {}
        const target = { branch: "main", tip: CommitId.make(later) }
        const renewed = yield* Effect.fromResult(task.renew({ ...approval!, target }))
        yield* store.commit({ task: renewed, event: PoolEvent.cases.Renewed.make({ id: three }) })
        assert.strictEqual((yield* desk.merge({ ids: [three] })).landed.length, 1)
      })
    ))

  it.live("comes with its group in order, or with its chain, and with those of one repository alone", () =>
    atDesk(({ directory, finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const store = yield* Store
        const group = sampleGroup(1, 3)
        makeBranch(repository, branchOf(sampleId(1)), { "1.txt": "1\n" })
        makeBranch(repository, branchOf(sampleId(3)), { "3.txt": "3\n" })
        const members = [finishedTask(repository, 1), sampleTask(2), finishedTask(repository, 3)]
        yield* store.groups.accept(group, members.map((task, index) => ({ index, task })))
        const { landed, left } = yield* desk.merge({ ids: [group.id] })
        assert.deepStrictEqual(left.map(({ detail, id, why }) => [id, why, detail]), [
          [sampleId(2), "unfinished", "it is queued"]
        ])
        const { unfinished } = yield* desk.forecast({ ids: [group.id] })
        assert.deepStrictEqual(unfinished, [{ id: sampleId(2), detail: "it is queued" }])
        assert.deepStrictEqual(landed.map(({ id }) => id), [sampleId(1), sampleId(3)])

        const chain = sampleChain(1, { state: ChainState.cases.Done.make({ finishedAt: at(1) }) })
        yield* store.chains.accept(chain)
        makeBranch(repository, branchOf(chain.id), [{ "6.txt": "6\n" }, { "7.txt": "7\n" }])
        const step = Parent.cases.Step.make({ id: chain.id, step: "two", round: 1 })
        yield* store.accept(finishedTask(repository, 7, { branch: branchOf(chain.id), parent: step }))
        const whole = yield* desk.merge({ ids: [chain.id] })
        assert.deepStrictEqual(whole.landed.map(({ id }) => id), [chain.id])
        assert.strictEqual(plainGit(repository, "show", `${whole.after}:6.txt`), "6\n")

        const other = yield* makeRepository(`${directory}/other`)
        makeBranch(other, branchOf(sampleId(4)), { "4.txt": "4\n" })
        const stranger = (yield* store.accept(finishedTask(other, 4))).id
        const mine = yield* finish(5, { "5.txt": "5\n" })
        assert.include(yield* refusal(desk.merge({ ids: [mine, stranger] })), "another repository")
        assert.deepStrictEqual(yield* refusal(desk.merge({ ids: [] })), "InvalidRequest: there is nothing to merge")
      })
    ))

  it.live("is published by commands that are words, whatever its name and the remotes are", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        plainGit(repository, "config", "remote.-x;touch.url", "/none")
        const id = yield* finish(1, { "1.txt": "1\n" }, { options: { name: "it's $(touch x)\n--web" } })
        const [push, request] = yield* desk.publication(id)
        assert.deepStrictEqual(push, ["git", "push", "origin", `cp/${id}:refs/heads/cp/${id}`])
        assert.deepStrictEqual(request!.slice(0, 9), [
          "gh",
          "pr",
          "create",
          "--base",
          "main",
          "--head",
          `cp/${id}`,
          "--title",
          "it's $(touch x) --web"
        ])
        plainGit(repository, "config", "--unset", "remote.-x;touch.url")
        plainGit(repository, "config", "remote.up.url", "/none")
        const report = yield* desk.merge({ ids: [id] })
        assert.strictEqual(report.commands[0], `git push up cp/${report.id}:refs/heads/cp/${report.id}`)
        assert.deepStrictEqual((yield* desk.publication(MergeId.make(report.id)))[0]?.[2], "up")
      })
    ))
})
