/**
 * Landings in repositories of other shapes, with checks that are never over, and with a merge that drops a line.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { branchOf, CommitId } from "../src/domain/Commit.ts"
import { mergeIdFrom } from "../src/domain/Merge.ts"
import { Git } from "../src/services/Git.ts"
import { makeCandidates } from "../src/services/merge/Candidates.ts"
import { makeLanding } from "../src/services/merge/Landing.ts"
import { MergeDesk } from "../src/services/MergeDesk.ts"
import { Store } from "../src/services/Store.ts"
import { atDesk, commitEdits, endless, finishedTask, lines, makeBranch } from "./support/Landings.ts"
import { plainGit } from "./support/Repositories.ts"
import { sampleId } from "./support/SampleTask.ts"

const standOf = (repository: string, name: string) => plainGit(repository, "rev-parse", name).trim()

describe("a landing", () => {
  it.live("works in a bare repository, and in a linked worktree as the user's checkout", () =>
    atDesk(({ directory, repository }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const store = yield* Store
        for (const number of [1, 2]) makeBranch(repository, branchOf(sampleId(number)), { [`${number}.txt`]: "x\n" })
        const bare = join(directory, "bare.git")
        plainGit(directory, "clone", "-q", "--bare", repository, bare)
        const one = (yield* store.accept(finishedTask(bare, 1, { options: { cwd: bare } }))).id
        const inBare = yield* desk.merge({ ids: [one], update: true, checks: ["test -e a.txt"] })
        assert.deepStrictEqual([inBare.landed.length, inBare.updated], [1, true])
        assert.strictEqual(standOf(bare, "main"), inBare.after)

        const linked = join(directory, "linked")
        plainGit(repository, "worktree", "add", "-q", "-b", "side", linked, "main")
        const two = (yield* store.accept(finishedTask(repository, 2, { options: { cwd: linked } }))).id
        const onMain = yield* desk.merge({ ids: [two], into: "main", update: true })
        assert.strictEqual(onMain.not_updated, `main is checked out in ${repository}`)
        const onSide = yield* desk.merge({ ids: [two], update: true })
        assert.deepInclude(onSide, { target: "side", updated: true })
        assert.deepStrictEqual([standOf(linked, "HEAD"), plainGit(linked, "status", "--porcelain")], [onSide.after, ""])
        assert.strictEqual(plainGit(linked, "show", "HEAD:2.txt"), "x\n")
        assert.strictEqual(plainGit(repository, "status", "--porcelain"), "")
      })
    ))

  it.live("leaves out what makes a check last for ever", () =>
    atDesk(({ finish }) =>
      Effect.gen(function*() {
        const desk = yield* MergeDesk
        const id = yield* finish(1, { "one.txt": "one\n" })
        const { reason } = yield* Effect.flip(desk.merge({ ids: [id], checks: [endless] }))
        assert.include(reason.message, `main is red before anything lands on it: \`${endless}\`, it was ended after 1m`)
      })
    ))

  it.live("does not land where a merge has dropped a line that the branch or the target added", () =>
    atDesk(({ finish, repository }) =>
      Effect.gen(function*() {
        const git = yield* Git
        const store = yield* Store
        const changed = (...at: ReadonlyArray<number>) =>
          lines(20, (line) => at.includes(line) ? `line ${line}, new` : `line ${line}`)
        const id = yield* finish(1, { "a.txt": changed(2) })
        const onto = CommitId.make(commitEdits(repository, { "a.txt": changed(18) }))
        const { candidates: [candidate] } = yield* makeCandidates(git, store).of([id])
        /** As if git's merge had this for its result. */
        const landing = Effect.fnUntraced(function*(text: string) {
          const made = commitEdits(repository, { "a.txt": text })
          const tree = standOf(repository, `${made}^{tree}`)
          plainGit(repository, "reset", "-q", "--hard", onto)
          const wrong = Git.of({
            ...git,
            run: (checkout, args, options) =>
              args[0] === "merge-tree"
                ? Effect.succeed({ exitCode: 0, stdout: `1\0${tree}\0\0`, bytes: 0 })
                : git.run(checkout, args, options)
          })
          const end = yield* Effect.forEach(["merge", "squash", "rebase"] as const, (strategy) =>
            makeLanding(wrong, { id: mergeIdFrom(new Uint8Array(16)), strategy })(candidate!, onto))
          return end.map((one) =>
            one._tag === "Landed" ? one._tag : `${one.left.why}: ${one.left.detail}`
          )
        })
        const said = (line: number) => `lost: lines would have vanished that were added: a.txt: "line ${line}, new"`
        const dropsOurs = yield* landing(changed(2))
        const dropsTheirs = yield* landing(changed(18).replace("line 10\n", "line 10\nnobody's\n"))
        const dropsNone = yield* landing(changed(2, 18))
        for (const one of dropsOurs) assert.strictEqual(one, said(18))
        for (const one of dropsTheirs) assert.strictEqual(one, said(2))
        assert.deepStrictEqual(dropsNone, ["Landed", "Landed", "Landed"])
      }), { "a.txt": lines(20) }))
})
