/**
 * What the provider, the model and the limits do to a task on the real CLI: each a typed failure, an exit code and the
 * true cost, or no failure at all where trying again helps.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ApiReply, cutStream, malformed, refusal, status, stopped, text, toolUse } from "../support/ApiReply.ts"
import { RealPool } from "../support/RealPool.ts"

const sonnet = "claude-sonnet-5-5"

interface Expected {
  readonly code: number
  readonly failure: string
  readonly attempts?: number
}

/** A task that fails, and how. Attempts are left to the rules unless `flags` say otherwise. */
const fails = (name: string, replies: ReadonlyArray<ApiReply>, flags: ReadonlyArray<string>, expected: Expected) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make(replies)
      const { code, task } = yield* pool.task(["do it", ...flags])
      assert.deepStrictEqual(
        { code, state: task.state, failure: task.error?.code, attempts: task.attempts },
        { attempts: 1, ...expected, state: "failed" }
      )
      assert.isNotEmpty(task.error?.message)
      assert.isNotEmpty(task.error?.hint)
    }))

const recovers = (name: string, replies: ReadonlyArray<ApiReply>, attempts: number) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make(replies)
      const { code, task } = yield* pool.task(["do it"])
      assert.deepStrictEqual(
        { code, state: task.state, output: task.output, attempts: task.attempts },
        { code: 0, state: "done", output: "after all", attempts }
      )
    }))

const once = ["--max-attempts", "1"]

describe("a provider that refuses", () => {
  fails("401", [status(401)], [], { code: 6, failure: "NotLoggedIn" })
  fails("403", [status(403)], [], { code: 6, failure: "NotLoggedIn" })
  fails("402", [status(402)], [], { code: 4, failure: "BillingStopped" })
  fails("400", [status(400)], [], { code: 1, failure: "RequestRejected" })
  fails("an empty account", [status(400, { message: "Your credit balance is too low to access the API" })], [], {
    code: 4,
    failure: "BillingStopped"
  })
  fails(
    "a prompt that is too long",
    [status(400, { message: "prompt is too long: 250000 tokens > 200000 maximum" })],
    [],
    {
      code: 1,
      failure: "RequestRejected"
    }
  )
  fails("an unknown model", [status(404)], ["--model", "claude-nobody-1"], { code: 1, failure: "UnknownModel" })
  fails("429, for good", [status(429, { retryAfter: 1 })], once, { code: 4, failure: "UsageLimited" })
  fails("429, until later than the CLI waits", [status(429, { retryAfter: 400 })], once, {
    code: 4,
    failure: "UsageLimited"
  })
})

describe("a provider in trouble", () => {
  fails("529, for good", [status(529)], once, { code: 1, failure: "ProviderFailed" })
  fails("500, for good", [status(500)], once, { code: 1, failure: "ProviderFailed" })
  fails("answers that are none", [malformed], once, { code: 1, failure: "ProviderFailed" })
  fails("streams that are cut, for good", [cutStream], once, { code: 1, failure: "ProviderFailed" })

  it.live("nobody listens", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make()
      const { code, task } = yield* pool.task(["do it", ...once], { env: { ANTHROPIC_BASE_URL: "http://127.0.0.1:9" } })
      assert.deepStrictEqual({ code, failure: task.error?.code }, { code: 1, failure: "ProviderFailed" })
    }))

  recovers("500 once: the CLI tries again", [status(500), text("after all")], 1)
  recovers("500 twice: the pool tries again", [status(500), status(500), text("after all")], 2)
  recovers("429 with a short wait", [status(429, { retryAfter: 1 }), text("after all")], 1)
  recovers("a stream that is cut once", [cutStream, text("after all")], 1)

  it.live("529, with a fallback model", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make(({ body }) => body.model === sonnet ? status(529) : text("from the other one"))
      const { code, task } = yield* pool.task(["do it", "--model", sonnet, "--fallback-model", "claude-haiku-5-5"])
      assert.deepStrictEqual({ code, output: task.output }, { code: 0, output: "from the other one" })
      assert.strictEqual(pool.api.main.at(-1)?.body.model, "claude-haiku-5-5")
    }))
})

describe("a model that does not do it", () => {
  fails("refusal", [refusal], [], { code: 1, failure: "ModelRefused" })
  fails("turns without end", [toolUse("Glob", { pattern: "*" })], ["--max-turns", "2"], {
    code: 1,
    failure: "MaxTurnsReached"
  })

  it.live("words in place of a value, twice", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("I would rather talk")])
      const schema = pool.write(
        "schema.json",
        JSON.stringify({ type: "object", properties: { a: { type: "string" } } })
      )
      const { code, task } = yield* pool.task(["value, please", "--schema", schema])
      assert.deepStrictEqual(
        { code, failure: task.error?.code, attempts: task.attempts },
        { code: 1, failure: "SchemaMismatch", attempts: 2 }
      )
      // The failed attempts were paid for, too.
      assert.isAbove(task.cost_usd, 0)
    }))

  it.live("an answer that was cut at its limit goes on", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([stopped("max_tokens", "half"), text("whole")])
      const { code, task } = yield* pool.task(["a lot"])
      assert.strictEqual(code, 0)
      assert.include(task.output, "whole")
    }))
})

describe("a budget", () => {
  it.live("is kept, and what was spent is on record", () =>
    Effect.gen(function*() {
      const tokens = { inputTokens: 1000, outputTokens: 100 }
      const pool = yield* RealPool.make([toolUse("Glob", { pattern: "*" }, tokens)])
      const { code, task } = yield* pool.task(["spend", "--budget-usd", "0.001", "--model", sonnet])
      assert.deepStrictEqual({ code, failure: task.error?.code }, { code: 3, failure: "BudgetExceeded" })
      assert.strictEqual(task.cost_usd, 0.003)
      assert.strictEqual(pool.api.main.length, 1)
      const { stdout } = yield* pool.run(["status", "--json"])
      assert.strictEqual(JSON.parse(stdout).budget.spent_usd, 0.003)
    }))
})
