/**
 * Pools are killed, three hundred times, at drawn moments under load: tasks, groups, chains, reviews, cancellations. What
 * they have accepted, and what they have reported, is there afterwards all the same, and nothing is done twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { killLoop } from "./faults/KillLoop.ts"
import { seedOr } from "./faults/Seed.ts"

const kills = 300
/** Directories side by side, each with a pool of its own. */
const lanes = 6
const seed = seedOr(20_261)

describe("claude-pool mcp", () => {
  it.live(`loses nothing in ${kills} kills`, () =>
    Effect.gen(function*() {
      const reports = yield* Effect.forEach(
        Array.from({ length: lanes }, (_, lane) => seed + lane),
        (laneSeed) => killLoop({ seed: laneSeed, kills: kills / lanes }),
        { concurrency: 4 }
      )
      assert.deepStrictEqual(reports.flatMap((report) => report.problems.map((problem) => [report.seed, problem])), [])
      const sum = (of: (report: typeof reports[number]) => number) =>
        reports.reduce((total, report) => total + of(report), 0)
      assert.isAbove(sum(({ accepted }) => accepted), kills / 2)
      assert.isAbove(sum(({ told }) => told), kills / 8)
    }), 300_000)
})
