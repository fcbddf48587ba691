/**
 * What goes to a collector, by the built program, and what does not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { connect, createServer, type Socket } from "node:net"
import * as OtlpTelemetry from "../src/layers/OtlpTelemetry.ts"
import { otlpSpan } from "../src/layers/telemetry/OtlpSpan.ts"
import { inherited, tracesItself, tracingVariables } from "../src/services/claude/Environment.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { Collector } from "./support/Collector.ts"
import { SimulatedPool } from "./support/SimulatedPool.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

const secret = "x y=z"

/** What comes over the wire comes in a later turn of the event loop, whatever the clock says. */
const turn = Effect.callback<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** A port on which nobody listens, and nobody can begin to: the near end of a connection has it. */
const takenPort = Effect.gen(function*() {
  const server = yield* Effect.acquireRelease(
    Effect.sync(() => createServer()),
    (one) => Effect.sync(() => one.close())
  )
  const far = yield* Effect.callback<number>((resume) => {
    server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as { readonly port: number }).port)))
  })
  const near = yield* Effect.acquireRelease(
    Effect.callback<Socket>((resume) => {
      const socket = connect(far, "127.0.0.1", () => resume(Effect.succeed(socket)))
    }),
    (one) => Effect.sync(() => one.destroy())
  )
  return near.localPort
})

const run = Effect.fnUntraced(function*(argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) {
  const pool = yield* SimulatedPool.make("otlp-")
  const { ended } = yield* pool.start(["run", "keep this to yourself", ...argv], env)
  return yield* ended
})

describe("telemetry over OTLP", () => {
  it.live("sends the spans of a task and its numbers, with the headers of the user", () =>
    Effect.gen(function*() {
      const collector = yield* Collector.make()
      const { end, stderr } = yield* run(["--otlp", `${collector.url}/`], {
        OTEL_EXPORTER_OTLP_HEADERS: `api-key=${encodeURIComponent(secret)}, x-other = 1`
      })
      assert.strictEqual(end, 0, stderr)
      const [attempt, task, ...others] = collector.spans()
      assert.deepStrictEqual([attempt?.name, task?.name, others.length], ["invoke_agent claude", "task", 0])
      assert.deepStrictEqual([attempt!.traceId, attempt!.parentSpanId], [task!.traceId, task!.spanId])
      assert.match(attempt!.traceId, /^[0-9a-f]{32}$/)
      assert.match(attempt!.spanId, /^[0-9a-f]{16}$/)
      const names = new Set(collector.metrics().map(({ name }) => name))
      for (
        const name of [
          "claude_pool.attempts",
          "claude_pool.cost",
          "claude_pool.tokens",
          "claude_pool.tasks",
          "claude_pool.tasks.ended",
          "claude_pool.queue.length",
          "claude_pool.slots.busy",
          "gen_ai.client.operation.duration"
        ]
      ) {
        assert.isTrue(names.has(name), name)
      }
      for (const { body, headers } of collector.arrived) {
        assert.deepStrictEqual([headers["api-key"], headers["x-other"]], [secret, "1"])
        assert.notInclude(body, "keep this to yourself")
        assert.notInclude(body, "A real worker answers here")
        assert.isUndefined(headers["traceparent"])
      }
      assert.notInclude(stderr, secret)
    }).pipe(Effect.scoped))

  it.live("makes no connection where it is off, whatever the CLI's own telemetry is told", () =>
    Effect.gen(function*() {
      const collector = yield* Collector.make()
      const { end } = yield* run([], {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        CLAUDE_CODE_ENABLE_TELEMETRY: "1"
      })
      assert.deepStrictEqual([end, collector.connections()], [0, 0])
    }).pipe(Effect.scoped))

  it.effect("lets a pool end that has a collector which does not answer", () =>
    Effect.gen(function*() {
      const slow = yield* Collector.make({ hangs: true })
      const telemetry = OtlpTelemetry.layer({ url: slow.url, env: {}, workersTrace: false })
      const work = Effect.gen(function*() {
        const tasks = yield* Tasks
        const { id } = yield* tasks.submit({ prompt: "a" })
        return yield* tasks.ended(id)
      })
      const pool = yield* Effect.forkChild(Effect.provide(work, testPool({ telemetry })))
      yield* Effect.repeat(turn, { until: () => slow.arrived.length > 0 })
      yield* pass("3 seconds")
      assert.strictEqual((yield* Fiber.join(pool)).state._tag, "Done")
    }).pipe(Effect.scoped))

  // On a clock that stands still: the end of the pool waits for the answer, and not for so long at most.
  it.effect("takes a header that is no encoded text as it is written", () =>
    Effect.gen(function*() {
      const collector = yield* Collector.make()
      const env = { OTEL_EXPORTER_OTLP_HEADERS: "api-key=50%25,x-odd=a%ffb,x-open=100%" }
      const telemetry = OtlpTelemetry.layer({ url: collector.url, env, workersTrace: false })
      const work = Effect.gen(function*() {
        const tasks = yield* Tasks
        const { id } = yield* tasks.submit({ prompt: "a" })
        return yield* tasks.ended(id)
      })
      yield* Effect.provide(work, testPool({ telemetry }))
      const [arrived] = collector.arrived
      const sent = ["api-key", "x-odd", "x-open"].map((name) => arrived?.headers[name])
      assert.deepStrictEqual(sent, ["50%", "a%ffb", "100%"])
    }).pipe(Effect.scoped))

  it.live("says once that a collector is not there", () =>
    Effect.gen(function*() {
      const port = yield* takenPort
      const gone = yield* run(["--otlp", `http://127.0.0.1:${port}/?token=${secret}`])
      assert.strictEqual(gone.end, 0)
      assert.lengthOf(gone.stderr.match(/traces could not be sent/g) ?? [], 1)
      assert.notInclude(gone.stderr, secret)
    }).pipe(Effect.scoped))

  it.live("refuses an address that is none", () =>
    Effect.gen(function*() {
      const { end, stderr } = yield* run(["--otlp", "localhost:4318"])
      assert.strictEqual(end, 2)
      assert.include(stderr, "hint: write it as http://127.0.0.1:4318")
    }).pipe(Effect.scoped))

  it("ends no span before it began", () => {
    const span = otlpSpan({
      name: "task",
      traceId: "0",
      spanId: "1",
      parentId: null,
      isCall: false,
      startedAt: 1_760_000_000_123,
      endedAt: 1_760_000_000_000,
      attributes: {},
      error: "TimedOut"
    })
    assert.deepInclude(span, {
      startTimeUnixNano: "1760000000123000000",
      endTimeUnixNano: "1760000000123000000",
      parentSpanId: undefined
    })
    assert.deepStrictEqual(span.status, { code: 2, message: "TimedOut" })
  })
})

describe("what workers see of the CLI's telemetry", () => {
  const user = {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
    OTEL_TRACES_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=s",
    CLAUDE_CODE_SSE_PORT: "1",
    NPM_TOKEN: "s"
  }

  it("is what the user has said of it, where the user has turned it on", () => {
    assert.deepStrictEqual(Object.keys(inherited(user, tracingVariables(user))), Object.keys(user).slice(0, 4))
    const off = { ...user, CLAUDE_CODE_ENABLE_TELEMETRY: "0" }
    assert.deepStrictEqual([tracingVariables(off), tracesItself(off)], [[], false])
    assert.deepStrictEqual(inherited(user, []), {})
  })
})
