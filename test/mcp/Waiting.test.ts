/**
 * Calls that wait: how long, with which signs of life, and what becomes of the tasks when the call is taken back.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/sdk/client/index.js"
import type { Progress } from "@modelcontextprotocol/sdk/types.js"
import { DateTime, Deferred, Duration, Effect, Fiber, PubSub, Queue, Ref, Stream } from "effect"
import { TestClock } from "effect/testing"
import { zeroUsd } from "../../src/domain/MicroUsd.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import type { TaskId } from "../../src/domain/TaskId.ts"
import type { WorkId } from "../../src/domain/WorkId.ts"
import type { Call } from "../../src/mcp/Call.ts"
import { withHeartbeat } from "../../src/mcp/Heartbeat.ts"
import { callTool, connectClient, doneTask, queuedTask, scriptedPool, taskId } from "./ScriptedPool.ts"

const a = taskId(1)
const b = taskId(2)

const started = (id: TaskId, slot = 1) => PoolEvent.cases.Started.make({ id, attempt: 1, slot: SlotId.make(slot) })

const askedWait = (
  options: { readonly name?: string; readonly waitLimit?: Duration.Duration; readonly wait_s?: number }
) =>
  Effect.gen(function*() {
    const timeout = yield* Deferred.make<Duration.Duration>()
    const { client } = yield* connectClient({
      wait: (asked) => Effect.as(Deferred.succeed(timeout, asked.timeout), { done: [], running: [], timed_out: true })
    }, options)
    yield* callTool(client, "pool_wait", options.wait_s === undefined ? {} : { wait_s: options.wait_s })
    return Duration.toSeconds(yield* Deferred.await(timeout))
  }).pipe(Effect.scoped)

/** Calls a tool; interrupting it tells the server that the call is taken back. */
const start = (client: Client, name: string, args: Record<string, unknown>) =>
  Effect.promise((signal) => client.callTool({ name, arguments: args }, undefined, { signal })).pipe(Effect.forkChild)

/** Calls a tool whose wait never ends, gives the call up once it waits, and answers with what was cancelled. */
const giveUp = (name: string, args: Record<string, unknown>, how: "take back" | "go away") =>
  Effect.gen(function*() {
    const waiting = yield* Deferred.make<void>()
    const ended = yield* Deferred.make<void>()
    const cancelled = yield* Ref.make<ReadonlyArray<WorkId>>([])
    const { client } = yield* connectClient({
      submit: () => Effect.succeed(queuedTask(a)),
      wait: () =>
        Deferred.succeed(waiting, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
        ),
      cancel: (ids) => Effect.as(Ref.set(cancelled, ids), { cancelled: [...ids], already_finished: [] })
    })
    const call = yield* start(client, name, args)
    yield* Deferred.await(waiting)
    yield* how === "take back" ? Fiber.interrupt(call) : Effect.promise(() => client.close())
    yield* Deferred.await(ended)
    return cancelled
  }).pipe(Effect.scoped, Effect.flatMap(Ref.get))

const quietCall = (progress: Call["progress"]): Call => ({
  client: { name: "test", version: "1" },
  waitLimit: Duration.minutes(1),
  progress,
  ask: undefined,
  channel: undefined,
  isTakenBack: Effect.succeed(false),
  unseen: {
    first: Effect.succeed([]),
    besideRefusal: () => Effect.succeed([]),
    seq: Effect.succeed(0),
    show: () => Effect.void,
    showBetween: () => Effect.void,
    takeOverlaps: Effect.succeed([])
  },
  held: { look: Effect.succeed(false), take: Effect.succeed([]) }
})

/** A wait that ends when told, the lines that were sent during it, and a way to make news. */
const wait = Effect.gen(function*() {
  const news = yield* PubSub.unbounded<PoolEvent>()
  const lines = yield* Ref.make<ReadonlyArray<string>>([])
  const end = yield* Deferred.make<string>()
  const fiber = yield* Deferred.await(end).pipe(
    withHeartbeat(quietCall((line) => Ref.update(lines, (_) => [..._, line])), [a], "first"),
    Effect.provide(scriptedPool({ events: Stream.fromPubSub(news) })),
    Effect.forkChild
  )
  yield* TestClock.adjust(0)
  return { fiber, end, lines: Ref.get(lines), tell: (event: PoolEvent) => PubSub.publish(news, event) }
})

describe("the deadline", () => {
  it.effect("is what the client can bear, or sooner if it asks for less", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* askedWait({}), 45)
      assert.strictEqual(yield* askedWait({ wait_s: 5 }), 5)
      assert.strictEqual(yield* askedWait({ wait_s: 0 }), 0)
      assert.strictEqual(yield* askedWait({ wait_s: 600 }), 45)
      assert.strictEqual(yield* askedWait({ name: "claude-code" }), 1500)
      assert.strictEqual(yield* askedWait({ name: "claude-code", wait_s: 600 }), 600)
      assert.strictEqual(yield* askedWait({ name: "claude-code", waitLimit: Duration.minutes(4) }), 240)
      assert.strictEqual(yield* askedWait({ waitLimit: Duration.minutes(4), wait_s: 600 }), 240)
    }))
})

