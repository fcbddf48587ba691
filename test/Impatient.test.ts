/**
 * A person who waits for a command: told at once of what only a person can mend, whether it holds already or comes while
 * the person waits; and patient with what passes by itself.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Duration, Effect, Fiber, Layer, Queue, Ref, Stream } from "effect"
import { TestClock } from "effect/testing"
import { CliUnusable, NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import type { Reason } from "../src/domain/Failure.ts"
import type { HoldCause, HoldView } from "../src/domain/Hold.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { PoolStatus } from "../src/domain/PoolView.ts"
import { Pool } from "../src/services/Pool.ts"
import { impatient } from "../src/services/pool/Impatient.ts"
import { doneView, sampleId } from "./support/SampleViews.ts"
import { settle } from "./support/Time.ts"

const at = (seconds: number): string => DateTime.formatIso(DateTime.makeUnsafe(seconds * 1000))

const hold = (cause: HoldCause, until = 60): HoldView => ({
  cause,
  detail: `${cause} is not there`,
  hint: "do something",
  since: at(0),
  until: at(until)
})

const status: PoolStatus = {
  store: "/s",
  pool: "elsewhere",
  slots: [],
  tasks: { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 }
}

const ids = [sampleId("a")]
const notYet = { done: [], running: ids, timed_out: true }
const all = { done: [doneView("a")], running: [], timed_out: false }

/** A pool with these holds, which may change, and one task, which ends when it is told to. */
const make = Effect.fnUntraced(function*(first: ReadonlyArray<HoldView>) {
  const holds = yield* Ref.make(first)
  const events = yield* Queue.unbounded<PoolEvent>()
  const end = yield* Deferred.make<void>()
  const handedIn = yield* Ref.make(0)
  const told: Array<string> = []
  const inner = yield* Effect.provide(
    Pool,
    Layer.mock(Pool, {
      status: Effect.map(Ref.get(holds), (now) => ({ ...status, holds: now })),
      events: Stream.fromQueue(events),
      run: () =>
        Effect.andThen(Ref.update(handedIn, (count) => count + 1), Effect.as(Deferred.await(end), doneView("a"))),
      wait: ({ timeout }) =>
        Effect.gen(function*() {
          if (yield* Deferred.isDone(end)) return all
          if (Duration.isZero(timeout)) return notYet
          return yield* Effect.as(Deferred.await(end), all)
        })
    })
  )
  const pool = impatient(inner, { binary: "claude", tell: (line) => Effect.sync(() => told.push(line)) })
  const hear = (event: PoolEvent) => Effect.andThen(Queue.offer(events, event), settle)
  return { pool, holds, hear, told, end: Deferred.succeed(end, undefined), handedIn: Ref.get(handedIn) }
})

const held = (cause: HoldCause) => PoolEvent.cases.Held.make({ cause, detail: "it is not there" })
const run = (pool: Pool["Service"]) =>
  Effect.tap(Effect.forkChild(pool.run({ prompt: "a" }), { startImmediately: true }), () => settle)
const wait = (pool: Pool["Service"]) => pool.wait({ ids, mode: "all", timeout: Duration.days(1) })

describe("a person who waits", () => {
  for (const [cause, code] of [["login", "NotLoggedIn"], ["config", "CliUnusable"]] as const) {
    it.effect(`is told at once of a ${cause} hold that is there already, and nothing is handed in`, () =>
      Effect.gen(function*() {
        const { handedIn, pool } = yield* make([hold(cause)])
        const { reason } = yield* Effect.flip(pool.run({ prompt: "a" }))
        assert.strictEqual(reason._tag, code)
        for (const part of [`${cause} is not there`, `tried again at ${at(60)}`, "claude-pool stop"]) {
          assert.include(reason.message, part)
        }
        assert.strictEqual((yield* Effect.flip(wait(pool))).reason._tag, code)
        assert.strictEqual(yield* handedIn, 0)
      }))

    it.effect(`is told of a ${cause} hold that is placed meanwhile`, () =>
      Effect.gen(function*() {
        const { hear, holds, pool } = yield* make([])
        const running = yield* run(pool)
        yield* Ref.set(holds, [hold(cause)])
        yield* hear(held(cause))
        assert.strictEqual((yield* Effect.flip(Fiber.join(running))).reason._tag, code)
      }))
  }

  it.effect("is told once what it is, in the words of the failure", () =>
    Effect.gen(function*() {
      const messageOf = (cause: HoldCause, reason: Reason) =>
        Effect.gen(function*() {
          const { pool } = yield* make([{ ...hold(cause), detail: reason.message }])
          return (yield* Effect.flip(pool.run({ prompt: "a" }))).message
        })
      const out = `; tried again at ${at(60)}, or at once by a new pool after \`claude-pool stop\``
      const login = new NotLoggedIn({ status: null, detail: "no key" })
      assert.strictEqual(yield* messageOf("login", login), `${login.message}${out}`)
      const cli = new CliUnusable({ binary: "claude", detail: "too old" })
      assert.strictEqual(yield* messageOf("config", cli), `${cli.message}${out}`)
    }))

  it.effect("has the work tried where its time has come, and is told where that was in vain", () =>
    Effect.gen(function*() {
      const { handedIn, hear, holds, pool } = yield* make([hold("login", 0)])
      const running = yield* run(pool)
      assert.strictEqual(yield* handedIn, 1)
      yield* Ref.set(holds, [{ ...hold("login", 0), probing: true }])
      yield* TestClock.adjust("10 seconds")
      assert.isUndefined(running.pollUnsafe())
      yield* Ref.set(holds, [hold("login", 60)])
      yield* hear(PoolEvent.cases.Requeued.make({ id: sampleId("a"), cause: "NotLoggedIn" }))
      assert.strictEqual((yield* Effect.flip(Fiber.join(running))).reason._tag, "NotLoggedIn")
    }))

  it.effect("waits for a usage limit, and is told so, once", () =>
    Effect.gen(function*() {
      const { end, hear, pool, told } = yield* make([hold("limit")])
      const running = yield* run(pool)
      yield* hear(held("limit"))
      yield* TestClock.adjust("30 seconds")
      assert.deepStrictEqual(told, [
        `nothing is started (limit): limit is not there; tried again at ${at(60)}\n  do something`
      ])
      yield* end
      assert.strictEqual((yield* Fiber.join(running)).state, "done")
    }))

  it.effect("has what has ended, whatever holds", () =>
    Effect.gen(function*() {
      const { end, pool } = yield* make([hold("login")])
      yield* end
      assert.deepStrictEqual(yield* wait(pool), all)
    }))
})
