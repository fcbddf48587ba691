/**
 * A whole pool that is watched over: what becomes of the tasks of workers that hang, and what people see of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Schema } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { Vitals } from "../src/domain/Vitals.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Supervisor } from "../src/services/Supervisor.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { resting, ScriptedMachine } from "./support/ScriptedMachine.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

/** Asked at the beginning of time, and silent ever since. */
const silent: Vitals = {
  phase: "waiting-model",
  phaseSince: DateTime.makeUnsafe(0),
  lastEventAt: DateTime.makeUnsafe(0),
  tool: null,
  retryAt: null,
  session: null
}

const supervised = (machine: ScriptedMachine, slotMemory: number | null = null) =>
  Supervisor.layer({ stallAfter: Duration.minutes(15), slotMemory, minFreeMemory: 1e9, steps: [] }).pipe(
    Layer.provide(machine.layer)
  )

/** Hangs for the first so many times. */
const hangs = (times: number) => {
  let runs = 0
  return {
    run: () => Effect.suspend(() => ++runs <= times ? Effect.never : Effect.succeed(answer("at last"))),
    vitals: () => Effect.succeed(silent)
  }
}

describe("a pool that is watched over", () => {
  it.effect("tries the task of a worker again that hung, and keeps how it did", () =>
    Effect.gen(function*() {
      const machine = yield* ScriptedMachine.make
      yield* Effect.gen(function*() {
        const pool = yield* Pool
        const { id } = yield* pool.submit({ prompt: "a" })
        yield* pass("10 minutes", 200)
        assert.deepInclude(yield* pool.result(TaskId.make(id)), { state: "done", attempts: 2 })
        const [first] = yield* (yield* Store).attempts(TaskId.make(id))
        const { outcome } = first!
        assert.strictEqual(outcome._tag, "Failed")
        if (outcome._tag === "Failed") {
          assert.deepInclude(outcome.reason, { _tag: "Stalled", mode: "stream-stalled", phase: "waiting-model" })
        }
      }).pipe(Effect.provide(testPool({ script: hangs(1), supervisor: supervised(machine) })))
    }))

  it.effect("shows what is suspicious, the memory of its slots, and that of the machine", () =>
    Effect.gen(function*() {
      const machine = yield* ScriptedMachine.make
      yield* Effect.gen(function*() {
        const pool = yield* Pool
        yield* pool.submit({ prompt: "a" })
        yield* pass("2 minutes")
        const { free_memory_bytes, slots } = yield* pool.status
        assert.strictEqual(free_memory_bytes, 8e9)
        assert.deepStrictEqual(slots.map(({ rss_bytes }) => rss_bytes), [200e6, 200e6])
        const busy = slots.find(({ state }) => state === "busy")
        assert.match(busy?.suspicion ?? "", /^stream-stalled: no sign of life for .*waiting-model/)
        assert.deepStrictEqual(
          slots.flatMap(({ state, suspicion }) => state === "idle" && suspicion !== undefined ? [1] : []),
          []
        )
      }).pipe(Effect.provide(testPool({ script: hangs(1), supervisor: supervised(machine) })))
    }))

  it.effect("does not try a task again that used too much memory", () =>
    Effect.gen(function*() {
      const machine = yield* ScriptedMachine.make
      for (const marker of ["m1", "m2"]) machine.usage.set(marker, { ...resting, rssBytes: 3e9 })
      yield* Effect.gen(function*() {
        const pool = yield* Pool
        const { id } = yield* pool.submit({ prompt: "a" })
        yield* pass("1 minute")
        const view = yield* pool.result(TaskId.make(id))
        assert.deepInclude(view, { state: "failed", attempts: 1 })
        assert.strictEqual(view.error?.code, "MemoryExceeded")
      }).pipe(Effect.provide(testPool({ script: hangs(9), supervisor: supervised(machine, 2e9) })))
    }))

  it.effect("leaves workers alone that nobody watches over", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* pass("9 minutes")
      assert.deepInclude(yield* pool.result(TaskId.make(id)), { state: "running" })
      const { free_memory_bytes, slots } = yield* pool.status
      assert.isUndefined(free_memory_bytes)
      assert.isUndefined(slots[0]?.rss_bytes)
    }).pipe(Effect.provide(testPool({ script: hangs(1) }))))
})

describe("a stall", () => {
  const decode = Schema.decodeUnknownSync(Failure)

  it("of before there was more to go by can be read", () => {
    const { message, reason } = decode({
      _tag: "Failure",
      reason: { _tag: "Stalled", after: 900_000, phase: "running-tool" }
    })
    assert.deepInclude(reason, { mode: null, evidence: "" })
    assert.strictEqual(message, "no sign of life for 15m (running-tool); the worker was stopped")
  })

  it("says how, and what was seen", () => {
    const { message } = decode({
      _tag: "Failure",
      reason: { _tag: "Stalled", after: 335_000, phase: "waiting-model", mode: "stream-stalled", evidence: "no CPU" }
    })
    assert.strictEqual(
      message,
      "no sign of life for 5m 35s (waiting-model, stream-stalled): no CPU; the worker was stopped"
    )
  })
})
