/**
 * When a host that nobody needs ends, and when not.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Ref, Stream, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { settle } from "../support/Time.ts"

const idle: PoolStatus = {
  store: "/project/.claude-pool",
  pool: "elsewhere",
  slots: [],
  tasks: { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 }
}

const drained: PoolStatus = {
  ...idle,
  holds: [{ cause: "drain", detail: "somebody has drained the pool", hint: "resume it", since: "2026-01-01T00:00:00Z" }]
}

const serving = Effect.fnUntraced(function*(first: PoolStatus, idleExit = "1m") {
  const status = yield* Ref.make(first)
  const events = yield* Queue.unbounded<PoolEvent>()
  const count = yield* SubscriptionRef.make(0)
  const found = yield* Ref.make(true)
  const serve = claudePoolIn({
    pool: {
      status: Ref.get(status),
      events: Stream.fromQueue(events),
      wait: () => Effect.succeed({ done: [], running: [], timed_out: false })
    },
    clients: { count, withdraw: Ref.set(found, false), announce: Ref.set(found, true) }
  })
  const fiber = yield* Effect.forkChild(serve("serve", "--until-idle", "--idle-exit", idleExit), {
    startImmediately: true
  })
  yield* settle
  return { status, events, count, fiber, found: Ref.get(found) }
})

describe("a host until it is idle", () => {
  it.effect("ends after its time, and not while somebody is there", () =>
    Effect.gen(function*() {
      const { count, fiber, found } = yield* serving(idle)
      yield* TestClock.adjust("69 seconds")
      yield* SubscriptionRef.set(count, 1)
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual([fiber.pollUnsafe(), yield* found], [undefined, true])
      yield* SubscriptionRef.set(count, 0)
      yield* TestClock.adjust("61 seconds")
      assert.deepStrictEqual([(yield* Fiber.join(fiber)).exitCode, yield* found], [0, false])
    }))

  it.effect("stays for whoever has found it in the moment in which it withdraws", () =>
    Effect.gen(function*() {
      const { count, fiber, found } = yield* serving(idle)
      yield* TestClock.adjust("70 seconds")
      assert.isFalse(yield* found)
      yield* SubscriptionRef.set(count, 1)
      yield* TestClock.adjust("1 minute")
      assert.deepStrictEqual([fiber.pollUnsafe(), yield* found], [undefined, true])
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("waits for its first client, however soon it is to end", () =>
    Effect.gen(function*() {
      const { count, fiber, found } = yield* serving(idle, "1ms")
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual([fiber.pollUnsafe(), yield* found], [undefined, true])
      yield* SubscriptionRef.set(count, 1)
      yield* SubscriptionRef.set(count, 0)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).exitCode, 0)
    }))

  it.effect("stays drained, until work is taken in again", () =>
    Effect.gen(function*() {
      const { events, fiber, found, status } = yield* serving(drained)
      yield* TestClock.adjust("3 hours")
      assert.deepStrictEqual([fiber.pollUnsafe(), yield* found], [undefined, true])
      yield* Ref.set(status, idle)
      yield* Queue.offer(events, PoolEvent.cases.Lifted.make({ cause: "drain" }))
      yield* settle
      yield* TestClock.adjust("61 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).exitCode, 0)
    }))
})
