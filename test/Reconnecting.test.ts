/**
 * A pool in a process that dies: what is asked again, what is not, and that nothing is handed in twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { PoolLost } from "../src/domain/EnvironmentFailure.ts"
import { fail } from "../src/domain/Failure.ts"
import { KeyConflict } from "../src/domain/RequestFailure.ts"
import { Pool } from "../src/services/Pool.ts"
import { makeReconnecting } from "../src/services/pool/Reconnecting.ts"
import { doneView, queuedView, sampleId } from "./support/SampleViews.ts"

const lost = fail(new PoolLost({ pid: 1, detail: "gone" }))

interface Ways {
  readonly hasEnded?: boolean
  readonly wasOpen?: boolean
  readonly atOnce?: boolean
}

/** One process after the other, and what each of them answers; all but the last one die of the first call. */
const after = Effect.fnUntraced(function*(lives: ReadonlyArray<Partial<Pool["Service"]>>, ways: Ways = {}) {
  const { atOnce = true, hasEnded = false, wasOpen = true } = ways
  const count = yield* Ref.make(0)
  const dead = yield* Ref.make(0)
  const connect = Effect.gen(function*() {
    const at = yield* Ref.getAndUpdate(count, (now) => now + 1)
    const pool = yield* Effect.provide(Pool, Layer.mock(Pool, lives[Math.min(at, lives.length - 1)] ?? {}))
    return {
      pool,
      isLost: Effect.map(Ref.get(dead), (deaths) => at < deaths),
      wasOpen: Effect.succeed(wasOpen)
    }
  })
  const pool = yield* makeReconnecting({
    connect,
    find: Effect.succeed(null),
    hasEnded: Effect.succeed(hasEnded),
    key: Effect.succeed("own"),
    atOnce
  })
  const dies = Effect.andThen(Ref.update(dead, (deaths) => deaths + 1), lost)
  return { pool, dies, connections: Ref.get(count) }
})

/** As before, where what a process answers may be its death. */
const mortal = Effect.fnUntraced(function*(
  livesOf: (dies: Effect.Effect<never, typeof lost>) => ReadonlyArray<Partial<Pool["Service"]>>,
  ways?: Ways
) {
  const death = yield* Ref.make<Effect.Effect<never, typeof lost>>(lost)
  const made = yield* after(livesOf(Effect.flatten(Ref.get(death))), ways)
  yield* Ref.set(death, made.dies)
  return made
})

const view = doneView("a")

