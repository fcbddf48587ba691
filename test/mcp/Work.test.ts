/**
 * The tools that hand out more than one task, look at it, and decide on results: what they ask of the pool and what they
 * answer.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import type { AutoOptions, WaitOptions } from "../../src/domain/CallOptions.ts"
import type { ChainRequest } from "../../src/domain/ChainDefinition.ts"
import { ChainId } from "../../src/domain/ChainId.ts"
import { fail } from "../../src/domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../../src/domain/FanOut.ts"
import { GroupId } from "../../src/domain/GroupId.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { ReviewOutdated } from "../../src/domain/RequestFailure.ts"
import type { TaskRequest } from "../../src/domain/TaskRequest.ts"
import { makeRegistry } from "../../src/mcp/ToolRegistry.ts"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import { answerOf, chainView, doneTask, groupView, queuedTask, taskId, textOf } from "./ScriptedPool.ts"

const [a, b] = [taskId(1), taskId(2)]
const group = GroupId.make("g_0000000000000001")
const chain = ChainId.make("c_0000000000000001")
const hash = "a".repeat(64)

const nothing = { done: [], running: [], timed_out: true }

describe("pool_fan_out", () => {
  it.effect("hands out every prompt with the options of all, and does not wait unless it is asked to", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<readonly [ReadonlyArray<FanOutItem>, FanOutOptions | undefined]>()
      const waited = yield* Deferred.make<WaitOptions>()
      const reply = yield* answerOf(
        {
          fanOut: (items, options) => Effect.as(Deferred.succeed(asked, [items, options]), groupView(group)),
          wait: (options) => Effect.as(Deferred.succeed(waited, options), { ...nothing, running: [group] }),
          group: (id) => Effect.succeed(groupView(id)),
          items: () => Effect.succeed({ items: [queuedTask(a), queuedTask(b)], total: 2 })
        },
        "pool_fan_out",
        {
          prompts: ["x", "y"],
          combine: "sum {outcomes}",
          on_fail: "fail-fast",
          concurrency: 2,
          model: "haiku",
          budget_usd: 0.5
        }
      )
      assert.deepStrictEqual(yield* Deferred.await(asked), [
        [{ prompt: "x" }, { prompt: "y" }],
        {
          defaults: { model: "haiku", budget: fromUsd(0.5) },
          onFailure: "fail-fast",
          concurrency: 2,
          reduce: { model: "haiku", budget: fromUsd(0.5), prompt: "sum {outcomes}" }
        }
      ])
      assert.deepStrictEqual(yield* Deferred.await(waited), { ids: [group], mode: "all", timeout: Duration.zero })
      assert.deepStrictEqual(reply.structuredContent, {
        id: group,
        state: "running",
        items: 3,
        done: 1,
        failed: 1,
        cost_usd: 0.02,
        s: 3,
        tasks: [a, b]
      })
    }))

  it.effect("shows the results of a group that has ended in time, in order", () =>
    Effect.gen(function*() {
      const ended = groupView(group, { state: "done", summary: "all of it" })
      const reply = yield* answerOf(
        {
          fanOut: () => Effect.succeed(groupView(group)),
          wait: () => Effect.succeed({ done: [], groups: [ended], running: [], timed_out: false }),
          items: () => Effect.succeed({ items: [doneTask(b), doneTask(a)], total: 2 })
        },
        "pool_fan_out",
        { prompts: ["x", "y"], wait_s: 30 }
      )
      const { results, state, summary, unseen } = reply.structuredContent as {
        readonly results: ReadonlyArray<{ readonly id: string }>
        readonly [key: string]: unknown
      }
      assert.deepStrictEqual([state, summary, unseen], ["done", "all of it", undefined])
      assert.deepStrictEqual(results.map(({ id }) => id), [b, a])
    }))

  it.effect("refuses more prompts than it takes", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf({}, "pool_fan_out", { prompts: Array.from({ length: 65 }, () => "x") })
      assert.match(textOf(reply), /^\[INVALID_REQUEST\].*prompts: must be 1 to 64 prompts/)
    }))
})

describe("a chain", () => {
  const steps = [{ prompt: "plan it", name: "plan", schema: { type: "object" } }, {
    prompt: "do {steps.plan.output}",
    model: "opus",
    on_fail: "continue"
  }]

  it.effect("is handed in step by step, with names for those that have none", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ChainRequest>()
      const reply = yield* answerOf(
        { submitChain: (request) => Effect.as(Deferred.succeed(asked, request), chainView(chain)) },
        "pool_submit_chain",
        { steps, cwd: "/w", permissions: "read-only" }
      )
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        definition: {
          defaults: { permissions: "read-only" },
          steps: [
            { prompt: "plan it", name: "plan", schema: { type: "object" } },
            { prompt: "do {steps.plan.output}", name: "step-2", model: "opus", onFailure: "continue" }
          ]
        },
        cwd: "/w"
      })
      assert.deepStrictEqual(reply.structuredContent, { id: chain, state: "running", steps: 2 })
    }))

  it.effect("is told as far as it is when the wait ends first", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        {
          submitChain: () => Effect.succeed(chainView(chain)),
          wait: () => Effect.succeed({ ...nothing, running: [chain] }),
          chain: (id) => Effect.succeed(chainView(id))
        },
        "pool_chain",
        { steps, wait_s: 1 }
      )
      assert.deepStrictEqual(reply.structuredContent, {
        id: chain,
        state: "running",
        step: 1,
        of: 2,
        steps: [{ name: "plan", state: "done", summary: "the plan in lines" }, { name: "do", state: "running" }],
        cost_usd: 0.01,
        s: 3
      })
    }))

  it.effect("is shown by its id, with what ended it", () =>
    Effect.gen(function*() {
      const error = { code: "CheckFailed", message: "ls\u001b[2J failed", hint: "", retryable: false }
      const reply = yield* answerOf(
        { chain: (id) => Effect.succeed(chainView(id, { state: "failed", error, failed_step: "do" })) },
        "pool_chain_result",
        { id: chain }
      )
      assert.deepInclude(reply.structuredContent, {
        state: "failed",
        error: {
          code: "CheckFailed",
          message: "ls failed",
          hint: "read the output of the check, and let a worker mend what it found"
        }
      })
    }))
})

describe("pool_auto", () => {
  it.effect("says what it chose, why, and who decided", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<AutoOptions | undefined>()
      const reply = yield* answerOf(
        {
          auto: (_prompt, options) =>
            Effect.as(Deferred.succeed(asked, options), {
              id: group,
              route: {
                route: "parallel",
                reason: "three files\nare named",
                confidence: 0.9,
                decided_by: "rules",
                prompts: ["x", "y", "z"],
                cost_usd: 0
              }
            })
        },
        "pool_auto",
        { prompt: "review a, b and c", max_parallel: 4, prefer: "parallel", cwd: "/w" }
      )
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        options: { cwd: "/w" },
        hints: { prefer: "parallel", maxParallel: 4 }
      })
      assert.deepStrictEqual(reply.structuredContent, {
        id: group,
        route: "parallel",
        reason: "three files are named",
        decided_by: "rules",
        parts: 3,
        cost_usd: 0
      })
    }))
})

describe("a review", () => {
  it.effect("is asked for with the task", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<TaskRequest>()
      yield* answerOf(
        { submit: (request) => Effect.as(Deferred.succeed(asked, request), queuedTask(a)) },
        "pool_submit_with_review",
        { prompt: "x", criteria: "has tests" }
      )
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        prompt: "x",
        review: { maxRejections: 3, criteria: "has tests" }
      })
    }))

  it.effect("is what pool_wait tells of, with the hash that an approval names", () =>
    Effect.gen(function*() {
      const waiting = doneTask(a, { state: "review", review: { hash, rejections: 1, max_rejections: 3 } })
      const reply = yield* answerOf(
        { wait: () => Effect.succeed({ done: [], review: [waiting], running: [], timed_out: false }) },
        "pool_wait",
        { ids: [chain] }
      )
      const { review } = reply.structuredContent as { readonly review: ReadonlyArray<Record<string, unknown>> }
      assert.deepInclude(review[0], { id: a, state: "review", review: { hash, rejections: 1 } })
    }))

  it.effect("ends with an approval of what was seen, and not of anything else", () =>
    Effect.gen(function*() {
      const approved = yield* answerOf(
        { approve: (id, options) => Effect.succeed(doneTask(id, { summary: options?.hash ?? "" })) },
        "pool_approve_result",
        { id: a, hash }
      )
      assert.deepStrictEqual(approved.structuredContent, { id: a, state: "done" })
      const refused = yield* answerOf(
        { approve: (id) => Effect.fail(fail(new ReviewOutdated({ id, seen: hash, now: "b".repeat(64) }))) },
        "pool_approve_result",
        { id: a, hash }
      )
      assert.match(textOf(refused), /^\[REVIEW_OUTDATED\] The result has changed since it was seen\. Next: pool_result/)
    }))

  it.effect("goes back with feedback", () =>
    Effect.gen(function*() {
      const heard = yield* Deferred.make<string>()
      const reply = yield* answerOf(
        { reject: (id, feedback) => Effect.as(Deferred.succeed(heard, feedback), queuedTask(id)) },
        "pool_reject_result",
        { id: a, feedback: "no tests" }
      )
      assert.strictEqual(yield* Deferred.await(heard), "no tests")
      assert.deepStrictEqual(reply.structuredContent, { id: a, state: "queued" })
    }))
})

describe("pool_cancel", () => {
  it.effect("stops groups and chains too", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        { cancel: (ids) => Effect.succeed({ cancelled: [...ids], already_finished: [] }) },
        "pool_cancel",
        { ids: [group, chain, a] }
      )
      assert.deepStrictEqual(reply.structuredContent, { cancelled: [group, chain, a], already_finished: [] })
    }))
})

describe("the sets of tools", () => {
  const offered = (...sets: Parameters<typeof poolTools>[0]) =>
    makeRegistry(poolTools(sets)).tools.map(({ name }) => name)

  it("are offered as they are asked for", () => {
    assert.deepStrictEqual(offered("context", "messages", "context"), ["pool_context", "pool_message"])
    assert.notInclude(offered("default"), "pool_message")
  })
})
