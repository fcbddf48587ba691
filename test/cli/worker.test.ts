/**
 * A worker that runs the command itself: it is refused what decides about its own work, and reaches no pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleChain, sampleId } from "../support/SampleViews.ts"

const refused: ReadonlyArray<ReadonlyArray<string>> = [
  ["approve", sampleId("a")],
  ["reject", sampleId("a"), "--feedback", "x"],
  ["retry", sampleId("a")],
  ["chain", "resume", sampleChain],
  ["chain", "resume", sampleChain, "--detach"],
  ["context", "set", "key", "value"],
  ["context", "delete", "key"],
  ["message", "send", "all", "text"],
  ["message", "read"],
  ["message", "list"],
  ["slots", "set", "slot-1", "--role", "x"],
  ["scale", "8"],
  ["drain"],
  ["resume"],
  ["prune"]
]

describe("inside a worker", () => {
  for (const argv of refused) {
    it.effect(`there is no \`claude-pool ${argv.join(" ")}\``, () =>
      Effect.gen(function*() {
        const told = yield* claudePoolIn({ machine: { isWorker: true } })(...argv)
        assert.match(told.stderr, /^error: a worker cannot .*\nhint: leave it to the person/)
        assert.deepStrictEqual([told.stdout, told.exitCode, told.modes], ["", 2, []])
      }))
  }

  it.effect("the shared context may be looked at", () =>
    Effect.gen(function*() {
      const worker = claudePoolIn({ machine: { isWorker: true }, pool: { listContext: () => Effect.succeed([]) } })
      assert.strictEqual((yield* worker("context", "list")).exitCode, 0)
    }))
})
