/**
 * `claude-pool metrics`: figures in columns, as JSON, and as Prometheus reads them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { MetricsReply, MetricsRow } from "../../src/domain/Metrics.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"

const row = (key: string, more: Partial<MetricsRow> = {}): MetricsRow => ({
  key,
  tasks: 2,
  done: 1,
  failed: 1,
  cancelled: 0,
  attempts: 3,
  cost_usd: 1.5,
  input_tokens: 1234567,
  output_tokens: 9999,
  cache_read_tokens: 45_600,
  cache_write_tokens: 0,
  turns: 12,
  worker_s: 3725.4,
  ...more
})

const reply: MetricsReply = {
  by: "model",
  rows: [row("claude-opus-5-5"), row("a \"quoted\"\u001b[2J\nname", { cost_usd: 12.25 })],
  total: row("all", { cost_usd: 13.75, cost_exact: false })
}

const asked: Array<unknown> = []
const pool = {
  metrics: (options: unknown) => Effect.sync(() => (asked.push(options), reply))
}

describe("claude-pool metrics", () => {
  it.effect("shows a row for each model, and the total", () =>
    Effect.gen(function*() {
      asked.length = 0
      const { modes, stdout } = yield* claudePoolIn({ pool, machine: { columns: 200 } })(
        "metrics",
        "--by",
        "model",
        "--since",
        "2026-11-01"
      )
      assert.deepStrictEqual(asked, [{ by: "model", since: "2026-11-01T00:00:00.000Z" }])
      assert.deepStrictEqual(modes, ["reader"])
      const lines = stdout.split("\n")
      assert.lengthOf(lines, 4)
      assert.match(lines[0]!, /^model +cost +tasks +done .* time$/)
      assert.match(lines[1]!, /^claude-opus-5-5 +\$1\.50 +2 +1 +1 +0 +3 +12 +1\.23M +9999 +45\.6k +0 +1h2m5s$/)
      assert.match(lines[2]!, /^a "quoted" name +\$12\.25 /)
      assert.match(lines[3]!, /^total +≥\$13\.75 /)
      assert.strictEqual(new Set(lines.map((line) => line.length)).size, 1)
    }))

  it.effect("prints one of both, JSON or what Prometheus reads", () =>
    Effect.gen(function*() {
      const { exitCode, stdout } = yield* claudePoolIn({ pool })("metrics", "--json", "--prometheus")
      assert.strictEqual(exitCode, 2)
      assert.include(JSON.parse(stdout).error.message, "--prometheus and --json")
    }))

  it.effect("prints what the pool says as JSON, and as Prometheus reads it", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePoolIn({ pool })("metrics", "--by", "model", "--json")
      assert.deepStrictEqual(JSON.parse(stdout), reply)
      const { stdout: exposed } = yield* claudePoolIn({ pool })("metrics", "--by", "model", "--prometheus")
      const lines = exposed.split("\n")
      assert.include(lines, "# TYPE claude_pool_cost_usd gauge")
      assert.include(lines, "claude_pool_cost_usd{model=\"claude-opus-5-5\"} 1.5")
      assert.include(lines, "claude_pool_cost_usd{model=\"a \\\"quoted\\\" name\"} 12.25")
      assert.isTrue(lines.every((line) => line.startsWith("# ") || /^\w+\{.*\} [\d.]+$/.test(line)))
    }))

  it.effect("goes back a span of time from now, and refuses what is neither that nor a day", () =>
    Effect.gen(function*() {
      asked.length = 0
      yield* claudePoolIn({ pool })("metrics", "--since", "12h")
      assert.deepStrictEqual(asked, [{ by: "all", since: "1969-12-31T12:00:00.000Z" }])
      const { exitCode, stderr } = yield* claudePoolIn({})("metrics", "--since", "last week")
      assert.strictEqual(exitCode, 2)
      assert.include(stderr, "hint: write it as 12h, 7d or 2026-11-01")
    }))
})
