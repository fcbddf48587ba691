/**
 * Many branches at once: the right ones land, whoever breaks a check is named, and no line of them is lost.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { branchOf } from "../src/domain/Commit.ts"
import type { MergeReport } from "../src/domain/Merge.ts"
import type { TaskId } from "../src/domain/TaskId.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { type Draw, drawFrom, seedOr } from "./faults/Seed.ts"
import { atDesk, type Edits, lines, makeBranch } from "./support/Landings.ts"
import { plainGit } from "./support/Repositories.ts"
import { sampleId } from "./support/SampleTask.ts"

const strategies = ["merge", "squash", "rebase"] as const
const width = 30

/** One file, with these of its lines in a branch's own words. */
const own = (branch: number, at: ReadonlyArray<number>): string =>
  lines(width, (line) => at.includes(line) ? `line ${line} of branch ${branch}` : `line ${line}`)

/** All that is in a commit. */
const contentOf = (repository: string, commit: string): ReadonlyArray<string> =>
  plainGit(repository, "grep", "-h", "", commit).split("\n")

/** The lines that a branch has added, as plain git sees them. */
const addedBy = (repository: string, branch: string): ReadonlyArray<string> =>
  plainGit(repository, "diff", "-U0", `main...${branch}`).split("\n")
    .filter((line) => line.startsWith("+") && !line.startsWith("+++ ")).map((line) => line.slice(1))

/** The branches of a test stay as they are. */
const known = new Map<string, ReadonlyArray<string>>()

const addedOnce = (repository: string, branch: string): ReadonlyArray<string> => {
  const key = `${repository} ${branch}`
  const lines = known.get(key) ?? addedBy(repository, branch)
  known.set(key, lines)
  return lines
}

const lost = (repository: string, { after, landed }: MergeReport): ReadonlyArray<string> => {
  const there = new Set(contentOf(repository, after))
  return landed.flatMap(({ branch }) => addedOnce(repository, branch)).filter((line) => !there.has(line))
}

describe("a landing of many branches", () => {
  it.live("has the right ones of twelve, without three that conflict and one that breaks the test", () =>
    atDesk(({ finish, ran, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const edits: ReadonlyArray<ReadonlyArray<Edits>> = [
          [{ "a.txt": own(1, [2]) }, { "a.txt": own(1, [2]), "one.txt": "the first\n" }],
          [{ "a.txt": own(2, [10]) }],
          [{ "b.txt": own(3, [2]) }],
          [{ "a.txt": own(4, [2]) }],
          [{ "c.txt": own(5, [5, 20]) }],
          [{ "b.txt": own(6, [10]), "broken.txt": "it does not work\n" }],
          [{ "b.txt": own(7, [2]) }],
          [{ "b.txt": own(8, [20]) }],
          [{ "c.txt": own(9, [12]) }],
          [{ "a.txt": own(10, [10]) }],
          [{ "moved.txt": own(11, [29]), "d.txt": null }],
          [{ "a.txt": own(12, [25]), "d.txt": own(12, [1]) }]
        ]
        const ids: Array<TaskId> = []
        for (const [at, each] of edits.entries()) ids.push(yield* finish(at + 1, each))
        for (const strategy of strategies) {
          const report = yield* desk.merge({ ids, strategy, checks: ["! test -e broken.txt", "test -e a.txt"] })
          assert.deepStrictEqual(report.landed.map(({ id }) => ids.indexOf(id as TaskId) + 1), [
            1,
            2,
            3,
            5,
            8,
            9,
            11,
            12
          ])
          assert.deepStrictEqual(report.left.map(({ id, why }) => [ids.indexOf(id as TaskId) + 1, why]), [
            [4, "conflict"],
            [6, "check"],
            [7, "conflict"],
            [10, "conflict"]
          ])
          assert.include(report.left[1]!.detail, "by itself it is red")
          assert.deepStrictEqual(lost(repository, report), [])
          assert.strictEqual(
            plainGit(repository, "show", `${report.after}:moved.txt`),
            own(11, [29]).replace("line 1\n", "line 1 of branch 12\n")
          )
          const commits = Number(
            plainGit(repository, "rev-list", "--count", "--first-parent", `${report.before}..${report.after}`)
          )
          assert.strictEqual(commits, strategy === "rebase" ? 9 : 8)
          assert.strictEqual(plainGit(repository, "rev-parse", report.branch!).trim(), report.after)
        }
        assert.strictEqual(plainGit(repository, "worktree", "list").trim().split("\n").length, 1)
        // Of the target once, and of each branch that came so far once.
        assert.isAtMost(ran.length, 3 * 2 * 11)
      }), { "a.txt": lines(width), "b.txt": lines(width), "c.txt": lines(width), "d.txt": lines(width) }))

  it.live("names both of two that are green alone and red together", () =>
    atDesk(({ finish }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const ids: Array<TaskId> = []
        for (const number of [1, 2, 3, 4, 5]) ids.push(yield* finish(number, { [`${number}.txt`]: `${number}\n` }))
        const { landed, left } = yield* desk.merge({ ids, checks: ["echo looked; ! test -e 2.txt || ! test -e 5.txt"] })
        assert.deepStrictEqual(landed.map(({ id }) => id), ids.slice(0, 4))
        assert.deepInclude(left[0], { id: ids[4]!, why: "check", output: "looked\n" })
        assert.include(left[0]!.detail, `by itself it is green, together with ${ids[1]} it is red`)
      })
    ))

  it.live("has every line that its branches have added, whatever they are and in whatever order they come", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const draw = drawFrom(seedOr(11))
        const ids: Array<TaskId> = []
        for (let number = 1; number <= 12; number++) {
          makeBranch(repository, branchOf(sampleId(number)), randomEdits(draw, number))
          ids.push(yield* finish(number, [], { branch: branchOf(sampleId(number)) }))
        }
        for (let round = 0; round < 3; round++) {
          const order = ids.map((id) => [draw(1000), id] as const).toSorted(([a], [b]) => a - b).map(([, id]) => id)
          const report = yield* desk.merge({ ids: order.slice(0, 8), strategy: strategies[round % 3]! })
          assert.deepStrictEqual([lost(repository, report), report.left.filter(({ why }) => why === "lost")], [[], []])
          assert.isAbove(report.landed.length, 1)
        }
      }), { "a.txt": lines(60), "b.txt": lines(60), "c.txt": lines(60) }))
})

/** Lines that come, go and change, at a few places of some files: no two branches add the same one. */
const randomEdits = (draw: Draw, branch: number): ReadonlyArray<Edits> =>
  [1, 2].map((commit) =>
    Object.fromEntries(
      ["a.txt", "b.txt", "c.txt"].filter(() => draw(3) === 0).map((name) => {
        const at = draw(60)
        const kind = draw(3)
        const text = `branch ${branch}, commit ${commit}, ${name}`
        const change = (line: number) => {
          if (line !== at) return `line ${line}`
          return kind === 0 ? null : kind === 1 ? text : `line ${line}\n${text}`
        }
        return [name, lines(60, change)]
      })
    )
  )
