/**
 * Results that wait for a review: how they are shown, approved and rejected.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { ApprovalOptions } from "../../src/domain/CallOptions.ts"
import { fail } from "../../src/domain/Failure.ts"
import { NotInReview, ReviewOutdated } from "../../src/domain/RequestFailure.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, queuedView, reviewedView, sampleChain, sampleId } from "../support/SampleViews.ts"

const id = sampleId("a")
const reviewed = reviewedView("a")
const { hash } = reviewed.review!
const answer = () => Effect.succeed({ id, offset: 0, total: 9, text: "the draft" })

describe("a task in review", () => {
  const looking = claudePoolIn({ pool: { result: () => Effect.succeed(reviewed), output: answer } })

  it.effect("is shown with its whole text, what a reviewer has to know, and how to go on", () =>
    Effect.gen(function*() {
      const told = yield* looking("result", id)
      assert.strictEqual(told.stdout, "the draft")
      assert.deepStrictEqual(told.stderr.split("\n"), [
        `${id} review · $0.0123 · 3 turns · 12.5s · sonnet`,
        `in review: rejected 1 of at most 3 times; hash ${hash}`,
        "criteria: no internal names",
        `\`claude-pool approve ${id} --hash ${hash}\` accepts this result`,
        `\`claude-pool reject ${id} --feedback "…"\` sends it back with what is wrong with it`
      ])
      assert.deepStrictEqual(JSON.parse((yield* looking("result", id, "--json")).stdout), {
        ...reviewed,
        output: "the draft"
      })
    }))

  it.effect("is told once where it may be sent back once", () =>
    Effect.gen(function*() {
      const once = reviewedView("a", { review: { hash, rejections: 0, max_rejections: 1 } })
      const told = yield* claudePoolIn({ pool: { result: () => Effect.succeed(once), output: answer } })("result", id)
      assert.include(told.stderr, "in review: rejected 0 of at most 1 time; hash")
    }))

  it.effect("has not failed, for whoever waited for it", () =>
    Effect.gen(function*() {
      const run = claudePoolIn({ pool: { run: () => Effect.succeed(reviewed), output: answer } })
      const told = yield* run("run", "x", "--review")
      assert.deepStrictEqual([told.exitCode, told.stdout], [0, "the draft"])
      assert.include(told.stderr, `approve ${id} --hash ${hash}`)

      const reply = { done: [], review: [reviewed], running: [id], timed_out: false }
      const waited = yield* claudePoolIn({ pool: { wait: () => Effect.succeed(reply) } })("wait", id)
      assert.strictEqual(waited.exitCode, 0)
      assert.match(waited.stdout, /^ID .*\nt_a+ +review/)
      assert.include(waited.stderr, `approve ${id} --hash ${hash}`)
    }))
})

describe("claude-pool approve", () => {
  const approvedBy = (...argv: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ApprovalOptions | undefined>()
      const told = yield* claudePoolIn({
        pool: {
          approve: (given, options) =>
            Effect.as(Deferred.succeed(asked, options), doneView("a", { id: given, part_of: sampleChain }))
        }
      })("approve", id, ...argv)
      return { told, options: yield* Deferred.await(asked) }
    })

  it.effect("binds to what was seen, and says what goes on now", () =>
    Effect.gen(function*() {
      const { options, told } = yield* approvedBy("--hash", hash, "--note", "fine")
      assert.deepStrictEqual(options, { hash, note: "fine" })
      assert.strictEqual(told.stdout, `${id} approved`)
      assert.strictEqual(told.stderr, `${sampleChain} goes on: \`claude-pool wait ${sampleChain}\` waits for it`)
      assert.deepStrictEqual([told.modes, told.exitCode], [["accept"], 0])
    }))

  it.effect("without a hash takes what is there, and says so", () =>
    Effect.gen(function*() {
      const { options, told } = yield* approvedBy()
      assert.deepStrictEqual(options, {})
      assert.include(told.stderr, "--hash binds the approval to the result that you have seen")
    }))

  it.effect("tells why not", () =>
    Effect.gen(function*() {
      for (
        const [reason, says] of [
          [new NotInReview({ id, state: "done" }), /is done and not in review/],
          [new ReviewOutdated({ id, seen: "a".repeat(64), now: "b".repeat(64) }), /is not the one that was seen/]
        ] as const
      ) {
        const told = yield* claudePoolIn({ pool: { approve: () => fail(reason) } })("approve", id)
        assert.match(told.stderr, says)
        assert.strictEqual(told.exitCode, 2)
      }
    }))
})

describe("claude-pool reject", () => {
  const rejectedBy = (argv: ReadonlyArray<string>, world: Parameters<typeof claudePoolIn>[0] = {}) =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<string>()
      const told = yield* claudePoolIn({
        ...world,
        pool: { reject: (_, feedback) => Effect.as(Deferred.succeed(asked, feedback), queuedView("a")) }
      })("reject", id, ...argv)
      return { told, feedback: yield* Deferred.await(asked) }
    })

  it.effect("takes what is wrong as a text, from a file, or from stdin", () =>
    Effect.gen(function*() {
      const { feedback, told } = yield* rejectedBy(["--feedback", "too long"])
      assert.strictEqual(feedback, "too long")
      assert.strictEqual(told.stdout, `${id} rejected`)
      assert.strictEqual(told.stderr, `it goes on with your feedback: \`claude-pool wait ${id}\` waits for it`)

      const files = { "/project/review.md": "- too long\n" }
      assert.strictEqual((yield* rejectedBy(["--feedback", "@review.md"], { files })).feedback, "- too long")
      assert.strictEqual((yield* rejectedBy(["--feedback", "-"], { stdin: "piped\n" })).feedback, "piped")
    }))

  it.effect("says when it was once too often", () =>
    Effect.gen(function*() {
      const failed = { ...doneView("a"), state: "failed" as const }
      const told = yield* claudePoolIn({ pool: { reject: () => Effect.succeed(failed) } })(
        "reject",
        id,
        "--feedback",
        "no"
      )
      assert.strictEqual(told.stderr, "failed: it was rejected once too often")
    }))
})
