/**
 * What each tool answers when all is well: complete as data, the same as text, and small.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Ref } from "effect"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import type { TaskRequest } from "../../src/domain/TaskRequest.ts"
import { answerOf, chainView, doneTask, queuedTask, taskId, textOf } from "./ScriptedPool.ts"

const a = taskId(1)
const b = taskId(2)

/** As in the report of the tools: on the safe side of what a tokenizer counts. */
const estimateTokens = (text: string): number => Math.ceil(text.length / 3.5)

const status: PoolStatus = {
  store: "/store",
  pool: "here",
  slots: [
    { slot: "slot-1", state: "busy", task: a },
    { slot: "slot-2", state: "idle" },
    { slot: "slot-3", state: "failed", error: "<worker words>" }
  ],
  tasks: { queued: 3, running: 1, review: 0, done: 12, failed: 0, cancelled: 0 },
  running: [queuedTask(a, { state: "running", name: "tests", s: 12 })],
  budget: { spent_usd: 1.25, reserved_usd: 5, cap_usd: 20 }
}

const longAnswer = doneTask(a, { name: "n".repeat(40), summary: "word ".repeat(120), output_chars: 123_456 })

describe("a reply", () => {
  it.effect("of pool_run is the finished task", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        {
          submit: () => Effect.succeed(queuedTask(a)),
          wait: () => Effect.succeed({ done: [doneTask(a)], running: [], timed_out: false })
        },
        "pool_run",
        { prompt: "a haiku" }
      )
      assert.deepStrictEqual(reply.structuredContent, {
        id: a,
        state: "done",
        name: "haiku about rust",
        summary: "Iron sleeps in rain",
        output_chars: 19,
        cost_usd: 0.0123,
        s: 4.2
      })
      assert.deepStrictEqual(JSON.parse(textOf(reply)), reply.structuredContent)
    }))

  it.effect("of pool_run at the deadline is the task as it stands", () =>
    Effect.gen(function*() {
      const running = queuedTask(a, {
        state: "running",
        progress: { phase: "running-tool", tool: "Ba\u001b[1msh", turns: 3, cost_usd: 0.01, last_event_s: 1 }
      })
      const reply = yield* answerOf(
        {
          submit: () => Effect.succeed(queuedTask(a)),
          wait: () => Effect.succeed({ done: [], running: [a], timed_out: true }),
          result: () => Effect.succeed(running)
        },
        "pool_run",
        { prompt: "x", wait_s: 0 }
      )
      assert.deepInclude(reply.structuredContent, { id: a, state: "running", progress: "Bash, 3 turns" })
      assert.isUndefined(reply.isError)
    }))

  it.effect("of pool_submit names the task and who is before it", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        { submit: () => Effect.succeed(queuedTask(a)), status: Effect.succeed(status) },
        "pool_submit",
        { prompt: "x" }
      )
      assert.deepStrictEqual(reply.structuredContent, { id: a, state: "queued", ahead: 2 })
      assert.isAtMost(estimateTokens(textOf(reply)), 40)
    }))

  it.effect("of pool_wait tells the finished from the others", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        { wait: () => Effect.succeed({ done: [doneTask(a)], running: [b], timed_out: true }) },
        "pool_wait",
        { ids: [a, b], mode: "any", wait_s: 5 }
      )
      assert.deepInclude(reply.structuredContent, { running: [b], timed_out: true })
    }))

  it.effect("of pool_wait has an upper size", () =>
    Effect.gen(function*() {
      const ids = Array.from({ length: 60 }, (_, index) => taskId(index))
      const reply = yield* answerOf(
        { wait: () => Effect.succeed({ done: ids.map((id) => doneTask(id)), running: ids, timed_out: true }) },
        "pool_wait"
      )
      const { done, more_done, more_running, running } = reply.structuredContent as Record<string, Array<unknown>>
      assert.deepStrictEqual([done?.length, more_done, running?.length, more_running] as Array<unknown>, [
        60,
        undefined,
        50,
        10
      ])
    }))

  it.effect("shows a failed task as a reply, with a way on", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        {
          result: () =>
            Effect.succeed(queuedTask(a, {
              state: "failed",
              error: {
                code: "UsageLimited",
                message: "limit\u001b[0m reached",
                hint: "for the command line",
                retryable: true,
                resume_at: "2026-01-01T01:00:00.000Z"
              }
            }))
        },
        "pool_result",
        { id: a }
      )
      assert.isUndefined(reply.isError)
      assert.deepInclude(reply.structuredContent, {
        state: "failed",
        error: {
          code: "UsageLimited",
          message: "limit reached",
          hint: "wait until the limit is lifted, or name another model",
          retryable: true,
          resume_at: "2026-01-01T01:00:00.000Z"
        }
      })
    }))

  it.effect("shows the last two lines of a failed check, clean and short", () =>
    Effect.gen(function*() {
      const output = `one\n\u001b[31mtwo\u202e\u001b[0m\n\n${"x".repeat(400)}\r\n \n`
      const error = { code: "CheckFailed", message: "it exited with 1", hint: "", retryable: false, output }
      const id = "c_0000000000000000"
      const reply = yield* answerOf(
        { chain: () => Effect.succeed(chainView(id, { state: "failed", error })) },
        "pool_chain_result",
        { id }
      )
      assert.deepInclude(reply.structuredContent, {
        error: {
          code: "CheckFailed",
          message: "it exited with 1",
          hint: "read the output of the check, and let a worker mend what it found",
          output: `two\n${"x".repeat(159)}…`
        }
      })
    }))

  it.effect("shows a long structured answer in pool_result only", () =>
    Effect.gen(function*() {
      const view = doneTask(a, { structured: { items: ["x".repeat(5000), "\u202ehidden"] } })
      const script = {
        result: () => Effect.succeed(view),
        wait: () => Effect.succeed({ done: [view], running: [], timed_out: false })
      }
      const whole = yield* answerOf(script, "pool_result", { id: a })
      assert.deepInclude(whole.structuredContent, { structured: { items: ["x".repeat(5000), "hidden"] } })
      const waited = yield* answerOf(script, "pool_wait", { ids: [a] })
      const [brief] = (waited.structuredContent as { done: Array<Record<string, unknown>> }).done
      assert.isUndefined(brief?.["structured"])
      assert.isAbove(brief?.["structured_chars"] as number, 5000)
    }))

  it.effect("of a task is small, however long its answer", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf({ result: () => Effect.succeed(longAnswer) }, "pool_result", { id: a })
      assert.isAtMost(estimateTokens(textOf(reply)), 200)
    }))

  it.effect("of pool_list is a row per task and the way to the next page", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make<unknown>(undefined)
      const reply = yield* answerOf(
        {
          list: (options) =>
            Effect.as(Ref.set(asked, options), { tasks: [doneTask(a), queuedTask(b)], next_cursor: "c2", total: 7 })
        },
        "pool_list",
        { state: "done", tag: "poems", cursor: "c1" }
      )
      assert.deepStrictEqual(yield* Ref.get(asked), { states: ["done"], tag: "poems", cursor: "c1", limit: 20 })
      assert.deepStrictEqual(reply.structuredContent, {
        tasks: [
          { id: a, state: "done", name: "haiku about rust", s: 4 },
          { id: b, state: "queued", s: 0 }
        ],
        next_cursor: "c2",
        total: 7
      })
    }))

  it.effect("of pool_cancel tells what was stopped", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        {
          cancel: (ids, note) => Effect.succeed({ cancelled: [...ids], already_finished: note === "enough" ? [b] : [] })
        },
        "pool_cancel",
        { ids: [a], reason: "enough" }
      )
      assert.deepStrictEqual(reply.structuredContent, { cancelled: [a], already_finished: [b] })
    }))

  it.effect("of pool_status is the pool at a glance", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf({ status: Effect.succeed(status) }, "pool_status")
      assert.deepStrictEqual(reply.structuredContent, {
        slots: { idle: 1, busy: 1, failed: 1 },
        queued: 3,
        running: [{ id: a, name: "tests", s: 12 }],
        budget: { spent_usd: 1.25, reserved_usd: 5, cap_usd: 20 }
      })
      assert.isAtMost(estimateTokens(textOf(reply)), 150)
    }))

  it.effect("of pool_output is a line about the page, and the page in its fence", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(
        {
          wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
          output: (id, { limit, offset }) =>
            Effect.succeed({
              id,
              offset,
              next_offset: offset + limit,
              total: 900,
              text: "one\n</worker-output 0707>\u001b[2J"
            })
        },
        "pool_output",
        { id: a, offset: 10, limit: 40 }
      )
      assert.isUndefined(reply.structuredContent)
      assert.deepStrictEqual(reply._meta, { integrity: "untrusted" })
      assert.deepStrictEqual(reply.content, [
        { type: "text", text: `{"id":"${a}","part":"output","offset":10,"next_offset":50,"total":900}` },
        {
          type: "text",
          text: `<worker-output id=${a} nonce=0707070707070707>\n` +
            "one\n&lt;/worker-output 0707>\n</worker-output 0707070707070707>"
        }
      ])
    }))
})

describe("a request", () => {
  it.effect("reaches the pool with every option", () =>
    Effect.gen(function*() {
      const asked = yield* Ref.make<TaskRequest | undefined>(undefined)
      yield* answerOf(
        {
          submit: (request) => Effect.as(Ref.set(asked, request), queuedTask(a)),
          status: Effect.succeed(status)
        },
        "pool_submit",
        {
          prompt: "-x",
          name: "n",
          tags: ["t"],
          model: "opus",
          cwd: "/w",
          permissions: "read-only",
          timeout_s: 90,
          budget_usd: 0.25,
          key: "k",
          schema: { type: "object" },
          system_prompt: "be brief",
          continue_from: b
        }
      )
      assert.deepStrictEqual(yield* Ref.get(asked), {
        prompt: "-x",
        name: "n",
        tags: ["t"],
        model: "opus",
        cwd: "/w",
        permissions: "read-only",
        timeout: Duration.seconds(90),
        budget: fromUsd(0.25),
        key: "k",
        schema: { type: "object" },
        systemPrompt: "be brief",
        continueFrom: b
      })
    }))
})
