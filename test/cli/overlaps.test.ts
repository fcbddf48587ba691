/**
 * What of live branches overlaps, as status says it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { OverlapView } from "../../src/domain/Overlap.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const overlap: OverlapView = {
  first: sampleId("a"),
  second: sampleId("b"),
  first_slot: "slot-2",
  second_slot: "slot-5",
  path: "src/a.ts",
  lines: { from: 40, to: 70 }
}

const status = (overlaps: ReadonlyArray<OverlapView>): PoolStatus => ({
  store: "/project/.claude-pool",
  pool: "here",
  slots: [],
  tasks: { queued: 0, running: 2, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 },
  overlaps
})

const told = (overlaps: ReadonlyArray<OverlapView>, ...more: ReadonlyArray<string>) =>
  Effect.map(
    claudePoolIn({ pool: { status: Effect.succeed(status(overlaps)) } })("status", ...more),
    ({ stdout }) => stdout
  )

describe("overlapping work", () => {
  it.effect("stands in status with its slots, or with its tasks where they are in none", () =>
    Effect.gen(function*() {
      const { first_slot: _, lines: __, ...reviewed } = overlap
      const text = yield* told([overlap, { ...reviewed, path: "b\u001b[2J.bin" }])
      assert.deepStrictEqual(text.trimEnd().split("\n").slice(-3), [
        "OVERLAPS",
        "slot-2 and slot-5 both change src/a.ts 40–70",
        `${overlap.first} and slot-5 both change b.bin`
      ])
      assert.deepStrictEqual(JSON.parse(yield* told([overlap], "--json")), status([overlap]))
    }))

  it.effect("is counted where there is much of it", () =>
    Effect.gen(function*() {
      const many = Array.from({ length: 12 }, (_, at) => ({ ...overlap, path: `src/${at}.ts` }))
      const text = yield* told(many)
      assert.match(text, /src\/9\.ts 40–70\nand 2 more: `claude-pool status --json` has all of them$/m)
      assert.notInclude(text, "src/10.ts")
    }))
})