describe("a call that is taken back", () => {
  it.effect("takes its task with it if it is pool_run", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* giveUp("pool_run", { prompt: "x" }, "take back"), [a])
    }))

  it.effect("leaves the task alone if the client went away instead", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* giveUp("pool_run", { prompt: "x" }, "go away"), [])
    }))

  it.effect("ends only the wait if it is pool_wait", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* giveUp("pool_wait", { ids: [a] }, "take back"), [])
    }))

  it.effect("has its task cancelled even if that comes while the pool accepts it", () =>
    Effect.gen(function*() {
      const accepting = yield* Deferred.make<void>()
      const accepted = yield* Deferred.make<void>()
      const cancelled = yield* Deferred.make<ReadonlyArray<WorkId>>()
      const { client } = yield* connectClient({
        submit: () =>
          Deferred.succeed(accepting, undefined).pipe(
            Effect.andThen(Deferred.await(accepted)),
            Effect.as(queuedTask(a))
          ),
        wait: () => Effect.never,
        cancel: (ids) => Effect.as(Deferred.succeed(cancelled, ids), { cancelled: [...ids], already_finished: [] })
      })
      const call = yield* start(client, "pool_run", { prompt: "x" })
      yield* Deferred.await(accepting)
      yield* Fiber.interrupt(call)
      yield* Effect.promise(() => client.ping())
      yield* Deferred.succeed(accepted, undefined)
      assert.deepStrictEqual(yield* Deferred.await(cancelled), [a])
    }))
})

describe("signs of life", () => {
  it.effect("come at once and then every 15 seconds, when nothing happens", () =>
    Effect.gen(function*() {
      const { lines } = yield* wait
      assert.deepStrictEqual(yield* lines, ["first"])
      yield* TestClock.adjust("14 seconds")
      assert.deepStrictEqual(yield* lines, ["first"])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* lines, ["first", "first"])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* lines).length, 6)
    }))

  it.effect("tell what changes, of the tasks that are waited for, at most once a second", () =>
    Effect.gen(function*() {
      const { lines, tell } = yield* wait
      yield* TestClock.adjust("5 seconds")
      yield* tell(started(b))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* lines, ["first"])
      yield* tell(started(a))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* lines, ["first", `${a} running on slot-1`])
      for (const turns of [1, 2, 3]) {
        yield* tell(PoolEvent.cases.Progressed.make({
          id: a,
          progress: {
            phase: "running-tool",
            tool: "Re\u001b[2Jad",
            turns,
            outputTokens: 0,
            cost: zeroUsd,
            lastEventAt: DateTime.makeUnsafe(0)
          }
        }))
      }
      yield* TestClock.adjust("999 millis")
      assert.strictEqual((yield* lines).length, 2)
      yield* TestClock.adjust("1 milli")
      assert.deepStrictEqual((yield* lines).slice(2), [`${a} Read, 3 turns, $0.00`])
    }))

  it.effect("tell of an overlap where one of its tasks is waited for, with a path that cannot steer", () =>
    Effect.gen(function*() {
      const { lines, tell } = yield* wait
      const overlapped = (first: TaskId, second: TaskId) =>
        PoolEvent.cases.Overlapped.make({ first, second, path: "src/\u001b[2Ja.ts", lines: { from: 4, to: 7 } })
      yield* TestClock.adjust("5 seconds")
      yield* tell(overlapped(b, taskId(3)))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(yield* lines, ["first"])
      yield* tell(overlapped(b, a))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual((yield* lines).slice(1), [`${b} and ${a} both change src/a.ts 4–7`])
    }))

  it.effect("stop with the wait", () =>
    Effect.gen(function*() {
      const { end, fiber, lines, tell } = yield* wait
      yield* Deferred.succeed(end, "done")
      assert.strictEqual(yield* Fiber.join(fiber), "done")
      yield* tell(started(a))
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(yield* lines, ["first"])
    }))

  it.effect("are counted upwards on the wire, and none comes after the reply", () =>
    Effect.gen(function*() {
      const news = yield* PubSub.unbounded<PoolEvent>()
      const seen = yield* Queue.unbounded<Progress>()
      const finished = yield* Deferred.make<void>()
      const { client } = yield* connectClient({
        events: Stream.fromPubSub(news),
        submit: () => Effect.succeed(queuedTask(a)),
        wait: () => Effect.as(Deferred.await(finished), { done: [doneTask(a)], running: [], timed_out: false })
      })
      const call = yield* Effect.promise(() =>
        client.callTool({ name: "pool_run", arguments: { prompt: "x" } }, undefined, {
          onprogress: (progress) => Queue.offerUnsafe(seen, progress)
        })
      ).pipe(Effect.forkChild)
      const first = yield* Queue.take(seen)
      assert.deepStrictEqual(first, { progress: 1, message: `${a} accepted` })
      yield* PubSub.publish(news, started(a))
      const ticking = yield* TestClock.adjust("1 second").pipe(
        Effect.andThen(Effect.yieldNow),
        Effect.forever,
        Effect.forkChild
      )
      const second = yield* Queue.take(seen)
      yield* Fiber.interrupt(ticking)
      assert.deepStrictEqual(second, { progress: 2, message: `${a} running on slot-1` })
      yield* Deferred.succeed(finished, undefined)
      yield* Fiber.join(call)
      yield* PubSub.publish(news, started(a, 2))
      yield* TestClock.adjust("1 hour")
      yield* Effect.promise(() => client.ping())
      assert.strictEqual(yield* Queue.size(seen), 0)
    }))

  it.effect("are not sent to a client that did not ask for them", () =>
    Effect.gen(function*() {
      const wait = withHeartbeat(quietCall(undefined), [a], "first")(Effect.succeed("done"))
      assert.strictEqual(yield* Effect.provide(wait, scriptedPool({})), "done")
    }))
})
