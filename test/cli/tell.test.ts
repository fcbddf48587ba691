/**
 * What workers are told beside their prompts: context and messages.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import type { ContextView, MessageView } from "../../src/domain/PoolView.ts"
import type { Recipient } from "../../src/domain/Recipient.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleGroup, sampleId } from "../support/SampleViews.ts"

const entry: ContextView = { scope: "pool", key: "style", value: "two spaces\n", set_at: "2026-01-01T00:00:00.000Z" }

describe("claude-pool context", () => {
  const setBy = (argv: ReadonlyArray<string>, world: Parameters<typeof claudePoolIn>[0] = {}) =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ReadonlyArray<string>>()
      const told = yield* claudePoolIn({
        ...world,
        pool: { setContext: (...given) => Effect.as(Deferred.succeed(asked, given), entry) }
      })("context", "set", ...argv)
      return { told, given: yield* Deferred.await(asked) }
    })

  it.effect("sets a value for all workers, or for those of one piece of work", () =>
    Effect.gen(function*() {
      const { given, told } = yield* setBy(["style", "two spaces"])
      assert.deepStrictEqual(given, ["pool", "style", "two spaces"])
      assert.deepStrictEqual([told.stdout, told.modes], ["style set for pool", ["intake"]])

      const files = { "/project/api.md": "# API\n" }
      assert.deepStrictEqual((yield* setBy(["api", "@api.md", "--scope", sampleGroup], { files })).given, [
        sampleGroup,
        "api",
        "# API"
      ])
      assert.deepStrictEqual((yield* setBy(["api", "-"], { stdin: "piped" })).given, ["pool", "api", "piped"])
    }))

  it.effect("prints one value, or a line for each", () =>
    Effect.gen(function*() {
      const looking = claudePoolIn({
        pool: {
          getContext: (_, key) => Effect.succeed(key === "style" ? entry : null),
          listContext: () => Effect.succeed([entry])
        }
      })
      assert.strictEqual((yield* looking("context", "get", "style")).stdout, "two spaces")
      assert.deepStrictEqual(JSON.parse((yield* looking("context", "get", "style", "--json")).stdout), entry)
      const listed = yield* looking("context", "list")
      assert.deepStrictEqual(listed.stdout.split("\n"), [
        "KEY    SET AT                    VALUE",
        "style  2026-01-01T00:00:00.000Z  two spaces"
      ])
      assert.deepStrictEqual(listed.modes, ["reader"])

      const missing = yield* looking("context", "get", "none")
      assert.strictEqual(missing.exitCode, 2)
      assert.include(missing.stderr, "error: there is no none in the context of pool\nhint: `claude-pool context list")
    }))

  it.effect("deletes a value, or says that there was none", () =>
    Effect.gen(function*() {
      const deleting = claudePoolIn({ pool: { deleteContext: (_, key) => Effect.succeed(key === "style") } })
      assert.strictEqual((yield* deleting("context", "delete", "style")).stdout, "style deleted")
      const none = yield* deleting("context", "delete", "none", "--json")
      assert.deepStrictEqual(JSON.parse(none.stdout), { scope: "pool", key: "none", deleted: false })
    }))
})

const message: MessageView = {
  seq: 12,
  from: sampleId("a"),
  to: "coordinator",
  text: "which\u001b[2J branch?",
  state: "waiting",
  sent_at: "2026-01-01T00:00:00.000Z",
  expires_at: "2026-01-02T00:00:00.000Z"
}

describe("claude-pool message", () => {
  it.effect("goes to a slot, to a role, to a task or to all", () =>
    Effect.gen(function*() {
      const recipients: ReadonlyArray<readonly [said: string, means: typeof Recipient.Encoded]> = [
        ["slot-2", { _tag: "Slot", slot: 2 }],
        ["role:reviewer", { _tag: "Role", role: "reviewer" }],
        [sampleId("a"), { _tag: "Task", task: sampleId("a") }],
        ["all", { _tag: "All" }]
      ]
      for (const [said, means] of recipients) {
        const told = yield* claudePoolIn({
          pool: {
            sendMessage: (to, text, options) => {
              assert.deepStrictEqual({ ...to }, means)
              assert.deepStrictEqual([text, options?.expiresAfter], ["hello", Duration.minutes(5)])
              return Effect.succeed([message])
            }
          }
        })("message", "send", said, "hello", "--expires-after", "5m")
        assert.strictEqual(told.exitCode, 0, told.stderr)
        assert.match(told.stdout, /^NUMBER .*\n12 +t_a+ +coordinator +waiting +which branch\?$/)
        assert.deepStrictEqual(told.modes, ["intake"])
      }
    }))

  it.effect("is read once, unless it is only peeked at", () =>
    Effect.gen(function*() {
      const reading = claudePoolIn({
        pool: { readMessages: ({ limit, peek }) => Effect.succeed(limit === 50 && peek === true ? [] : [message]) }
      })
      const told = yield* reading("message", "read")
      assert.strictEqual(told.stdout, `message 12 from ${sampleId("a")}, 2026-01-01T00:00:00.000Z\nwhich branch?`)
      assert.deepStrictEqual(told.modes, ["intake"])
      const peeked = yield* reading("message", "read", "--peek")
      assert.deepStrictEqual([peeked.stdout, peeked.stderr, peeked.modes], ["", "nothing new", ["reader"]])
      assert.strictEqual(peeked.printed, 0)
      assert.strictEqual((yield* reading("message", "read", "--peek", "--json")).stdout, "[]")
    }))

  it.effect("is listed with what has become of it", () =>
    Effect.gen(function*() {
      const listing = claudePoolIn({
        pool: {
          listMessages: (page) => {
            assert.deepStrictEqual(page, { since: 11, limit: 1 })
            return Effect.succeed([message])
          }
        }
      })
      const told = yield* listing("message", "list", "--since", "11", "--limit", "1")
      assert.match(told.stdout, /\n12 .* waiting /)
      assert.strictEqual(told.stderr, "--since 12 goes on")
      assert.deepStrictEqual(
        JSON.parse((yield* listing("message", "list", "--since", "11", "--limit", "1", "--json")).stdout),
        [message]
      )
    }))
})