describe("a pool whose process dies", () => {
  it.effect("is asked again what can be asked twice", () =>
    Effect.gen(function*() {
      const { connections, pool } = yield* mortal((dies) => [
        { result: () => dies },
        { result: () => Effect.succeed(view) }
      ])
      assert.deepStrictEqual(yield* pool.result(sampleId("a")), view)
      assert.strictEqual(yield* connections, 2)
    }).pipe(Effect.scoped))

  it.effect("is not asked again what may have been heard, but has a new process for the next call", () =>
    Effect.gen(function*() {
      const { connections, pool } = yield* mortal((dies) => [
        { reject: () => dies },
        { reject: () => Effect.succeed(view) }
      ])
      const { reason } = yield* Effect.flip(pool.reject(sampleId("a"), "no"))
      assert.strictEqual(reason._tag, "PoolLost")
      assert.include(reason.message, "whether it has heard this call is unknown")
      assert.include(reason.hint, "before you ask again, see whether it was done: `claude-pool list`")
      assert.deepStrictEqual(yield* pool.reject(sampleId("a"), "no"), view)
      assert.strictEqual(yield* connections, 2)
    }).pipe(Effect.scoped))

  it.effect("is asked again anything that was never heard", () =>
    Effect.gen(function*() {
      const { pool } = yield* mortal(
        (dies) => [{ reject: () => dies }, { reject: () => Effect.succeed(view) }],
        { wasOpen: false, hasEnded: true }
      )
      assert.deepStrictEqual(yield* pool.reject(sampleId("a"), "no"), view)
    }).pipe(Effect.scoped))

  it.effect("is not replaced for calls that it cut off because it was to end", () =>
    Effect.gen(function*() {
      const { connections, pool } = yield* mortal((dies) => [{ result: () => dies }], { hasEnded: true })
      assert.strictEqual((yield* Effect.flip(pool.result(sampleId("a")))).reason._tag, "PoolLost")
      assert.strictEqual(yield* connections, 1)
    }).pipe(Effect.scoped))

  it.effect("names what was waited for, so that it can be waited for again", () =>
    Effect.gen(function*() {
      const ids = [sampleId("a"), sampleId("b")]
      const { pool } = yield* mortal((dies) => [{ wait: () => dies }], { hasEnded: true })
      const { reason } = yield* Effect.flip(pool.wait({ ids, mode: "all", timeout: Duration.minutes(1) }))
      assert.include(reason.hint, `\`claude-pool wait ${ids.join(" ")}\` goes on with it`)
      assert.notInclude(reason.message, "unknown")
      const { pool: running } = yield* mortal(
        (dies) => [{ submit: () => Effect.succeed(queuedView("a")), wait: () => dies }],
        {
          hasEnded: true
        }
      )
      const { reason: cut } = yield* Effect.flip(running.run({ prompt: "a" }))
      assert.include(cut.hint, `\`claude-pool wait ${ids[0]}\``)
    }).pipe(Effect.scoped))

  it.effect("is given up after a few times", () =>
    Effect.gen(function*() {
      const { connections, pool } = yield* mortal((dies) => Array.from({ length: 20 }, () => ({ result: () => dies })))
      assert.strictEqual((yield* Effect.flip(pool.result(sampleId("a")))).reason._tag, "PoolLost")
      assert.strictEqual(yield* connections, 5)
    }).pipe(Effect.scoped))

  it.effect("is handed in the same work twice as one, by a key, whatever it takes it for by then", () =>
    Effect.gen(function*() {
      const keys: Array<string | undefined> = []
      const { pool } = yield* mortal((dies) => [
        {
          submit: ({ key }) => {
            keys.push(key)
            return dies
          }
        },
        {
          submit: ({ key }) => {
            keys.push(key)
            return fail(new KeyConflict({ key: "own", id: view.id }))
          },
          result: () => Effect.succeed(view)
        }
      ])
      assert.deepStrictEqual(yield* pool.submit({ prompt: "a" }), view)
      assert.deepStrictEqual(keys, ["own", "own"])
      // The caller's own key is the caller's own trouble.
      const { reason } = yield* Effect.flip(pool.submit({ prompt: "b", key: "theirs" }))
      assert.deepStrictEqual([reason._tag, keys.at(-1)], ["KeyConflict", "theirs"])
    }).pipe(Effect.scoped))

  it.effect("is waited for no longer than was said, in all", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const reply = { done: [], running: [sampleId("a")], timed_out: true }
      const { pool } = yield* mortal((dies) => [
        {
          wait: ({ timeout }) =>
            Effect.andThen(Effect.sync(() => asked.push(Duration.toSeconds(timeout))), Effect.delay(dies, "40 seconds"))
        },
        { wait: ({ timeout }) => Effect.as(Effect.sync(() => asked.push(Duration.toSeconds(timeout))), reply) }
      ])
      const waiting = yield* Effect.forkChild(
        pool.wait({ ids: [sampleId("a")], mode: "all", timeout: Duration.minutes(1) }),
        { startImmediately: true }
      )
      yield* TestClock.adjust("40 seconds")
      assert.deepStrictEqual(yield* Fiber.join(waiting), reply)
      assert.deepStrictEqual(asked, [60, 20])
    }).pipe(Effect.scoped))

  it.effect("is there before the first call where it is to be, and else with it", () =>
    Effect.gen(function*() {
      const life = { result: () => Effect.succeed(view) }
      assert.strictEqual(yield* (yield* after([life])).connections, 1)
      const { connections, pool } = yield* after([life], { atOnce: false })
      assert.strictEqual(yield* connections, 0)
      const calls = Effect.all([pool.result(sampleId("a")), pool.result(sampleId("a"))], { concurrency: "unbounded" })
      assert.deepStrictEqual(yield* calls, [view, view])
      assert.strictEqual(yield* connections, 1)
    }).pipe(Effect.scoped))

  it.effect("is not waited for by whoever does not want to any more, and left behind by nobody", () =>
    Effect.gen(function*() {
      const left = yield* Ref.make(0)
      const connect = Effect.andThen(
        Effect.addFinalizer(() => Ref.update(left, (now) => now + 1)),
        Effect.never
      )
      const ways = { connect, find: Effect.succeed(null), hasEnded: Effect.succeed(false), key: Effect.succeed("own") }
      const making = yield* Effect.forkChild(makeReconnecting({ ...ways, atOnce: true }), { startImmediately: true })
      yield* Fiber.interrupt(making)
      const pool = yield* makeReconnecting({ ...ways, atOnce: false })
      const calls = yield* Effect.forEach(
        [1, 2],
        () => Effect.forkChild(pool.result(sampleId("a")), { startImmediately: true })
      )
      yield* Fiber.interruptAll(calls.toReversed())
      assert.strictEqual(yield* Ref.get(left), 2)
    }).pipe(Effect.scoped))
})
