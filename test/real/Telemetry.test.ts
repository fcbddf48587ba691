/**
 * The CLI's own spans are a part of the attempt's: it reads whose part they are from its environment when it starts, sends
 * them although the pool turns off its maker's telemetry, and so no spare is kept for such work.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { text } from "../support/ApiReply.ts"
import { Collector } from "../support/Collector.ts"
import { RealPool } from "../support/RealPool.ts"

const ofTheUser = (url: string) => ({
  CLAUDE_CODE_ENABLE_TELEMETRY: "1",
  CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
  OTEL_EXPORTER_OTLP_ENDPOINT: url
})

describe("the telemetry of a worker", () => {
  it.live("is joined to its attempt's, and is not there where the pool's is off", () =>
    Effect.gen(function*() {
      const collector = yield* Collector.make()
      const pool = yield* RealPool.make([text("hello")], { env: ofTheUser(collector.url) })
      const silent = yield* pool.task(["hello"])
      assert.deepStrictEqual([silent.code, collector.connections()], [0, 0])

      const { code, task } = yield* pool.task(["hello", "--otlp", collector.url])
      assert.strictEqual(code, 0)
      const spans = collector.spans()
      const named = (name: string) => spans.filter((span) => span.name === name)
      const [attempt] = named("invoke_agent claude")
      const [interaction] = named("claude_code.interaction")
      const [request] = named("claude_code.llm_request")
      assert.lengthOf(spans, 4)
      assert.deepStrictEqual(new Set(spans.map(({ traceId }) => traceId)), new Set([attempt!.traceId]))
      assert.strictEqual(interaction?.parentSpanId, attempt!.spanId)
      assert.strictEqual(request?.parentSpanId, interaction!.spanId)
      assert.include(JSON.stringify(attempt), task.id)
      const logs = collector.arrived.filter(({ path }) => path === "/v1/logs").map(({ body }) => body).join()
      assert.include(logs, attempt!.traceId)
    }).pipe(Effect.scoped))
})
