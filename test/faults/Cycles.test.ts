/**
 * Two thousand lives of workspaces, sixteen at once, with kills: nothing is lost, and nothing is left. `CYCLES` says another
 * number, `SEED` plays a run again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import process from "node:process"
import { cycles, inWords } from "./Cycles.ts"
import { seedOr } from "./Seed.ts"

const number = Number(process.env["CYCLES"] ?? 2000)

describe(`${number} workspaces, sixteen at once`, () => {
  it.live("lose no commit and no file, and leave no worktree", () =>
    Effect.gen(function*() {
      const report = yield* cycles({ seed: seedOr(5), cycles: number, atOnce: 16, repositories: 8 })
      yield* Console.log(inWords(report))
      assert.deepStrictEqual(report.problems, [], `SEED=${report.seed}`)
    }), 1_800_000)
})
