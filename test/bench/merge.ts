/**
 * The merge desk against plain `git merge`: twelve branches that do not conflict, over a repository of 2,000 files. The
 * desk also looks whether each line is there, and touches no checkout; git writes the files of one.
 */
import { NodeServices } from "@effect/platform-node"
import { Duration, Effect } from "effect"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { MergeDesk } from "../../src/services/MergeDesk.ts"
import { atDesk, lines } from "../support/Landings.ts"
import { type Files, plainGit } from "../support/Repositories.ts"
import type { Figure } from "./Figure.ts"

const branches = 12
const fileCount = 2000
const nameOf = (file: number) => `src/${file % 40}/${file}.txt`

const files: Files = Object.fromEntries(
  Array.from({ length: fileCount }, (_, file) => [nameOf(file), lines(100, (line) => `${file}: line ${line}`)])
)

/** Three files of its own, and a line of one that all of them change. */
const editsOf = (branch: number) =>
  Object.fromEntries(
    [0, branch * 3, branch * 3 + 1, branch * 3 + 2].map((file) => [
      nameOf(file),
      lines(100, (line) => line === branch * 8 ? `${file}: branch ${branch}` : `${file}: line ${line}`)
    ])
  )

const millis = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.timed(effect), ([took, value]) => [Duration.toMillis(took), value] as const)

export const mergeFigures = atDesk(({ directory, finish, repository }) =>
  Effect.gen(function*() {
    const desk = yield* MergeDesk
    const ids = yield* Effect.forEach(
      Array.from({ length: branches }, (_, at) => at + 1),
      (number) => finish(number, editsOf(number))
    )
    const clone = join(directory, "clone")
    plainGit(directory, "clone", "-q", repository, clone)
    for (const id of ids) plainGit(clone, "branch", `cp/${id}`, `origin/cp/${id}`)
    const [plain] = yield* millis(Effect.sync(() => {
      for (const id of ids) plainGit(clone, "merge", "-q", "--no-edit", `cp/${id}`)
    }))
    const [foreseen] = yield* millis(desk.forecast({ ids }))
    const times: Array<readonly [string, number]> = []
    for (const strategy of ["merge", "squash", "rebase"] as const) {
      const [took, { after, landed }] = yield* millis(desk.merge({ ids, strategy }))
      const same = execFileSync("git", ["rev-parse", `${after}^{tree}`], { cwd: repository, encoding: "utf8" })
        === plainGit(clone, "rev-parse", "HEAD^{tree}")
      if (landed.length !== branches || !same) return yield* Effect.die(`${strategy}: ${landed.length} landed`)
      times.push([strategy, took / branches])
    }
    const baseline = { name: "git merge", value: plain / branches }
    const figures: ReadonlyArray<Figure> = [
      ...times.map(([strategy, value]) => ({
        name: `merge desk: a branch of ${branches}, ${strategy}, ${fileCount} files`,
        value,
        unit: "ms",
        baseline
      })),
      { name: `merge desk: forecast of ${branches} branches`, value: foreseen, unit: "ms" }
    ]
    return figures
  }), files).pipe(Effect.provide(NodeServices.layer))
