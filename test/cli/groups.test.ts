/**
 * Groups and chains with the commands that tasks have, too.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { ListOptions } from "../../src/domain/CallOptions.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import {
  chainView,
  doneView,
  failedView,
  groupView,
  sampleChain,
  sampleGroup,
  sampleId
} from "../support/SampleViews.ts"

describe("claude-pool list of groups and chains", () => {
  it.effect("is a line for each, and goes on where the page ended", () =>
    Effect.gen(function*() {
      const group = groupView({ name: "review", counts: { ...groupView().counts, done: 1, failed: 1 } })
      const chain = chainView({
        state: "failed",
        failed_step: "build",
        error: { code: "Stalled", message: "no sign", hint: "", retryable: true }
      })
      const listing = claudePoolIn({
        pool: {
          groups: (page) => {
            assert.deepStrictEqual(page, { limit: 1, cursor: "there" })
            return Effect.succeed({ groups: [group], next_cursor: "here" })
          },
          chains: () => Effect.succeed({ chains: [chain] })
        }
      })
      const groups = yield* listing("list", "--groups", "--limit", "1", "--cursor", "there")
      assert.deepStrictEqual(groups.stdout.split("\n"), [
        "ID                  STATE  DONE    TIME  COST     ABOUT",
        `${sampleGroup}  done   1 of 2  20s   $0.0246  review`
      ])
      assert.strictEqual(groups.stderr, "--cursor here goes on")
      const chains = yield* listing("list", "--chains")
      assert.deepStrictEqual(chains.stdout.split("\n"), [
        "ID                  STATE   DONE    TIME  COST     ABOUT",
        `${sampleChain}  failed  2 of 2  8s    $0.0200  step build: no sign`
      ])
      assert.deepStrictEqual(JSON.parse((yield* listing("list", "--chains", "--json")).stdout), { chains: [chain] })
    }))

  it.effect("finds the tasks of one of them", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ListOptions>()
      yield* claudePoolIn({
        pool: { list: (options) => Effect.as(Deferred.succeed(asked, options), { tasks: [], total: 0 }) }
      })("list", "--group", sampleGroup, "--state", "failed", "--order", "ended")
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        limit: 50,
        order: "ended",
        states: ["failed"],
        tag: sampleGroup
      })
    }))
})

describe("groups and chains", () => {
  it.effect("are waited for like tasks, and exit as the first that is not done", () =>
    Effect.gen(function*() {
      const group = groupView({ state: "failed", counts: { ...groupView().counts, done: 1, failed: 1 } })
      const reply = { done: [doneView("a")], groups: [group], chains: [chainView()], running: [], timed_out: false }
      const wait = claudePoolIn({
        pool: {
          wait: () => Effect.succeed(reply),
          items: () => Effect.succeed({ items: [doneView("x"), failedView("y", "UsageLimited")], total: 2 })
        }
      })
      const told = yield* wait("wait", sampleChain, sampleGroup, sampleId("a"))
      assert.strictEqual(told.exitCode, 4)
      assert.deepStrictEqual(told.stdout.split("\n").filter((line) => line.startsWith("ID")), [
        "ID                  STATE  TIME   COST     ABOUT",
        "ID                  STATE   DONE    TIME  COST     ABOUT",
        "ID                  STATE  DONE    TIME  COST     ABOUT"
      ])
      assert.strictEqual((yield* wait("wait", sampleChain)).exitCode, 0)
    }))

  it.effect("are shown by their parts", () =>
    Effect.gen(function*() {
      const items = [doneView("a", { index: 0 })]
      const looking = claudePoolIn({
        pool: {
          group: () => Effect.succeed(groupView({ reducer: sampleId("r") })),
          items: () => Effect.succeed({ items, total: 1 }),
          chain: () => Effect.succeed(chainView()),
          output: (id) => Effect.succeed({ id, offset: 0, total: 6, text: "answer" })
        }
      })
      const group = yield* looking("result", sampleGroup)
      assert.match(group.stdout, /^ITEM .*\n0 +t_a+ +done /)
      assert.match((yield* looking("result", sampleChain)).stdout, /^STEP .*\nplan +done /)
      assert.strictEqual((yield* looking("output", sampleGroup)).stdout, "answer")
      assert.deepStrictEqual(JSON.parse((yield* looking("result", sampleGroup, "--json")).stdout), {
        ...groupView({ reducer: sampleId("r") }),
        results: items,
        output: "answer"
      })
    }))

  it.effect("are cancelled like tasks", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: { cancel: (ids) => Effect.succeed({ cancelled: ids, already_finished: [] }) }
      })("cancel", sampleGroup, sampleChain)
      assert.strictEqual(told.stdout, `${sampleGroup} cancelled\n${sampleChain} cancelled`)
    }))
})
