/**
 * What the desk foresees, held against what plain git does with the same branches.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { branchOf } from "../src/domain/Commit.ts"
import type { TaskId } from "../src/domain/TaskId.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { atDesk, commitEdits, lines } from "./support/Landings.ts"
import { againstTarget, base, meanwhile, plainMerges, workOn, works } from "./support/OverlappingBranches.ts"
import { plainGit } from "./support/Repositories.ts"
import { sampleId } from "./support/SampleTask.ts"

describe("the forecast", () => {
  it.live("misses no conflict of plain git, and says how often it is wrong", () =>
    atDesk(({ directory, finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const root = commitEdits(repository, base)
        commitEdits(repository, meanwhile)
        const names = new Map<string, string>()
        const ids: Array<TaskId> = []
        for (const [name, work] of Object.entries({ ...works, "what the target changes": againstTarget })) {
          const branch = branchOf(sampleId(names.size + 1))
          workOn(repository, branch, root, work)
          ids.push(yield* finish(names.size + 1, [], { branch, evidence: { base: root as never } }))
          names.set(ids.at(-1)!, name)
        }
        const [tip, refs] = [plainGit(repository, "rev-parse", "HEAD"), plainGit(repository, "show-ref")]
        const told = yield* desk.forecast({ ids })
        assert.deepStrictEqual(yield* desk.forecast({ ids }), told)
        assert.deepStrictEqual([plainGit(repository, "rev-parse", "HEAD"), plainGit(repository, "show-ref")], [
          tip,
          refs
        ])
        assert.strictEqual(plainGit(repository, "status", "--porcelain"), "")

        const pairs = ids.flatMap((first, at) => ids.slice(at + 1).map((second) => [first, second] as const))
        const onto = ids.map((id) => ["main", id] as const)
        const heads = new Map(told.branches.map(({ head, id }) => [id, head] as const))
        const truth = plainMerges(
          repository,
          join(directory, "clone"),
          [...pairs, ...onto].map(([ours, theirs]) => [heads.get(ours) ?? told.target.tip, heads.get(theirs)!] as const)
        )
        const said = [
          ...pairs.map(([first, second]) => told.pairs.some((pair) => pair.first === first && pair.second === second)),
          ...ids.map((id) => told.branches.find((branch) => branch.id === id)?.onto === "conflict")
        ]
        const which = [...pairs, ...onto].map(([first, second]) =>
          `${names.get(first) ?? first} and ${names.get(second)}`
        )
        const of = (is: boolean, foreseen: boolean) =>
          which.filter((_, at) => truth[at] === is && said[at] === foreseen)
        const conflicts = truth.filter(Boolean).length
        yield* Console.log(
          `forecast: ${which.length} merges, ${conflicts} conflicts, recall ${of(true, true).length / conflicts}, `
            + `${of(false, true).length} false alarms ${of(false, true).join("; ")}`
        )
        assert.deepStrictEqual(of(true, false), [])
        assert.isAbove(conflicts, 15)
        assert.deepStrictEqual(
          told.branches.filter(({ onto }) => onto !== "clean").map(({ id, onto }) => [names.get(id), onto]),
          [["nothing at all", "empty"], ["what the target changes", "conflict"]]
        )
      })
    ))

  it.live("settles nothing by attributes and drivers of the repository", () =>
    atDesk(({ directory, finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const ran = join(directory, "ran")
        plainGit(repository, "config", "merge.mine.driver", `touch ${ran}; true`)
        plainGit(repository, "config", "merge.default", "mine")
        writeFileSync(join(repository, ".git", "info", "attributes"), "*.txt merge=union\n*.md merge=mine\n")
        const ids = [
          yield* finish(1, { "a.txt": "ours\n", "a.md": "ours\n" }),
          yield* finish(2, { "a.txt": "theirs\n", "a.md": "theirs\n" })
        ]
        assert.deepStrictEqual((yield* desk.forecast({ ids })).pairs.map(({ paths }) => paths), [["a.md", "a.txt"]])
        for (const strategy of ["merge", "squash", "rebase"] as const) {
          const { landed, left } = yield* desk.merge({ ids, strategy })
          assert.deepStrictEqual([landed.length, left.map(({ why }) => why)], [1, ["conflict"]])
          assert.include(left[0]!.conflicts!.map(({ text }) => text).join(""), "<<<<<<< ")
        }
        assert.isFalse(existsSync(ran))
      }), { ".gitattributes": "*.txt merge=union\n*.md merge=mine\n", "a.txt": "one\n", "a.md": lines(3) }))

  it.live("takes no lines of both sides for a file that attributes call binary, or not to be merged", () =>
    atDesk(({ directory, finish, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const side = (at: number) => lines(20, (line) => line === at ? `line ${line}, another` : `line ${line}`)
        const names = ["a.bin", "b.lock", "deep/c.dat", "plain.txt"]
        const edits = (at: number) => Object.fromEntries(names.map((name) => [name, side(at)]))
        const ids = [yield* finish(1, edits(2)), yield* finish(2, edits(18))]
        const apart = names.slice(0, 3)
        const heads = ids.map((id) => plainGit(repository, "rev-parse", `cp/${id}`).trim())
        assert.deepStrictEqual(plainMerges(repository, join(directory, "clone"), [[heads[0]!, heads[1]!]]), [true])
        assert.deepStrictEqual((yield* desk.forecast({ ids })).pairs.map(({ paths }) => paths), [apart])
        for (const strategy of ["merge", "squash", "rebase"] as const) {
          const { landed, left } = yield* desk.merge({ ids, strategy })
          assert.lengthOf(landed, 1)
          assert.deepStrictEqual(
            left.map(({ conflicts, why }) => [why, conflicts?.map(({ kind, path }) => [path, kind])]),
            [
              ["conflict", apart.map((path) => [path, "binary"])]
            ]
          )
        }
        // The same on both sides is nothing to merge.
        const same = yield* finish(3, { ...edits(2), "new.txt": "new\n" })
        assert.deepStrictEqual((yield* desk.merge({ ids: [ids[0]!, same] })).landed.length, 2)
        writeFileSync(join(repository, ".git", "info", "attributes"), "plain.txt -merge\n")
        assert.deepStrictEqual((yield* desk.forecast({ ids })).pairs.map(({ paths }) => paths), [names])
      }), {
      ".gitattributes": "*.bin binary\n[attr]whole -merge\n*.lock whole\n",
      "deep/.gitattributes": "c.* merge=binary\n",
      "a.bin": lines(20),
      "b.lock": lines(20),
      "deep/c.dat": lines(20),
      "plain.txt": lines(20)
    }))
})
