/**
 * Work that is run again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { FanOutItem } from "../../src/domain/FanOut.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, groupView, sampleGroup, sampleId } from "../support/SampleViews.ts"

const results = [doneView("a", { index: 0 }), doneView("b", { index: 1 })]

/** What is run again is over at once. */
const ending: Partial<Pool["Service"]> = {
  wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
  group: () => Effect.succeed(groupView()),
  items: () => Effect.succeed({ items: results, total: 2 }),
  output: (id) => Effect.succeed({ id, offset: 0, total: 9, text: `answer ${id}` })
}

describe("claude-pool retry", () => {
  const retried = { id: sampleGroup, rerun: 1, kept: 1 }

  it.effect("runs again what is not done, and prints what came of all of it", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<unknown>()
      const pool: Partial<Pool["Service"]> = {
        ...ending,
        retry: (...given) => Effect.as(Deferred.succeed(asked, given), retried)
      }
      const told = yield* claudePoolIn({ pool })("retry", sampleGroup, "--budget-usd", "5")
      assert.deepStrictEqual(yield* Deferred.await(asked), [sampleGroup, { budget: fromUsd(5) }])
      assert.deepStrictEqual([told.exitCode, told.modes], [0, ["batch"]])
      assert.match(told.stdout, /^ITEM /)
      assert.match(told.stderr, /^1 to be run again, 1 kept as they are\n/)
      const json = yield* claudePoolIn({ pool })("retry", sampleGroup, "--json")
      assert.deepStrictEqual(JSON.parse(json.stdout), { ...groupView(), results, rerun: 1, kept: 1 })
    }))

  it.effect("gives a group another list", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ReadonlyArray<FanOutItem>>()
      const pool: Partial<Pool["Service"]> = {
        refan: (_, items) => Effect.as(Deferred.succeed(asked, items), retried)
      }
      const told = yield* claudePoolIn({ pool, stdin: "x\ny" })(
        "retry",
        sampleGroup,
        "say {item}",
        "--over",
        "-",
        "--detach"
      )
      assert.deepStrictEqual((yield* Deferred.await(asked)).map(({ prompt }) => prompt), ["say x", "say y"])
      assert.deepStrictEqual([told.stdout, told.modes], [sampleGroup, ["accept"]])

      const task = yield* claudePoolIn({ stdin: "x" })("retry", sampleId("a"), "{item}", "--over", "-")
      assert.match(task.stderr, /^error: only a group has items/)
      assert.strictEqual(task.exitCode, 2)
    }))

  it.effect("prints the answer of a task", () =>
    Effect.gen(function*() {
      const pool: Partial<Pool["Service"]> = {
        ...ending,
        retry: () => Effect.succeed({ id: sampleId("a"), rerun: 1, kept: 0 }),
        result: () => Effect.succeed(doneView("a"))
      }
      assert.strictEqual(
        (yield* claudePoolIn({ pool })("retry", sampleId("a"))).stdout,
        `answer ${sampleId("a")}`
      )
    }))
})
